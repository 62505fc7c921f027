/** What EC2 remembers: one record per resource, plain JSON. What AWS derives from others (states, counts, associations) is not stored. */
import type { AccountId } from '../../core/account.ts'
import type { Region } from '../../core/region.ts'
import type { NetworkInterfaceKind, RouteTarget } from '../../network/plan/model.ts'

export type Tags = Readonly<Record<string, string>>

export interface ResourceRecord {
  readonly id: string
  /** Who owns it. */
  readonly account: AccountId
  readonly region: Region
  readonly tags: Tags
  /** Of the request that made it, which may be repeated. */
  readonly creation?: { readonly clientToken: string; readonly inputSha256: string }
}

export interface VpcRecord extends ResourceRecord {
  /** The primary one first. */
  readonly cidrs: readonly CidrAssociation[]
  readonly isDefault: boolean
  readonly tenancy: 'default' | 'dedicated'
  readonly enableDnsSupport: boolean
  readonly enableDnsHostnames: boolean
  /** `default` for none, as AWS has it. */
  readonly dhcpOptionsId: string
}

export interface CidrAssociation {
  /** `vpc-cidr-assoc-…` */
  readonly id: string
  readonly cidr: string
}

export interface SubnetRecord extends ResourceRecord {
  readonly vpcId: string
  readonly cidr: string
  readonly zone: string
  readonly isDefault: boolean
  readonly mapPublicIpOnLaunch: boolean
  readonly networkAclId: string
  /** `aclassoc-…` */
  readonly networkAclAssociationId: string
}

export interface RouteTableRecord extends ResourceRecord {
  readonly vpcId: string
  readonly associations: readonly RouteTableAssociation[]
  /** Without the local ones. */
  readonly routes: readonly RouteRecord[]
}

/** Of a subnet, or the VPC's main one. */
export interface RouteTableAssociation {
  /** `rtbassoc-…` */
  readonly id: string
  readonly subnetId?: string
}

export interface RouteRecord {
  readonly destination: { readonly cidr: string } | { readonly prefixListId: string }
  readonly target: Exclude<RouteTarget, { kind: 'blackhole' }>
}

export interface InternetGatewayRecord extends ResourceRecord {
  readonly vpcId?: string
}

export interface NatGatewayRecord extends ResourceRecord {
  readonly vpcId: string
  readonly subnetId: string
  readonly connectivity: 'public' | 'private'
  readonly state: 'pending' | 'available' | 'failed' | 'deleting' | 'deleted'
  /** Why it will be, or is, `failed`: it has no interface then. */
  readonly failure?: { readonly code: string; readonly message: string }
  readonly networkInterfaceId?: string
  readonly privateIp?: string
  /** Of a public one, as it was when the gateway was made. */
  readonly allocationId?: string
  readonly publicIp?: string
  readonly associationId?: string
  /** Of connections to one destination, where it is another than AWS's. */
  readonly connectionsPerDestination?: number
  readonly createdMs: number
  readonly deletedMs?: number
}

export interface AddressRecord extends ResourceRecord {
  readonly publicIp: string
  readonly association?: AddressAssociation
}

export interface AddressAssociation {
  /** `eipassoc-…` */
  readonly id: string
  readonly networkInterfaceId: string
  readonly privateIp: string
}

export interface SecurityGroupRecord extends ResourceRecord {
  readonly vpcId: string
  readonly name: string
  readonly description: string
  readonly rules: readonly SecurityGroupRuleRecord[]
}

export interface SecurityGroupRuleRecord {
  /** `sgr-…` */
  readonly id: string
  readonly egress: boolean
  /** `tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all, else a number. */
  readonly protocol: string
  /** Ports; of ICMP the type and the code. -1: all. */
  readonly fromPort: number
  readonly toPort: number
  readonly peer: RulePeer
  readonly description?: string
  readonly tags: Tags
}

export type RulePeer =
  | { readonly kind: 'ipv4'; readonly cidr: string }
  | { readonly kind: 'ipv6'; readonly cidr: string }
  | { readonly kind: 'prefix-list'; readonly id: string }
  | { readonly kind: 'group'; readonly id: string; readonly account: string }

export interface NetworkAclRecord extends ResourceRecord {
  readonly vpcId: string
  readonly isDefault: boolean
  readonly entries: readonly NetworkAclEntryRecord[]
}

export interface NetworkAclEntryRecord {
  readonly ruleNumber: number
  readonly egress: boolean
  readonly action: 'allow' | 'deny'
  /** IPv4 or IPv6. */
  readonly cidr: string
  /** IANA number; -1: all. */
  readonly protocol: number
  readonly ports?: { readonly from: number; readonly to: number }
  readonly icmp?: { readonly type: number; readonly code: number }
}

export interface NetworkInterfaceRecord extends ResourceRecord {
  readonly vpcId: string
  readonly subnetId: string
  readonly zone: string
  readonly description: string
  readonly address: string
  readonly macAddress: string
  readonly groupIds: readonly string[]
  readonly sourceDestCheck: boolean
  /** Who stands behind it: what the data plane needs to know. */
  readonly role: NetworkInterfaceKind
  /** `interface`, `lambda`, `nat_gateway`, `vpc_endpoint`, … */
  readonly interfaceType: string
  readonly requesterId?: string
  readonly requesterManaged: boolean
  readonly attachment?: AttachmentRecord
}

export interface AttachmentRecord {
  /** `ela-attach-…`, `eni-attach-…` */
  readonly id: string
  readonly deviceIndex: number
  readonly instanceOwnerId: string
  readonly deleteOnTermination: boolean
  readonly attachedMs: number
}

export interface VpcEndpointRecord extends ResourceRecord {
  readonly vpcId: string
  readonly type: 'Interface' | 'Gateway'
  /** `com.amazonaws.us-east-1.lambda` */
  readonly serviceName: string
  /** As it was given. Absent: the default one, which allows everything. */
  readonly policy?: string
  readonly privateDnsEnabled: boolean
  /** Of interface endpoints, one per subnet. Which tables a gateway endpoint is in, their routes say. */
  readonly interfaces: readonly EndpointInterface[]
  readonly groupIds: readonly string[]
  /** What its DNS names have after its id: `a1b2c3d4`. */
  readonly dnsSuffix: string
  readonly createdMs: number
}

export interface EndpointInterface {
  readonly subnetId: string
  readonly networkInterfaceId: string
}

/** Each side has a record of its own, with tags of its own; the rest is the same in both. */
export interface PeeringConnectionRecord extends ResourceRecord {
  readonly requester: PeeringSide
  readonly accepter: PeeringSide
  /** A request that nobody answers expires by itself. */
  readonly status: 'pending-acceptance' | 'active' | 'rejected' | 'deleted' | 'failed'
  readonly createdMs: number
  /** When the status was reached, and who reached it. */
  readonly changedMs: number
  readonly changedBy: AccountId
}

export interface PeeringSide {
  readonly account: AccountId
  readonly region: Region
  readonly vpcId: string
  readonly allowDnsResolutionFromRemoteVpc: boolean
}

export interface PrefixListRecord extends ResourceRecord {
  readonly name: string
  readonly addressFamily: 'IPv4' | 'IPv6'
  readonly maxEntries: number
  /** Version 1 first; the last one applies. */
  readonly versions: readonly (readonly PrefixListEntry[])[]
  readonly lastChange: 'create' | 'modify' | 'restore'
}

export interface PrefixListEntry {
  readonly cidr: string
  readonly description?: string
}

export interface DhcpOptionsRecord extends ResourceRecord {
  readonly configurations: readonly { readonly key: string; readonly values: readonly string[] }[]
}

export interface FlowLogRecord extends ResourceRecord {
  /** A VPC, a subnet or a network interface. */
  readonly resourceId: string
  readonly trafficType: 'ACCEPT' | 'REJECT' | 'ALL'
  readonly logGroupName: string
  /** The role that writes the records. */
  readonly roleArn: string
  /** `${version} ${account-id} …` */
  readonly format: string
  readonly aggregationSeconds: number
  readonly createdMs: number
  /** Why nothing could be written the last time: `Access error`. */
  readonly deliveryError?: string
}

/** Every kind of resource that is found by its id and can be tagged. */
export interface Records {
  readonly vpc: VpcRecord
  readonly subnet: SubnetRecord
  readonly 'route-table': RouteTableRecord
  readonly 'internet-gateway': InternetGatewayRecord
  readonly natgateway: NatGatewayRecord
  readonly 'elastic-ip': AddressRecord
  readonly 'security-group': SecurityGroupRecord
  readonly 'network-acl': NetworkAclRecord
  readonly 'network-interface': NetworkInterfaceRecord
  readonly 'vpc-endpoint': VpcEndpointRecord
  readonly 'vpc-peering-connection': PeeringConnectionRecord
  readonly 'prefix-list': PrefixListRecord
  readonly 'dhcp-options': DhcpOptionsRecord
  readonly 'vpc-flow-log': FlowLogRecord
}

export type Kind = keyof Records
