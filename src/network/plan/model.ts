/**
 * The network of the whole cloud as data: every VPC of every account and Region, as EC2's resources describe it. The evaluator
 * (`reach.ts`) and the kernel driver read this and nothing else, so both judge by the same facts. Plain JSON, immutable; ids are AWS's.
 */
import type { AccountId } from '../../core/account.ts'
import type { Region } from '../../core/region.ts'

export interface NetworkModel {
  readonly vpcs: readonly Vpc[]
  readonly subnets: readonly Subnet[]
  readonly routeTables: readonly RouteTable[]
  readonly networkAcls: readonly NetworkAcl[]
  readonly securityGroups: readonly SecurityGroup[]
  readonly prefixLists: readonly PrefixList[]
  readonly networkInterfaces: readonly NetworkInterface[]
  readonly natGateways: readonly NatGateway[]
  readonly vpcEndpoints: readonly VpcEndpoint[]
  readonly peeringConnections: readonly VpcPeeringConnection[]
  readonly flowLogs: readonly FlowLog[]
}

/** Where there is no VPC. */
export const EMPTY_MODEL: NetworkModel = {
  vpcs: [],
  subnets: [],
  routeTables: [],
  networkAcls: [],
  securityGroups: [],
  prefixLists: [],
  networkInterfaces: [],
  natGateways: [],
  vpcEndpoints: [],
  peeringConnections: [],
  flowLogs: [],
}

export interface Vpc {
  readonly id: string
  readonly account: AccountId
  readonly region: Region
  /** IPv4 blocks, the primary one first: `10.0.0.0/16`. */
  readonly cidrs: readonly string[]
  readonly internetGatewayId?: string
  readonly enableDnsSupport: boolean
  readonly enableDnsHostnames: boolean
}

export interface Subnet {
  readonly id: string
  readonly vpcId: string
  readonly cidr: string
  /** Explicitly associated, or the VPC's main one. */
  readonly routeTableId: string
  readonly networkAclId: string
}

export interface RouteTable {
  readonly id: string
  readonly vpcId: string
  /** The local routes of the VPC's blocks are implied. */
  readonly routes: readonly Route[]
}

export interface Route {
  readonly destination: { readonly cidr: string } | { readonly prefixListId: string }
  readonly target: RouteTarget
}

export type RouteTarget =
  | { readonly kind: 'internet-gateway'; readonly id: string }
  | { readonly kind: 'nat-gateway'; readonly id: string }
  | { readonly kind: 'vpc-peering'; readonly id: string }
  | { readonly kind: 'gateway-endpoint'; readonly id: string }
  | { readonly kind: 'network-interface'; readonly id: string }
  /** What the route named is gone: packets disappear. */
  | { readonly kind: 'blackhole'; readonly id: string }

export interface NetworkAcl {
  readonly id: string
  readonly vpcId: string
  /** In any order; evaluated by ascending number per direction, a final `*` entry denies. */
  readonly entries: readonly NetworkAclEntry[]
}

export interface NetworkAclEntry {
  readonly direction: 'ingress' | 'egress'
  readonly ruleNumber: number
  readonly action: 'allow' | 'deny'
  readonly cidr: string
  readonly traffic: Traffic
}

/** What a rule is about. Ports and ICMP types are inclusive. */
export type Traffic =
  | { readonly protocol: 'all' }
  | { readonly protocol: 'tcp' | 'udp'; readonly fromPort: number; readonly toPort: number }
  /** -1: every type, or every code. */
  | { readonly protocol: 'icmp'; readonly type: number; readonly code: number }
  /** Any other protocol, by its IANA number. */
  | { readonly protocol: 'other'; readonly number: number }

export interface SecurityGroup {
  readonly id: string
  readonly vpcId: string
  readonly account: AccountId
  readonly name: string
  readonly rules: readonly SecurityGroupRule[]
}

export interface SecurityGroupRule {
  /** `sgr-…` */
  readonly id: string
  readonly direction: 'ingress' | 'egress'
  readonly traffic: Traffic
  readonly peer:
    | { readonly cidr: string }
    /** A group of the same VPC or of a peered one. */
    | { readonly groupId: string }
    | { readonly prefixListId: string }
}

export interface PrefixList {
  readonly id: string
  /** `com.amazonaws.us-east-1.s3` of AWS's own lists. */
  readonly name: string
  readonly cidrs: readonly string[]
}

export interface NetworkInterface {
  readonly id: string
  readonly subnetId: string
  /** The primary private IPv4 address. */
  readonly address: string
  /** The elastic or public IPv4 address that an internet gateway translates to and from. */
  readonly publicAddress?: string
  readonly securityGroupIds: readonly string[]
  readonly sourceDestCheck: boolean
  readonly kind: NetworkInterfaceKind
}

/** Who stands behind an interface. */
export type NetworkInterfaceKind =
  /** A Hyperplane interface: every environment of the functions that share it leaves through it; nothing enters. */
  | { readonly kind: 'lambda' }
  | { readonly kind: 'nat-gateway'; readonly natGatewayId: string }
  | { readonly kind: 'vpc-endpoint'; readonly vpcEndpointId: string }
  /** A service of the user on this machine, reached at the interface's address: `isthmus.yaml`'s `hosts`. */
  | { readonly kind: 'host'; readonly listeners: readonly HostListener[] }
  /** Made by CreateNetworkInterface and attached to nothing. */
  | { readonly kind: 'interface' }

export interface HostListener {
  /** In the VPC. */
  readonly port: number
  /** On this machine's loopback. */
  readonly hostPort: number
}

export interface NatGateway {
  readonly id: string
  readonly vpcId: string
  readonly networkInterfaceId: string
  readonly connectivity: 'public' | 'private'
  /** Connections at once to one address, protocol and port: those beyond find silence. Absent: as many as there are ports. */
  readonly connectionsPerDestination?: number
}

export interface VpcEndpoint {
  readonly id: string
  readonly vpcId: string
  readonly account: AccountId
  readonly region: Region
  readonly type: 'Interface' | 'Gateway'
  /** The service's signing name where it is one of AWS's: `lambda`. */
  readonly service: string
  /** `com.amazonaws.us-east-1.lambda` */
  readonly serviceName: string
  /** Of interface endpoints. */
  readonly networkInterfaceIds: readonly string[]
  readonly privateDnsEnabled: boolean
  /** The names that lead to this endpoint alone: `vpce-….lambda.us-east-1.vpce.amazonaws.com`, then one per zone in the order of `networkInterfaceIds`. */
  readonly dnsNames: readonly string[]
}

export interface VpcPeeringConnection {
  readonly id: string
  readonly requesterVpcId: string
  readonly accepterVpcId: string
  /** Only an active connection carries packets. */
  readonly active: boolean
}

export interface FlowLog {
  readonly id: string
  readonly resourceId: string
  readonly trafficType: 'ACCEPT' | 'REJECT' | 'ALL'
}
