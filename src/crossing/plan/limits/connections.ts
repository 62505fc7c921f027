/** Limits on the connections that execution environments hold: of interfaces, NAT gateways, and whatever they connect to. Pure. */
import type { LimitVerdict } from '../plan-data.ts'
import { provisionedOf, type PlannedFunction, type Simulated } from '../plan-order.ts'
import type { Known } from '../facts/facts.ts'
import { number } from './concurrency.ts'
import { origin } from './origin.ts'
import { CONNECTIONS_PER_INTERFACE } from './quotas.ts'

export function connectionLimits(simulated: Simulated): readonly LimitVerdict[] {
  return [
    ...simulated.order.functions.flatMap((fn, index) => [...ofInterfaces(fn, index, simulated)]),
    ...ofNatGateways(simulated),
    ...ofDownstream(simulated),
  ]
}

function ofInterfaces({ facts }: PlannedFunction, fn: number, simulated: Simulated): readonly LimitVerdict[] {
  const { network, to } = facts
  if (!network || network.subnets.length === 0) return []
  const limit = CONNECTIONS_PER_INTERFACE * network.subnets.length
  const row = verdict(simulated, { limit, shares: new Map([[fn, 1]]) })
  return [
    {
      kind: 'connections-per-interface',
      of: to.unqualifiedArn,
      ...row,
      // Lambda adds interfaces by itself; the addresses they take are counted.
      holds: true,
      source: 'read',
      remark: `65,000 through each of ${network.subnets.length}; where they do not suffice Lambda adds interfaces, which take addresses`,
      raise: { how: 'not needed' },
    },
  ]
}

function ofNatGateways(simulated: Simulated): readonly LimitVerdict[] {
  const gateways = new Map<string, { addresses: number; each: Known; shares: Map<number, number> }>()
  for (const [index, { facts }] of simulated.order.functions.entries()) {
    if (!facts.network) continue
    const { natGateways, natConnections: each, subnets } = facts.network
    for (const { id, subnetIds, addresses } of natGateways) {
      const gateway = gateways.get(id) ?? { addresses, each, shares: new Map<number, number>() }
      gateway.shares.set(index, subnetIds.length / Math.max(1, subnets.length))
      gateways.set(id, gateway)
    }
  }
  return [...gateways].map(([id, { addresses, each, shares }]) => ({
    kind: 'nat-connections',
    of: id,
    ...verdict(simulated, { limit: each.value * addresses, shares }),
    ...origin(each),
    cause: 'ErrorPortAllocation',
    remark: `if every environment connects to the same destination: ${number(each.value)} for each of ${addresses} address${addresses === 1 ? '' : 'es'}; those beyond time out in the function`,
    raise: { how: 'AssociateNatGatewayAddress, up to 8 addresses' },
  }))
}

function ofDownstream(simulated: Simulated): readonly LimitVerdict[] {
  const { downstreamMax, functions } = simulated.order
  if (downstreamMax === undefined) return []
  return [
    {
      kind: 'downstream-connections',
      of: 'downstream',
      ...verdict(simulated, { limit: downstreamMax, shares: new Map(functions.map((_, index) => [index, 1])) }),
      source: 'given',
      remark:
        'environments keep their connections while they are idle; reserved concurrency bounds them. Those beyond fail with the error that the function makes of it',
      raise: { how: 'a proxy such as RDS Proxy, or reserved concurrency' },
    },
  ]
}

/** `shares`: index of a function → the part of its environments that is concerned. As many environments are there as ever ran at once. */
function verdict(
  { order, limited }: Simulated,
  { limit, shares }: { readonly limit: number; readonly shares: ReadonlyMap<number, number> },
): Pick<LimitVerdict, 'limit' | 'unit' | 'needed' | 'headroom' | 'holds' | 'firstSecond'> {
  const environments = new Map([...shares.keys()].map((fn) => [fn, provisionedOf(order, fn)]))
  const connections = () =>
    [...shares].reduce((sum, [fn, share]) => sum + (environments.get(fn) ?? 0) * share, 0) *
    order.connectionsPerEnvironment
  let firstSecond: number | undefined
  for (const { second, fn, runningMax } of limited.seconds) {
    if (!shares.has(fn)) continue
    environments.set(fn, Math.max(environments.get(fn) ?? 0, runningMax))
    if (firstSecond === undefined && connections() > limit) firstSecond = second
  }
  const needed = Math.ceil(connections())
  return {
    limit,
    unit: '',
    needed,
    headroom: limit - needed,
    holds: needed <= limit,
    ...(firstSecond !== undefined && { firstSecond }),
  }
}
