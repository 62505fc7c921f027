/** A compact way to write down VPC worlds: `modelOf` makes the network model of one. Used by the reachability cases and by random worlds. */
import { z } from 'zod'

import { parseAccountId } from '../../src/core/account.ts'
import { parseRegion } from '../../src/core/region.ts'
import { prefixListCidrs } from '../../src/network/plan/addresses.ts'
import type {
  NetworkAclEntry,
  NetworkInterface,
  NetworkInterfaceKind,
  NetworkModel,
  Route,
  RouteTarget,
  SecurityGroupRule,
  Traffic,
  VpcEndpoint,
} from '../../src/network/plan/model.ts'

const vpc = z.strictObject({
  cidrs: z.array(z.string()),
  account: z.string().optional(),
  region: z.string().optional(),
  internetGateway: z.string().optional(),
  dnsSupport: z.boolean().optional(),
  dnsHostnames: z.boolean().optional(),
})

const subnet = z.strictObject({
  vpc: z.string(),
  cidr: z.string(),
  /** `0.0.0.0/0 -> nat-a`, `pl-s3 -> vpce-s3`, `10.9.0.0/16 -> gone pcx-a`. */
  routes: z.array(z.string()).optional(),
  /** One of `networkAcls`; left out, everything is allowed, as in a VPC's default network ACL. */
  acl: z.string().optional(),
})

const networkInterface = z.strictObject({
  subnet: z.string(),
  address: z.string(),
  publicAddress: z.string().optional(),
  groups: z.array(z.string()),
  /** A host, with the TCP ports it listens on. Left out: the interface of Lambda functions. */
  listens: z.array(z.number()).optional(),
  detached: z.literal(true).optional(),
  sourceDestCheck: z.boolean().optional(),
})

const natGateway = z.strictObject({
  subnet: z.string(),
  address: z.string(),
  /** Left out: a private NAT gateway. */
  publicAddress: z.string().optional(),
})

const endpoint = z.strictObject({
  vpc: z.string(),
  service: z.string(),
  /** Of an interface endpoint: addresses by subnet. Left out: a gateway endpoint. */
  addresses: z.record(z.string(), z.string()).optional(),
  groups: z.array(z.string()).optional(),
  privateDns: z.boolean().optional(),
})

export const worldShape = {
  vpcs: z.record(z.string(), vpc),
  subnets: z.record(z.string(), subnet),
  /** By VPC, then by group: `in tcp 443 from sg-a`, `out all to 0.0.0.0/0`. */
  groups: z.record(z.string(), z.record(z.string(), z.array(z.string()))).optional(),
  /** `100 in allow tcp 443 from 0.0.0.0/0` */
  networkAcls: z.record(z.string(), z.array(z.string())).optional(),
  prefixLists: z.record(z.string(), z.array(z.string())).optional(),
  interfaces: z.record(z.string(), networkInterface).optional(),
  natGateways: z.record(z.string(), natGateway).optional(),
  endpoints: z.record(z.string(), endpoint).optional(),
  peerings: z
    .record(z.string(), z.strictObject({ between: z.array(z.string()), active: z.boolean().optional() }))
    .optional(),
}

const worldSchema = z.strictObject(worldShape)
export type World = Readonly<z.infer<typeof worldSchema>>

const ACCOUNT = '111122223333'
const REGION = 'us-east-1'
/** Lists of AWS's own that every world has. */
const OWN_LISTS = ['s3', 'dynamodb']

export function modelOf(world: World): NetworkModel {
  const subnets = Object.entries(world.subnets)
  return {
    vpcs: Object.entries(world.vpcs).map(
      ([id, { cidrs, account, region, internetGateway, dnsSupport, dnsHostnames }]) => ({
        id,
        account: parseAccountId(account ?? ACCOUNT),
        region: parseRegion(region ?? REGION),
        cidrs,
        ...(internetGateway === undefined ? {} : { internetGatewayId: internetGateway }),
        enableDnsSupport: dnsSupport ?? true,
        enableDnsHostnames: dnsHostnames ?? true,
      }),
    ),
    subnets: subnets.map(([id, { vpc, cidr, acl }]) => ({
      id,
      vpcId: vpc,
      cidr,
      routeTableId: routeTableOf(id),
      networkAclId: acl ?? openAclOf(vpc),
    })),
    routeTables: subnets.map(([id, { vpc, routes = [] }]) => ({
      id: routeTableOf(id),
      vpcId: vpc,
      routes: routes.map(readRoute),
    })),
    networkAcls: [...Object.keys(world.vpcs).map(openAcl), ...ownAcls(world)],
    securityGroups: Object.entries(world.groups ?? {}).flatMap(([vpcId, groups]) =>
      Object.entries(groups).map(([id, rules]) => ({
        id,
        vpcId,
        account: parseAccountId(world.vpcs[vpcId]?.account ?? ACCOUNT),
        name: id,
        rules: rules.map((rule, position) => readGroupRule(rule, `sgr-${id.slice('sg-'.length)}-${position + 1}`)),
      })),
    ),
    prefixLists: [
      ...OWN_LISTS.map((service) => ({
        id: `pl-${service}`,
        name: `com.amazonaws.${REGION}.${service}`,
        cidrs: prefixListCidrs({ service, region: parseRegion(REGION) }) ?? [],
      })),
      ...Object.entries(world.prefixLists ?? {}).map(([id, cidrs]) => ({ id, name: id, cidrs })),
    ],
    networkInterfaces: [...interfaces(world), ...natInterfaces(world), ...endpointInterfaces(world)],
    natGateways: Object.entries(world.natGateways ?? {}).map(([id, { subnet, publicAddress }]) => ({
      id,
      vpcId: vpcOf(world, subnet),
      networkInterfaceId: `eni-${id}`,
      connectivity: publicAddress === undefined ? 'private' : 'public',
    })),
    vpcEndpoints: endpoints(world),
    peeringConnections: Object.entries(world.peerings ?? {}).map(([id, { between, active }]) => ({
      id,
      requesterVpcId: between[0] ?? '',
      accepterVpcId: between[1] ?? '',
      active: active ?? true,
    })),
    flowLogs: [],
  }
}

function interfaces(world: World): readonly NetworkInterface[] {
  return Object.entries(world.interfaces ?? {}).map(
    ([id, { subnet, address, publicAddress, groups, listens, detached, sourceDestCheck }]) => ({
      id,
      subnetId: subnet,
      address,
      ...(publicAddress === undefined ? {} : { publicAddress }),
      securityGroupIds: groups,
      sourceDestCheck: sourceDestCheck ?? true,
      kind: kindOf(listens, detached),
    }),
  )
}

/** The port on this machine is nobody's: whoever runs the world for real replaces it by one of its own. */
function kindOf(listens: readonly number[] | undefined, detached: true | undefined): NetworkInterfaceKind {
  if (detached) return { kind: 'interface' }
  if (listens === undefined) return { kind: 'lambda' }
  return { kind: 'host', listeners: listens.map((port) => ({ port, hostPort: port })) }
}

function natInterfaces(world: World): readonly NetworkInterface[] {
  return Object.entries(world.natGateways ?? {}).map(([id, { subnet, address, publicAddress }]) => ({
    id: `eni-${id}`,
    subnetId: subnet,
    address,
    ...(publicAddress === undefined ? {} : { publicAddress }),
    securityGroupIds: [],
    sourceDestCheck: false,
    kind: { kind: 'nat-gateway', natGatewayId: id },
  }))
}

function endpointInterfaces(world: World): readonly NetworkInterface[] {
  return Object.entries(world.endpoints ?? {}).flatMap(([id, { addresses = {}, groups = [] }]) =>
    Object.entries(addresses).map(([subnet, address]): NetworkInterface => ({
      id: `eni-${id}-${subnet}`,
      subnetId: subnet,
      address,
      securityGroupIds: groups,
      sourceDestCheck: true,
      kind: { kind: 'vpc-endpoint', vpcEndpointId: id },
    })),
  )
}

function endpoints(world: World): readonly VpcEndpoint[] {
  return Object.entries(world.endpoints ?? {}).map(([id, { vpc, service, addresses, privateDns }]) => {
    const region = parseRegion(world.vpcs[vpc]?.region ?? REGION)
    const name = `${id}-example.${service}.${region}.vpce.amazonaws.com`
    const zonal = Object.keys(addresses ?? {}).map(
      (_, zone) => `${id}-example-${region}${'abcdef'[zone]}.${service}.${region}.vpce.amazonaws.com`,
    )
    return {
      id,
      vpcId: vpc,
      account: parseAccountId(world.vpcs[vpc]?.account ?? ACCOUNT),
      region,
      type: addresses === undefined ? 'Gateway' : 'Interface',
      service,
      serviceName: `com.amazonaws.${region}.${service}`,
      networkInterfaceIds: Object.keys(addresses ?? {}).map((subnet) => `eni-${id}-${subnet}`),
      privateDnsEnabled: privateDns ?? true,
      dnsNames: addresses === undefined ? [] : [name, ...zonal],
    }
  })
}

function openAcl(vpcId: string) {
  return {
    id: openAclOf(vpcId),
    vpcId,
    entries: ['100 in allow all from 0.0.0.0/0', '100 out allow all to 0.0.0.0/0'].map(readAclEntry),
  }
}

function ownAcls(world: World) {
  return Object.entries(world.networkAcls ?? {}).map(([id, entries]) => ({
    id,
    vpcId: Object.values(world.subnets).find(({ acl }) => acl === id)?.vpc ?? '',
    entries: entries.map(readAclEntry),
  }))
}

function vpcOf(world: World, subnetId: string): string {
  return world.subnets[subnetId]?.vpc ?? ''
}

export function routeTableOf(subnetId: string): string {
  return subnetId.replace('subnet-', 'rtb-')
}

function openAclOf(vpcId: string): string {
  return vpcId.replace('vpc-', 'acl-open-')
}

function readRoute(text: string): Route {
  const parts = /^(?<destination>\S+) -> (?<gone>gone )?(?<id>\S+)$/.exec(text)?.groups
  const { destination = '', id = '' } = parts ?? {}
  if (parts === undefined) throw new TypeError(`\`${text}\` is no route, expected \`10.0.0.0/8 -> nat-a\``)
  return {
    destination: destination.startsWith('pl-') ? { prefixListId: destination } : { cidr: destination },
    target: { kind: parts['gone'] === undefined ? targetKind(id) : 'blackhole', id },
  }
}

function targetKind(id: string): RouteTarget['kind'] {
  const kinds = {
    igw: 'internet-gateway',
    nat: 'nat-gateway',
    pcx: 'vpc-peering',
    vpce: 'gateway-endpoint',
    eni: 'network-interface',
  } as const
  const kind = new Map<string, RouteTarget['kind']>(Object.entries(kinds)).get(id.split('-')[0] ?? '')
  if (kind === undefined) throw new TypeError(`\`${id}\` is no target of a route`)
  return kind
}

const RULE = /^(?<direction>in|out) (?<traffic>.+) (?:from|to) (?<peer>\S+)$/

function readGroupRule(text: string, id: string): SecurityGroupRule {
  const { direction, traffic = '', peer = '' } = RULE.exec(text)?.groups ?? {}
  if (direction === undefined) throw new TypeError(`\`${text}\` is no rule, expected \`in tcp 443 from sg-a\``)
  return {
    id,
    direction: direction === 'in' ? 'ingress' : 'egress',
    traffic: readTraffic(traffic),
    peer: peer.startsWith('sg-') ? { groupId: peer } : peer.startsWith('pl-') ? { prefixListId: peer } : { cidr: peer },
  }
}

function readAclEntry(text: string): NetworkAclEntry {
  const entry = /^(?<number>\d+) (?<direction>in|out) (?<action>allow|deny) (?<traffic>.+) (?:from|to) (?<cidr>\S+)$/
  const { number, direction, action, traffic = '', cidr = '' } = entry.exec(text)?.groups ?? {}
  if (number === undefined)
    throw new TypeError(`\`${text}\` is no entry, expected \`100 in allow tcp 443 from 0.0.0.0/0\``)
  return {
    direction: direction === 'in' ? 'ingress' : 'egress',
    ruleNumber: Number(number),
    action: action === 'allow' ? 'allow' : 'deny',
    cidr,
    traffic: readTraffic(traffic),
  }
}

/** `all`, `tcp 443`, `udp 1024-65535`, `icmp`, `icmp 8`, `protocol 50`. */
function readTraffic(text: string): Traffic {
  const [protocol, range = ''] = text.split(' ')
  const [from, to = from] = range.split('-').map(Number)
  if (protocol === 'all') return { protocol }
  if (protocol === 'icmp') return { protocol, type: range === '' ? -1 : Number(range), code: -1 }
  if (protocol === 'protocol') return { protocol: 'other', number: Number(range) }
  if ((protocol === 'tcp' || protocol === 'udp') && from !== undefined && to !== undefined) {
    return { protocol, fromPort: from, toPort: to }
  }
  throw new TypeError(`\`${text}\` is no traffic, expected \`tcp 443\``)
}
