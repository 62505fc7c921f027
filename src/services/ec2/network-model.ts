/** The state of all accounts and Regions as the data plane reads it. */
import type {
  NetworkAclEntry,
  NetworkModel,
  PrefixList,
  RouteTable,
  SecurityGroup,
  Traffic,
  Vpc,
  VpcEndpoint,
  VpcPeeringConnection,
} from '../../network/plan/model.ts'
import { awsPrefixLists } from './prefix-lists/aws-prefix-lists.ts'
import { serviceOf } from './endpoints/endpoint-services.ts'
import { currentEntries } from './prefix-lists/prefix-lists.ts'
import { endpointDnsNames } from './endpoints/endpoint-shapes.ts'
import { addressOf } from './interfaces/network-interfaces.ts'
import type {
  NetworkAclEntryRecord,
  RouteRecord,
  RouteTableRecord,
  SecurityGroupRecord,
  SecurityGroupRuleRecord,
  VpcEndpointRecord,
  VpcRecord,
} from './records.ts'
import type { Ec2Service } from './service.ts'

/** FIDELITY: the data plane carries IPv4 only; rules and entries about IPv6 are kept and answered, and carry nothing. */
export function networkModelOf(ec2: Ec2Service): NetworkModel {
  return {
    vpcs: ec2.all('vpc').map((vpc) => vpcOf(ec2, vpc)),
    subnets: ec2.all('subnet').map((subnet) => ({
      id: subnet.id,
      vpcId: subnet.vpcId,
      cidr: subnet.cidr,
      routeTableId: routeTableIdOf(ec2, subnet),
      networkAclId: subnet.networkAclId,
    })),
    routeTables: ec2.all('route-table').map((table) => routeTableOf(ec2, table)),
    networkAcls: ec2.all('network-acl').map(({ id, vpcId, entries }) => ({
      id,
      vpcId,
      entries: entries.filter(({ cidr }) => !cidr.includes(':')).map(entryOf),
    })),
    securityGroups: ec2.all('security-group').map(securityGroupOf),
    prefixLists: prefixListsOf(ec2),
    networkInterfaces: ec2.all('network-interface').map((item) => {
      const publicAddress = addressOf(ec2, item)?.publicIp
      return {
        id: item.id,
        subnetId: item.subnetId,
        address: item.address,
        ...(publicAddress !== undefined && { publicAddress }),
        securityGroupIds: item.groupIds,
        sourceDestCheck: item.sourceDestCheck,
        kind: item.role,
      }
    }),
    natGateways: ec2
      .all('natgateway')
      .flatMap(({ id, vpcId, networkInterfaceId, connectivity, state, connectionsPerDestination }) =>
        state === 'available' && networkInterfaceId !== undefined
          ? [
              {
                id,
                vpcId,
                networkInterfaceId,
                connectivity,
                ...(connectionsPerDestination !== undefined && { connectionsPerDestination }),
              },
            ]
          : [],
      ),
    vpcEndpoints: ec2.all('vpc-endpoint').map((endpoint) => endpointOf(ec2, endpoint)),
    peeringConnections: peeringsOf(ec2),
    flowLogs: ec2.all('vpc-flow-log').map(({ id, resourceId, trafficType }) => ({ id, resourceId, trafficType })),
  }
}

function vpcOf(ec2: Ec2Service, vpc: VpcRecord): Vpc {
  const gateway = ec2.list('internet-gateway', vpc).find(({ vpcId }) => vpcId === vpc.id)
  return {
    id: vpc.id,
    account: vpc.account,
    region: vpc.region,
    cidrs: vpc.cidrs.map(({ cidr }) => cidr),
    ...(gateway && { internetGatewayId: gateway.id }),
    enableDnsSupport: vpc.enableDnsSupport,
    enableDnsHostnames: vpc.enableDnsHostnames,
  }
}

/** The table a subnet is associated with, else the VPC's main one. */
export function routeTableIdOf(
  ec2: Ec2Service,
  subnet: Pick<RouteTableRecord, 'id' | 'account' | 'region' | 'vpcId'>,
): string {
  const tables = ec2.list('route-table', subnet).filter(({ vpcId }) => vpcId === subnet.vpcId)
  const own = tables.find(({ associations }) => associations.some(({ subnetId }) => subnetId === subnet.id))
  const main = tables.find(({ associations }) => associations.some(({ subnetId }) => subnetId === undefined))
  const table = own ?? main
  if (!table) throw new Error(`${subnet.vpcId} has no main route table`)
  return table.id
}

function routeTableOf(ec2: Ec2Service, table: RouteTableRecord): RouteTable {
  return {
    id: table.id,
    vpcId: table.vpcId,
    routes: table.routes.map(({ destination, target }) => ({
      destination,
      target: isTargetThere(ec2, table, target) ? target : { kind: 'blackhole', id: target.id },
    })),
  }
}

/** Whether a route leads somewhere: AWS calls it `active`, and `blackhole` otherwise. `orComing`: a NAT gateway being made counts. */
export function isTargetThere(
  ec2: Ec2Service,
  table: RouteTableRecord,
  target: RouteRecord['target'],
  { orComing = false } = {},
): boolean {
  switch (target.kind) {
    case 'internet-gateway':
      return ec2.find('internet-gateway', table, target.id)?.vpcId === table.vpcId
    case 'nat-gateway': {
      const state = ec2.find('natgateway', table, target.id)?.state
      return state === 'available' || (orComing && state === 'pending')
    }
    case 'network-interface':
      return ec2.find('network-interface', table, target.id) !== undefined
    case 'gateway-endpoint':
      return ec2.find('vpc-endpoint', table, target.id) !== undefined
    case 'vpc-peering':
      return ec2.find('vpc-peering-connection', table, target.id)?.status === 'active'
  }
}

function endpointOf(ec2: Ec2Service, endpoint: VpcEndpointRecord): VpcEndpoint {
  return {
    id: endpoint.id,
    vpcId: endpoint.vpcId,
    account: endpoint.account,
    region: endpoint.region,
    type: endpoint.type,
    service: serviceOf(endpoint).signingName,
    serviceName: endpoint.serviceName,
    networkInterfaceIds: endpoint.interfaces.map(({ networkInterfaceId }) => networkInterfaceId),
    privateDnsEnabled: endpoint.privateDnsEnabled,
    dnsNames: endpointDnsNames(ec2, endpoint),
  }
}

/** Each once, though both sides have a record of it. */
function peeringsOf(ec2: Ec2Service): readonly VpcPeeringConnection[] {
  const connections = new Map<string, VpcPeeringConnection>()
  for (const { id, requester, accepter, status } of ec2.all('vpc-peering-connection')) {
    const active = status === 'active'
    if (status === 'pending-acceptance' || active) {
      connections.set(id, { id, requesterVpcId: requester.vpcId, accepterVpcId: accepter.vpcId, active })
    }
  }
  return [...connections.values()]
}

/** AWS's own, of every Region that has a VPC, and those of the accounts. */
function prefixListsOf(ec2: Ec2Service): readonly PrefixList[] {
  const regions = new Set(ec2.all('vpc').map(({ region }) => region))
  const own = ec2.all('prefix-list').filter(({ addressFamily }) => addressFamily === 'IPv4')
  return [
    ...[...regions].flatMap(awsPrefixLists),
    ...own.map((list) => ({ id: list.id, name: list.name, cidrs: currentEntries(list).map(({ cidr }) => cidr) })),
  ]
}

function entryOf({ egress, ruleNumber, action, cidr, ...entry }: NetworkAclEntryRecord): NetworkAclEntry {
  return { direction: egress ? 'egress' : 'ingress', ruleNumber, action, cidr, traffic: trafficOfEntry(entry) }
}

function trafficOfEntry({
  protocol,
  ports,
  icmp,
}: Pick<NetworkAclEntryRecord, 'protocol' | 'ports' | 'icmp'>): Traffic {
  if (ports && (protocol === TCP || protocol === UDP)) return portRange(protocol, ports.from, ports.to)
  if (protocol === ICMP) return { protocol: 'icmp', type: icmp?.type ?? -1, code: icmp?.code ?? -1 }
  return protocol === -1 ? { protocol: 'all' } : { protocol: 'other', number: protocol }
}

/** IANA's numbers. */
const ICMP = 1
const TCP = 6
const UDP = 17
const PORT_MAX = 65_535

function securityGroupOf({ id, vpcId, account, name, rules }: SecurityGroupRecord): SecurityGroup {
  return {
    id,
    vpcId,
    account,
    name,
    rules: rules.flatMap((rule) => {
      const peer = peerOf(rule)
      const direction = rule.egress ? 'egress' : 'ingress'
      return peer ? [{ id: rule.id, direction, traffic: trafficOfRule(rule), peer }] : []
    }),
  }
}

function peerOf({ peer }: SecurityGroupRuleRecord): SecurityGroup['rules'][number]['peer'] | undefined {
  switch (peer.kind) {
    case 'ipv4':
      return { cidr: peer.cidr }
    case 'group':
      return { groupId: peer.id }
    case 'prefix-list':
      return { prefixListId: peer.id }
    case 'ipv6':
      return undefined
  }
}

function trafficOfRule({ protocol, fromPort, toPort }: SecurityGroupRuleRecord): Traffic {
  switch (protocol) {
    case '-1':
      return { protocol: 'all' }
    case 'tcp':
      return portRange(TCP, fromPort, toPort)
    case 'udp':
      return portRange(UDP, fromPort, toPort)
    case 'icmp':
      return { protocol: 'icmp', type: fromPort, code: toPort }
    case 'icmpv6':
      return { protocol: 'other', number: 58 }
    default:
      return { protocol: 'other', number: Number(protocol) }
  }
}

function portRange(protocol: typeof TCP | typeof UDP, from: number, to: number): Traffic {
  const whole = from === -1
  return {
    protocol: protocol === TCP ? 'tcp' : 'udp',
    fromPort: whole ? 0 : from,
    toPort: whole ? PORT_MAX : to,
  }
}
