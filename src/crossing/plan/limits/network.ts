/** The limits of EC2 that a function's connection to its VPC meets when it is deployed. Pure. */
import { interfaceKey, interfacesNeeded, usableAddresses, type FunctionNetwork } from '../facts/facts.ts'
import { formatDuration } from '../../load/duration.ts'
import type { LimitVerdict } from '../plan-data.ts'
import type { Simulated } from '../plan-order.ts'
import { origin } from './origin.ts'
import { CONNECTIONS_PER_INTERFACE, QUOTAS } from './quotas.ts'
import { CHECKS_PER_FUNCTION } from './vpc-connection.ts'

/** Interfaces are shared by all functions of an account with the same subnet and the same security groups, so they are counted by VPC. */
export function networkLimits(simulated: Simulated): readonly LimitVerdict[] {
  const vpcs = new Map<string, FunctionNetwork[]>()
  for (const { facts } of simulated.order.functions) {
    if (!facts.network) continue
    const key = `${facts.to.account}/${facts.network.vpcId}`
    vpcs.set(key, [...(vpcs.get(key) ?? []), facts.network])
  }
  return [...vpcs.values()]
    .flatMap((networks) => limitsOfVpc(networks, simulated))
    .map((row) => ({ ...row, ...whenMet(row, simulated) }))
}

/** Of a limit that leaves functions without their connection: from when on, and how many invocations it refuses. */
function whenMet(
  { kind, of, holds }: LimitVerdict,
  { unmet, limited }: Simulated,
): Pick<LimitVerdict, 'firstSecond' | 'refused' | 'whenDeployed'> {
  if (holds || !unmet.some((one) => one?.kind === kind && one.of === of)) return {}
  const refusals = limited.seconds.filter(
    ({ fn, unconnected }) => unconnected > 0 && unmet[fn]?.kind === kind && unmet[fn]?.of === of,
  )
  const [first] = refusals
  const refused = refusals.reduce((sum, { unconnected }) => sum + unconnected, 0)
  return { whenDeployed: true, ...(first && { firstSecond: first.second, refused }) }
}

function limitsOfVpc(networks: readonly FunctionNetwork[], simulated: Simulated): readonly LimitVerdict[] {
  const [network] = networks
  if (!network) return []
  const { isToBeDeployed } = simulated.order
  const wanted = new Map(networks.flatMap(interfacesNeeded).map((one) => [interfaceKey(one), one]))
  const there = new Set((network.lambdaInterfaces ?? []).map(interfaceKey))
  const missing = [...wanted].filter(([key]) => !there.has(key)).map(([, one]) => one)
  const extra = extraInterfaces(networks, simulated)
  const made = isToBeDeployed ? wanted.size : missing.length
  const connecting = networks.filter(
    (one) => isToBeDeployed || interfacesNeeded(one).some((needed) => !there.has(interfaceKey(needed))),
  ).length
  const requests = made + connecting * CHECKS_PER_FUNCTION
  const more = missing.length + extra * wanted.size
  const grown = extra > 0 ? `; Lambda adds ${extra * wanted.size} for the connections` : ''
  const { interfacesPerVpc, interfacesPerRegion, lambdaInterfaces, interfacesInRegion } = network
  const rows: LimitVerdict[] = []
  if (lambdaInterfaces) {
    const needed = lambdaInterfaces.length + more
    rows.push({
      ...limitOf('interfaces-per-vpc', network.vpcId, { needed, limit: interfacesPerVpc.value }),
      ...origin(interfacesPerVpc),
      cause: 'ENILimitReachedException',
      remark: `one for each pair of a subnet and a set of security groups: ${wanted.size} for these functions, ${missing.length} of them not there yet${grown}`,
      raise: raiseOf(QUOTAS.interfacesPerVpc),
    })
  }
  if (interfacesInRegion !== undefined) {
    rows.push({
      ...limitOf(
        'interfaces-per-region',
        simulated.order.functions.find(({ facts }) => facts.network === network)?.facts.to.account ?? '',
        {
          needed: interfacesInRegion + more,
          limit: interfacesPerRegion.value,
        },
      ),
      ...origin(interfacesPerRegion),
      cause: 'ENILimitReachedException',
      raise: raiseOf(QUOTAS.interfacesPerRegion),
    })
  }
  const subnets = new Map(networks.flatMap(({ subnets: all }) => all).map((subnet) => [subnet.id, subnet]))
  for (const { id, cidr, free } of subnets.values()) {
    const ofSubnet = (interfaces: readonly { readonly subnetId: string }[]) =>
      interfaces.filter(({ subnetId }) => subnetId === id).length
    const needed = ofSubnet(missing) + extra * ofSubnet([...wanted.values()])
    rows.push({
      ...limitOf('subnet-addresses', id, { needed, limit: free }),
      source: 'read',
      cause: 'SubnetIPAddressLimitReachedException',
      remark: `${free} of ${usableAddresses(cidr)} addresses of ${cidr} are free; AWS keeps five. More concurrency takes none`,
      raise: { how: 'another or a larger subnet' },
    })
  }
  const waitMs = (Math.max(0, requests - network.createTokens.value) / network.createTokensPerSecond.value) * 1000
  rows.push({
    ...limitOf('create-interface-requests', network.vpcId, { needed: requests, limit: network.createTokens.value }),
    ...origin(network.createTokens),
    cause: 'EC2ThrottledException',
    remark: `CreateNetworkInterface when it is deployed, for each function that is connected and for each interface: ${network.createTokens.value} at once and ${network.createTokensPerSecond.value} a second${waitMs > 0 ? `, so ${requests} take ${formatDuration(waitMs)}` : ''}`,
    raise: { how: 'AWS Support: no quota code is known' },
  })
  return rows
}

/** For each pair of subnet and security groups: what Lambda adds by itself where one interface has too few connections. */
export function extraInterfaces(networks: readonly FunctionNetwork[], { order, limited }: Simulated): number {
  const connections = order.functions.reduce(
    (sum, { facts }, index) =>
      facts.network && networks.includes(facts.network)
        ? sum + (limited.peaks[index]?.running ?? 0) * order.connectionsPerEnvironment
        : sum,
    0,
  )
  const interfaces = new Set(networks.flatMap(interfacesNeeded).map(interfaceKey)).size
  return Math.max(0, Math.ceil(connections / (CONNECTIONS_PER_INTERFACE * Math.max(1, interfaces))) - 1)
}

function limitOf(
  kind: LimitVerdict['kind'],
  of: string,
  { needed, limit }: { readonly needed: number; readonly limit: number },
): Pick<LimitVerdict, 'kind' | 'of' | 'needed' | 'limit' | 'unit' | 'headroom' | 'holds'> {
  return { kind, of, needed, limit, unit: '', headroom: limit - needed, holds: needed <= limit }
}

function raiseOf({ serviceCode, quotaCode }: { readonly serviceCode: string; readonly quotaCode: string }) {
  return { how: `Service Quotas ${quotaCode}`, serviceCode, quotaCode }
}
