/** How VPC endpoints are answered, their state and their DNS names. */
import { createHash } from 'node:crypto'

import type * as sdk from '@aws-sdk/client-ec2'

import { policyDocumentOf } from './endpoint-policies.ts'
import { tablesOfEndpoint } from './endpoint-parts.ts'
import { serviceOf } from './endpoint-services.ts'
import type { VpcEndpointRecord } from '../records.ts'
import type { Ec2Service } from '../service.ts'
import { tagList } from '../requests/tag-set.ts'

/** FIDELITY: an interface endpoint is there after a moment; AWS takes a minute or two. Packets pass from the start. */
const PENDING_MS = 50

export function endpointState({ type, createdMs }: VpcEndpointRecord, nowMs: number): 'pending' | 'available' {
  return type === 'Interface' && nowMs < createdMs + PENDING_MS ? 'pending' : 'available'
}

/** The names that lead to this endpoint alone: of the Region, then of each zone. https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html#interface-endpoint-dns-hostnames */
export function endpointDnsNames(ec2: Ec2Service, endpoint: VpcEndpointRecord): readonly string[] {
  if (endpoint.type === 'Gateway') return []
  const name = `${endpoint.id}-${endpoint.dnsSuffix}`
  const domain = `${serviceOf(endpoint).signingName}.${endpoint.region}.vpce.amazonaws.com`
  const zones = endpoint.interfaces.map(({ subnetId }) => ec2.get('subnet', endpoint, subnetId).zone)
  return [`${name}.${domain}`, ...zones.map((zone) => `${name}-${zone}.${domain}`)]
}

/** As it is at that time. */
export function endpointShape(ec2: Ec2Service, endpoint: VpcEndpointRecord, nowMs: number): sdk.VpcEndpoint {
  // AWS answers it in small letters, whatever its model says.
  const State = endpointState(endpoint, nowMs) as sdk.State
  return {
    VpcEndpointId: endpoint.id,
    VpcEndpointType: endpoint.type,
    VpcId: endpoint.vpcId,
    ServiceName: endpoint.serviceName,
    ServiceRegion: endpoint.region,
    State,
    PolicyDocument: policyDocumentOf(endpoint),
    RouteTableIds: endpoint.type === 'Gateway' ? tablesOfEndpoint(ec2, endpoint).map(({ id }) => id) : [],
    SubnetIds: endpoint.interfaces.map(({ subnetId }) => subnetId),
    NetworkInterfaceIds: endpoint.interfaces.map(({ networkInterfaceId }) => networkInterfaceId),
    Groups: endpoint.groupIds.map((GroupId) => ({
      GroupId,
      GroupName: ec2.find('security-group', endpoint, GroupId)?.name,
    })),
    ...(endpoint.type === 'Interface' && { IpAddressType: 'ipv4', DnsOptions: { DnsRecordIpType: 'ipv4' } }),
    PrivateDnsEnabled: endpoint.privateDnsEnabled,
    RequesterManaged: false,
    DnsEntries: dnsEntries(ec2, endpoint, nowMs),
    CreationTimestamp: new Date(endpoint.createdMs),
    Tags: tagList(endpoint.tags),
    OwnerId: endpoint.account,
  }
}

function dnsEntries(ec2: Ec2Service, endpoint: VpcEndpointRecord, nowMs: number): sdk.DnsEntry[] {
  const regional = hostedZoneId(`vpce.${endpoint.region}`)
  const own = endpointDnsNames(ec2, endpoint).map((DnsName) => ({ DnsName, HostedZoneId: regional }))
  if (!endpoint.privateDnsEnabled) return own
  const isPending = endpointState(endpoint, nowMs) === 'pending'
  const HostedZoneId = isPending ? 'ZONEIDPENDING' : hostedZoneId(endpoint.id)
  return [...own, { DnsName: serviceOf(endpoint).hostName, HostedZoneId }]
}

const HOSTED_ZONE_DIGITS = 19

/** FIDELITY: ids of no hosted zone of AWS's: Route 53 is not here. */
function hostedZoneId(of: string): string {
  return `Z${createHash('sha256').update(of).digest('hex').slice(0, HOSTED_ZONE_DIGITS).toUpperCase()}`
}
