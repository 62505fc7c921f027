/** VPC peering connections as both sides have them: their status as time goes by, and what they connect. https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-lifecycle */
import type * as sdk from '@aws-sdk/client-ec2'

import type { PeeringConnectionRecord, PeeringSide } from '../records.ts'
import type { Ec2Service, Place } from '../service.ts'
import { tagList } from '../requests/tag-set.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const EXPIRY_MS = 7 * DAY_MS

export type PeeringStatus = PeeringConnectionRecord['status'] | 'expired'

/** FIDELITY: AWS takes a moment to bring a request to the other side and to make a connection; here only the answers of those calls say so. */
export function peeringStatus(ec2: Ec2Service, { status, createdMs }: PeeringConnectionRecord): PeeringStatus {
  return status === 'pending-acceptance' && ec2.clock.now() >= createdMs + EXPIRY_MS ? 'expired' : status
}

/** Active, or still to be accepted. */
export function isLive(ec2: Ec2Service, connection: PeeringConnectionRecord): boolean {
  const status = peeringStatus(ec2, connection)
  return status === 'active' || status === 'pending-acceptance'
}

/** The VPCs that a VPC is connected with, in whichever account and Region. */
export function peeredVpcIds(ec2: Ec2Service, vpcId: string): ReadonlySet<string> {
  return new Set(
    ec2
      .all('vpc-peering-connection')
      .filter(({ status }) => status === 'active')
      .flatMap(({ requester, accepter }) => {
        if (requester.vpcId === vpcId) return [accepter.vpcId]
        return accepter.vpcId === vpcId ? [requester.vpcId] : []
      }),
  )
}

/** Writes the connection to both sides, each with its own tags. What never came to be the accepter does not see. */
export function putPeering(ec2: Ec2Service, connection: PeeringConnectionRecord): void {
  for (const { account, region } of [connection.requester, connection.accepter]) {
    const own = ec2.find('vpc-peering-connection', { account, region }, connection.id)
    const isMaker = account === connection.account && region === connection.region
    if (!own && !isMaker && connection.status === 'failed') continue
    const tags = own?.tags ?? (isMaker ? connection.tags : {})
    ec2.put('vpc-peering-connection', { ...connection, account, region, tags })
  }
}

/** What has ended is described for some time. Deletes what that time is over for. */
export function forgetEndedPeerings(ec2: Ec2Service, place: Place): void {
  const now = ec2.clock.now()
  for (const connection of ec2.list('vpc-peering-connection', place)) {
    const endedMs = endOf(ec2, connection)
    if (endedMs !== undefined && now >= endedMs + rememberedMs(ec2, connection)) {
      ec2.delete('vpc-peering-connection', connection)
    }
  }
}

function endOf(ec2: Ec2Service, connection: PeeringConnectionRecord): number | undefined {
  switch (peeringStatus(ec2, connection)) {
    case 'pending-acceptance':
    case 'active':
      return undefined
    case 'expired':
      return connection.createdMs + EXPIRY_MS
    case 'rejected':
    case 'deleted':
    case 'failed':
      return connection.changedMs
  }
}

/** Whoever ended it sees it for two hours, the other side for two days. */
function rememberedMs(ec2: Ec2Service, connection: PeeringConnectionRecord): number {
  const { account, changedBy } = connection
  return peeringStatus(ec2, connection) !== 'expired' && account === changedBy ? 2 * HOUR_MS : 2 * DAY_MS
}

/** `status`: what an answer says in place of what is. */
export function peeringShape(
  ec2: Ec2Service,
  connection: PeeringConnectionRecord,
  status: sdk.VpcPeeringConnectionStateReasonCode = peeringStatus(ec2, connection),
): sdk.VpcPeeringConnection {
  const { requester, accepter, createdMs } = connection
  return {
    VpcPeeringConnectionId: connection.id,
    RequesterVpcInfo: sideShape(ec2, requester, true),
    AccepterVpcInfo: sideShape(ec2, accepter, status === 'active' || status === 'provisioning'),
    Status: { Code: status, Message: messageOf(connection, status) },
    ...(status === 'initiating-request' || status === 'pending-acceptance'
      ? { ExpirationTime: new Date(createdMs + EXPIRY_MS) }
      : {}),
    Tags: tagList(connection.tags),
  }
}

/** What a VPC is like, its owner tells only those it is connected with. */
function sideShape(ec2: Ec2Service, side: PeeringSide, isTold: boolean): sdk.VpcPeeringConnectionVpcInfo {
  const cidrs = isTold ? (ec2.find('vpc', side, side.vpcId)?.cidrs ?? []) : []
  return {
    OwnerId: side.account,
    Region: side.region,
    VpcId: side.vpcId,
    ...(isTold && {
      CidrBlock: cidrs[0]?.cidr,
      CidrBlockSet: cidrs.map(({ cidr }) => ({ CidrBlock: cidr })),
      PeeringOptions: optionsShape(side),
    }),
  }
}

export function optionsShape({
  allowDnsResolutionFromRemoteVpc,
}: PeeringSide): sdk.VpcPeeringConnectionOptionsDescription {
  return {
    AllowDnsResolutionFromRemoteVpc: allowDnsResolutionFromRemoteVpc,
    AllowEgressFromLocalClassicLinkToRemoteVpc: false,
    AllowEgressFromLocalVpcToRemoteClassicLink: false,
  }
}

export const FAILED_MESSAGE = 'Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range'

export function messageOf(
  { accepter, changedBy }: PeeringConnectionRecord,
  status: sdk.VpcPeeringConnectionStateReasonCode,
): string {
  switch (status) {
    case 'initiating-request':
      return `Initiating Request to ${accepter.account}`
    case 'pending-acceptance':
      return `Pending Acceptance by ${accepter.account}`
    case 'provisioning':
      return 'Provisioning'
    case 'active':
      return 'Active'
    case 'rejected':
      return `Rejected by ${changedBy}`
    case 'deleting':
    case 'deleted':
      return `Deleted by ${changedBy}`
    case 'expired':
      return 'Expired'
    case 'failed':
      return FAILED_MESSAGE
  }
}
