/** The network model of one VPC, from what EC2's Describe operations say of it. Pure: AWS's shapes in, ours out. */
import type * as ec2 from '@aws-sdk/client-ec2'

import { parseAccountId } from '../../core/account.ts'
import type { Region } from '../../core/region.ts'
import { prefixListCidrs } from '../../network/plan/addresses.ts'
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
} from '../../network/plan/model.ts'

export interface DescribedNetwork {
  readonly account: string
  readonly region: Region
  readonly vpc: ec2.Vpc
  readonly enableDnsSupport: boolean
  readonly enableDnsHostnames: boolean
  readonly subnets: readonly ec2.Subnet[]
  readonly routeTables: readonly ec2.RouteTable[]
  readonly networkAcls: readonly ec2.NetworkAcl[]
  readonly securityGroups: readonly ec2.SecurityGroup[]
  readonly securityGroupRules: readonly ec2.SecurityGroupRule[]
  readonly networkInterfaces: readonly ec2.NetworkInterface[]
  readonly natGateways: readonly ec2.NatGateway[]
  readonly vpcEndpoints: readonly ec2.VpcEndpoint[]
  readonly internetGateways: readonly ec2.InternetGateway[]
  readonly prefixLists: readonly ec2.PrefixList[]
}

/** The number that EC2 gives to the entry `*`, which is implied. */
const LAST_ENTRY = 32_767

export function networkFromEc2(described: DescribedNetwork): NetworkModel {
  const { vpc, region } = described
  const vpcId = vpc.VpcId ?? ''
  const account = parseAccountId(described.account)
  const internetGatewayId = described.internetGateways.find(({ Attachments = [] }) =>
    Attachments.some((attachment) => attachment.VpcId === vpcId),
  )?.InternetGatewayId
  const secondary = (vpc.CidrBlockAssociationSet ?? [])
    .filter(({ CidrBlockState }) => CidrBlockState?.State === 'associated')
    .flatMap(({ CidrBlock }) => CidrBlock ?? [])
  return {
    vpcs: [
      {
        id: vpcId,
        account,
        region,
        cidrs: [...new Set([...(vpc.CidrBlock === undefined ? [] : [vpc.CidrBlock]), ...secondary])],
        ...(internetGatewayId !== undefined && { internetGatewayId }),
        enableDnsSupport: described.enableDnsSupport,
        enableDnsHostnames: described.enableDnsHostnames,
      },
    ],
    subnets: described.subnets.map(({ SubnetId = '', CidrBlock = '' }) => ({
      id: SubnetId,
      vpcId,
      cidr: CidrBlock,
      routeTableId: routeTableOf(described, SubnetId),
      networkAclId: networkAclOf(described, SubnetId),
    })),
    routeTables: described.routeTables.map(({ RouteTableId = '', Routes = [] }) => ({
      id: RouteTableId,
      vpcId,
      routes: Routes.flatMap(routesFrom),
    })),
    networkAcls: described.networkAcls.map(({ NetworkAclId = '', Entries = [] }) => ({
      id: NetworkAclId,
      vpcId,
      entries: Entries.flatMap(entriesFrom),
    })),
    securityGroups: described.securityGroups.map(({ GroupId = '', GroupName = '' }) => ({
      id: GroupId,
      vpcId,
      account,
      name: GroupName,
      rules: described.securityGroupRules.filter((rule) => rule.GroupId === GroupId).flatMap(rulesFrom),
    })),
    prefixLists: described.prefixLists.map((list) => prefixListFrom(list, region)),
    networkInterfaces: described.networkInterfaces.map((found) => networkInterfaceFrom(found, described)),
    natGateways: described.natGateways
      .filter(({ State }) => State === 'available')
      .map(({ NatGatewayId = '', NatGatewayAddresses = [], ConnectivityType }) => ({
        id: NatGatewayId,
        vpcId,
        networkInterfaceId: NatGatewayAddresses[0]?.NetworkInterfaceId ?? '',
        connectivity: ConnectivityType === 'private' ? 'private' : 'public',
      })),
    vpcEndpoints: described.vpcEndpoints
      .filter(({ State }) => State?.toLowerCase() === 'available')
      .map((endpoint) => endpointFrom(endpoint, described)),
    peeringConnections: [],
    flowLogs: [],
  }
}

/** Targets of routes that the evaluator does not follow: transit gateways, virtual private gateways, appliances behind load balancers. */
export function unfollowedTargets({ routeTables }: DescribedNetwork): ReadonlySet<string> {
  const routes = routeTables.flatMap(({ Routes = [] }) => Routes).filter(({ State }) => State !== 'blackhole')
  const targets = routes.map(targetFrom)
  return new Set(targets.flatMap((target) => (target?.kind === 'blackhole' ? [target.id] : [])))
}

function routeTableOf({ routeTables }: DescribedNetwork, subnetId: string): string {
  const associated = (test: (association: ec2.RouteTableAssociation) => boolean) =>
    routeTables.find(({ Associations = [] }) => Associations.some(test))
  const table =
    associated((association) => association.SubnetId === subnetId) ?? associated(({ Main }) => Main === true)
  return table?.RouteTableId ?? ''
}

function networkAclOf({ networkAcls }: DescribedNetwork, subnetId: string): string {
  const acl = networkAcls.find(({ Associations = [] }) =>
    Associations.some((association) => association.SubnetId === subnetId),
  )
  return acl?.NetworkAclId ?? ''
}

function routesFrom(route: ec2.Route): readonly Route[] {
  const { DestinationCidrBlock: cidr, DestinationPrefixListId: prefixListId, State, GatewayId } = route
  const target = targetFrom(route)
  if (GatewayId === 'local' || target === undefined) return []
  const destination = cidr !== undefined ? { cidr } : prefixListId !== undefined ? { prefixListId } : undefined
  if (destination === undefined) return []
  return [{ destination, target: State === 'blackhole' ? { kind: 'blackhole', id: target.id } : target }]
}

function targetFrom(route: ec2.Route): RouteTarget | undefined {
  const { GatewayId, NatGatewayId, VpcPeeringConnectionId, NetworkInterfaceId } = route
  if (NatGatewayId !== undefined) return { kind: 'nat-gateway', id: NatGatewayId }
  if (VpcPeeringConnectionId !== undefined) return { kind: 'blackhole', id: VpcPeeringConnectionId }
  if (NetworkInterfaceId !== undefined) return { kind: 'network-interface', id: NetworkInterfaceId }
  if (GatewayId === 'local') return undefined
  if (GatewayId?.startsWith('igw-')) return { kind: 'internet-gateway', id: GatewayId }
  if (GatewayId?.startsWith('vpce-')) return { kind: 'gateway-endpoint', id: GatewayId }
  const { TransitGatewayId, LocalGatewayId, CarrierGatewayId, CoreNetworkArn } = route
  const id = GatewayId ?? TransitGatewayId ?? LocalGatewayId ?? CarrierGatewayId ?? CoreNetworkArn
  return id === undefined ? undefined : { kind: 'blackhole', id }
}

function entriesFrom(entry: ec2.NetworkAclEntry): readonly NetworkAclEntry[] {
  const { CidrBlock, Egress, RuleNumber = LAST_ENTRY, RuleAction, Protocol, PortRange, IcmpTypeCode } = entry
  if (CidrBlock === undefined || RuleNumber >= LAST_ENTRY) return []
  const isIcmp = Protocol === '1'
  const from = isIcmp ? IcmpTypeCode?.Type : PortRange?.From
  const to = isIcmp ? IcmpTypeCode?.Code : PortRange?.To
  return [
    {
      direction: Egress === true ? 'egress' : 'ingress',
      ruleNumber: RuleNumber,
      action: RuleAction === 'allow' ? 'allow' : 'deny',
      cidr: CidrBlock,
      traffic: trafficFrom(Protocol, from, to),
    },
  ]
}

function rulesFrom(rule: ec2.SecurityGroupRule): readonly SecurityGroupRule[] {
  const { SecurityGroupRuleId = '', IsEgress, IpProtocol, FromPort, ToPort } = rule
  const groupId = rule.ReferencedGroupInfo?.GroupId
  const peer =
    rule.CidrIpv4 !== undefined
      ? { cidr: rule.CidrIpv4 }
      : groupId !== undefined
        ? { groupId }
        : rule.PrefixListId !== undefined
          ? { prefixListId: rule.PrefixListId }
          : undefined
  if (peer === undefined) return []
  const direction = IsEgress === true ? 'egress' : 'ingress'
  return [{ id: SecurityGroupRuleId, direction, traffic: trafficFrom(IpProtocol, FromPort, ToPort), peer }]
}

/** Security groups name protocols, network ACLs number them. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html */
function trafficFrom(protocol: string | undefined, from: number | undefined, to: number | undefined): Traffic {
  switch (protocol) {
    case undefined:
    case '-1':
      return { protocol: 'all' }
    case '6':
    case 'tcp':
      return { protocol: 'tcp', fromPort: from ?? 0, toPort: to ?? 65_535 }
    case '17':
    case 'udp':
      return { protocol: 'udp', fromPort: from ?? 0, toPort: to ?? 65_535 }
    case '1':
    case 'icmp':
      return { protocol: 'icmp', type: from ?? -1, code: to ?? -1 }
    default:
      return { protocol: 'other', number: Number(protocol) }
  }
}

/** The names of AWS's services have addresses of the test internet here, so AWS's own lists are those of the test internet too. */
function prefixListFrom({ PrefixListId = '', PrefixListName = '', Cidrs = [] }: ec2.PrefixList, region: Region) {
  const service = PrefixListName.split('.').at(-1) ?? ''
  const isAws = PrefixListName.startsWith('com.amazonaws.')
  const cidrs = (isAws ? prefixListCidrs({ service, region }) : undefined) ?? Cidrs
  return { id: PrefixListId, name: PrefixListName, cidrs }
}

function networkInterfaceFrom(found: ec2.NetworkInterface, described: DescribedNetwork): NetworkInterface {
  const publicAddress = found.Association?.PublicIp
  return {
    id: found.NetworkInterfaceId ?? '',
    subnetId: found.SubnetId ?? '',
    address: found.PrivateIpAddress ?? '',
    ...(publicAddress !== undefined && { publicAddress }),
    securityGroupIds: (found.Groups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
    sourceDestCheck: found.SourceDestCheck ?? true,
    kind: kindOf(found, described),
  }
}

/** Ports of other interfaces cannot be read. */
function kindOf(
  { NetworkInterfaceId: id, InterfaceType, Attachment }: ec2.NetworkInterface,
  described: DescribedNetwork,
): NetworkInterfaceKind {
  const natGatewayId = described.natGateways.find(({ NatGatewayAddresses = [] }) =>
    NatGatewayAddresses.some(({ NetworkInterfaceId }) => NetworkInterfaceId === id),
  )?.NatGatewayId
  if (natGatewayId !== undefined) return { kind: 'nat-gateway', natGatewayId }
  const vpcEndpointId = described.vpcEndpoints.find(({ NetworkInterfaceIds = [] }) =>
    NetworkInterfaceIds.some((candidate) => candidate === id),
  )?.VpcEndpointId
  if (vpcEndpointId !== undefined) return { kind: 'vpc-endpoint', vpcEndpointId }
  if (InterfaceType === 'lambda') return { kind: 'lambda' }
  return Attachment === undefined ? { kind: 'interface' } : { kind: 'host', listeners: [] }
}

function endpointFrom(
  endpoint: ec2.VpcEndpoint,
  { account, region, networkInterfaces, subnets }: DescribedNetwork,
): VpcEndpoint {
  const { VpcEndpointId = '', VpcId = '', ServiceName = '', VpcEndpointType, NetworkInterfaceIds = [] } = endpoint
  const names = (endpoint.DnsEntries ?? [])
    .flatMap(({ DnsName }) => DnsName ?? [])
    .filter((name) => name.endsWith('.vpce.amazonaws.com'))
  const zoneOf = (networkInterfaceId: string) => {
    const found = networkInterfaces.find(({ NetworkInterfaceId }) => NetworkInterfaceId === networkInterfaceId)
    return subnets.find(({ SubnetId }) => SubnetId === found?.SubnetId)?.AvailabilityZone ?? ''
  }
  const zonal = NetworkInterfaceIds.map((id) => names.find((name) => name.includes(`-${zoneOf(id)}.`)) ?? '')
  const regional = names.find((name) => !zonal.includes(name))
  return {
    id: VpcEndpointId,
    vpcId: VpcId,
    account: parseAccountId(account),
    region,
    type: VpcEndpointType === 'Gateway' ? 'Gateway' : 'Interface',
    service: ServiceName.split('.').at(-1) ?? '',
    serviceName: ServiceName,
    networkInterfaceIds: NetworkInterfaceIds,
    privateDnsEnabled: endpoint.PrivateDnsEnabled ?? false,
    dnsNames: regional === undefined ? [] : [regional, ...zonal],
  }
}
