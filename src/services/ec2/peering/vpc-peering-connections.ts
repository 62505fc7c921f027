/** VPC peering connections, also between accounts and Regions. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcPeeringConnection.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { isAccountId, type AccountId } from '../../../core/account.ts'
import { AwsError } from '../../../core/aws-error.ts'
import { cidrsOverlap } from '../../../core/cidr.ts'
import { isRegion, type Region } from '../../../core/region.ts'
import { onAll, onCreation, onResource, resourceArn } from '../access.ts'
import { invalidValue, missingParameter, notImplemented } from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { pageOf } from '../requests/paging.ts'
import {
  forgetEndedPeerings,
  messageOf,
  optionsShape,
  peeringShape,
  peeringStatus,
  putPeering,
  type PeeringStatus,
} from './peerings.ts'
import { checkQuota, QUOTAS } from '../quotas.ts'
import type { PeeringConnectionRecord, PeeringSide, VpcRecord } from '../records.ts'
import type { Ec2Operations, Ec2Service, Place } from '../service.ts'
import { specifiedTags } from '../requests/tag-set.ts'
import { block } from '../vpcs/vpc-creation.ts'

const KIND = 'vpc-peering-connection'

export const vpcPeeringConnections: Ec2Operations = {
  CreateVpcPeeringConnection: {
    permissions: (input, caller, ec2) => {
      const requester = resourceArn('vpc', caller, input.VpcId)
      const accepter = peerOf(caller, input)
      const context = {
        'ec2:requestervpc': requester,
        ...(accepter && { 'ec2:acceptervpc': resourceArn('vpc', accepter, accepter.vpcId) }),
      }
      return [
        ...onCreation(caller, 'CreateVpcPeeringConnection', KIND, input.TagSpecifications, context),
        onResource(ec2, caller, 'CreateVpcPeeringConnection', 'vpc', input.VpcId),
      ]
    },
    handle(input, caller, ec2) {
      const vpc = ec2.get('vpc', caller, input.VpcId)
      if (input.PeerVpcId === undefined) throw missingParameter('peerVpcId')
      const accepter = peerOf(caller, input)
      if (!accepter) throw invalidValue('peerOwnerId', input.PeerOwnerId ?? '', 'This is not an AWS account ID.')
      const connection = requestPeering(ec2, vpc, accepter, specifiedTags(input.TagSpecifications, KIND))
      const isNew = connection.status === 'pending-acceptance' || connection.status === 'failed'
      return { VpcPeeringConnection: peeringShape(ec2, connection, isNew ? 'initiating-request' : undefined) }
    },
  },

  DescribeVpcPeeringConnections: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeVpcPeeringConnections')],
    handle(input, caller, ec2) {
      forgetEndedPeerings(ec2, caller)
      const { VpcPeeringConnectionIds: ids, Filters: filters } = input
      const found = applyFilters(ec2.asked(KIND, caller, ids), filters, filtersFor(ec2))
      const idsParameter = ids && 'vpcPeeringConnectionIds'
      const { items, NextToken } = pageOf(found, ({ id }) => id, input, { idsParameter })
      return { VpcPeeringConnections: items.map((connection) => peeringShape(ec2, connection)), NextToken }
    },
  },

  AcceptVpcPeeringConnection: {
    permissions: ({ VpcPeeringConnectionId: id }, caller, ec2) => [
      onResource(ec2, caller, 'AcceptVpcPeeringConnection', KIND, id),
      onResource(ec2, caller, 'AcceptVpcPeeringConnection', 'vpc', ec2.find(KIND, caller, id)?.accepter.vpcId),
    ],
    handle({ VpcPeeringConnectionId: id }, caller, ec2) {
      const connection = ec2.get(KIND, caller, id)
      checkIsAccepter(connection, caller, 'accept')
      checkTransition(ec2, connection, ['pending-acceptance'], 'provisioning')
      for (const { vpcId } of [connection.requester, connection.accepter]) {
        checkQuota(ec2, caller, QUOTAS.activePeeringsPerVpc, activeCount(ec2, vpcId), {
          code: 'ActiveVpcPeeringConnectionPerVpcLimitExceeded',
          message: 'The maximum number of active VPC peering connections per VPC has been reached.',
        })
      }
      const status = canConnect(ec2, connection.requester, connection.accepter) ? 'active' : 'failed'
      putPeering(ec2, changed(ec2, connection, status, caller.account))
      const now = ec2.get(KIND, caller, id)
      return { VpcPeeringConnection: peeringShape(ec2, now, status === 'active' ? 'provisioning' : undefined) }
    },
  },

  RejectVpcPeeringConnection: {
    permissions: ({ VpcPeeringConnectionId: id }, caller, ec2) => [
      onResource(ec2, caller, 'RejectVpcPeeringConnection', KIND, id),
    ],
    handle({ VpcPeeringConnectionId: id }, caller, ec2) {
      const connection = ec2.get(KIND, caller, id)
      checkIsAccepter(connection, caller, 'reject')
      checkTransition(ec2, connection, ['pending-acceptance'], 'rejected')
      putPeering(ec2, changed(ec2, connection, 'rejected', caller.account))
      return { Return: true }
    },
  },

  DeleteVpcPeeringConnection: {
    permissions: ({ VpcPeeringConnectionId: id }, caller, ec2) => [
      onResource(ec2, caller, 'DeleteVpcPeeringConnection', KIND, id),
    ],
    handle({ VpcPeeringConnectionId: id }, caller, ec2) {
      const connection = ec2.get(KIND, caller, id)
      const { requester, status } = connection
      checkTransition(ec2, connection, ['pending-acceptance', 'active', 'failed', 'expired'], 'deleting')
      if (status === 'pending-acceptance' && !isSide(requester, caller)) {
        throw notPermitted(`User (${caller.account}) cannot delete peering ${id}`)
      }
      putPeering(ec2, changed(ec2, connection, 'deleted', caller.account))
      return { Return: true }
    },
  },

  ModifyVpcPeeringConnectionOptions: {
    permissions: ({ VpcPeeringConnectionId: id, ...input }, caller, ec2) => [
      onResource(ec2, caller, 'ModifyVpcPeeringConnectionOptions', KIND, id, {
        context: { 'ec2:attribute': Object.keys(input).filter((name) => name !== 'DryRun') },
      }),
    ],
    handle(input, caller, ec2) {
      const { VpcPeeringConnectionId: id } = input
      const connection = ec2.get(KIND, caller, id)
      if (peeringStatus(ec2, connection) !== 'active') {
        throw notPermitted(`Peering ${id} is not active. Peering options can be added only to active peerings.`)
      }
      const requester = withOptions(connection.requester, input.RequesterPeeringConnectionOptions, caller)
      const accepter = withOptions(connection.accepter, input.AccepterPeeringConnectionOptions, caller)
      putPeering(ec2, { ...connection, requester, accepter })
      return {
        ...(input.RequesterPeeringConnectionOptions && { RequesterPeeringConnectionOptions: optionsShape(requester) }),
        ...(input.AccepterPeeringConnectionOptions && { AccepterPeeringConnectionOptions: optionsShape(accepter) }),
      }
    },
  },
}

interface Peer extends Place {
  readonly vpcId: string
}

/** Undefined where the request names no possible account or Region. */
function peerOf(caller: Place, input: sdk.CreateVpcPeeringConnectionRequest): Peer | undefined {
  const account: string = input.PeerOwnerId ?? caller.account
  const region: string = input.PeerRegion ?? caller.region
  if (!isAccountId(account) || !isRegion(region)) return undefined
  return { account, region, vpcId: input.PeerVpcId ?? '*' }
}

/**
 * Answers the request that is open already between the two, as AWS does. A connection that cannot be is made too, and has failed.
 * https://docs.aws.amazon.com/vpc/latest/peering/create-vpc-peering-connection.html
 */
function requestPeering(
  ec2: Ec2Service,
  vpc: VpcRecord,
  peer: Peer,
  tags: PeeringConnectionRecord['tags'],
): PeeringConnectionRecord {
  const open = ec2.list(KIND, vpc).find((other) => {
    const status = peeringStatus(ec2, other)
    return (
      (status === 'active' || status === 'pending-acceptance') &&
      other.requester.vpcId === vpc.id &&
      other.accepter.vpcId === peer.vpcId
    )
  })
  if (open?.status === 'active') {
    throw new AwsError(
      'VpcPeeringConnectionAlreadyExists',
      `There is already an active peering connection ${open.id} between ${vpc.id} and ${peer.vpcId}`,
    )
  }
  if (open) return open
  const outstanding = ec2
    .list(KIND, vpc)
    .filter((other) => isSide(other.requester, vpc) && peeringStatus(ec2, other) === 'pending-acceptance')
  checkQuota(ec2, vpc, QUOTAS.outstandingPeerings, outstanding.length, {
    code: 'OutstandingVpcPeeringConnectionLimitExceeded',
    message: 'The maximum number of outstanding VPC peering connection requests has been reached.',
  })
  const { account, region, id: vpcId } = vpc
  const now = ec2.clock.now()
  const connection: PeeringConnectionRecord = {
    id: ec2.newId('pcx'),
    account,
    region,
    tags,
    requester: { account, region, vpcId, allowDnsResolutionFromRemoteVpc: false },
    accepter: { ...peer, allowDnsResolutionFromRemoteVpc: false },
    status: canConnect(ec2, { account, region, vpcId }, peer) ? 'pending-acceptance' : 'failed',
    createdMs: now,
    changedMs: now,
    changedBy: account,
  }
  putPeering(ec2, connection)
  return connection
}

/** Both VPCs are there, and no address is in both. */
function canConnect(ec2: Ec2Service, requester: Peer, accepter: Peer): boolean {
  const vpcs = [requester, accepter].map((side) => ec2.find('vpc', side, side.vpcId))
  const [left, right] = vpcs.map((vpc) => vpc?.cidrs.map(({ cidr }) => block(cidr)))
  if (!left || !right) return false
  return !left.some((ours) => right.some((theirs) => cidrsOverlap(ours, theirs)))
}

function activeCount(ec2: Ec2Service, vpcId: string): number {
  const ids = ec2
    .all(KIND)
    .filter(
      ({ status, requester, accepter }) =>
        status === 'active' && (requester.vpcId === vpcId || accepter.vpcId === vpcId),
    )
    .map(({ id }) => id)
  return new Set(ids).size
}

function changed(
  ec2: Ec2Service,
  connection: PeeringConnectionRecord,
  status: PeeringConnectionRecord['status'],
  changedBy: AccountId,
): PeeringConnectionRecord {
  return { ...connection, status, changedMs: ec2.clock.now(), changedBy }
}

function isSide(side: Place, { account, region }: { readonly account: AccountId; readonly region: Region }): boolean {
  return side.account === account && side.region === region
}

function notPermitted(message: string): AwsError {
  return new AwsError('OperationNotPermitted', message)
}

function checkIsAccepter({ id, accepter }: PeeringConnectionRecord, caller: Place, verb: 'accept' | 'reject'): void {
  if (accepter.account !== caller.account) throw notPermitted(`User (${caller.account}) cannot ${verb} peering ${id}`)
  if (accepter.region === caller.region) return
  throw notPermitted(
    `Incorrect region (${caller.region}) specified for this request. VPC peering connection ${id} must be ${verb}ed in region ${accepter.region}`,
  )
}

function checkTransition(
  ec2: Ec2Service,
  connection: PeeringConnectionRecord,
  from: readonly PeeringStatus[],
  to: string,
): void {
  const status = peeringStatus(ec2, connection)
  if (from.includes(status)) return
  throw new AwsError(
    'InvalidStateTransition',
    `Invalid state transition for ${connection.id}, attempted to transition from ${status} to ${to}`,
  )
}

/** Each side's options are its owner's to change. */
function withOptions(
  side: PeeringSide,
  options: sdk.PeeringConnectionOptionsRequest | undefined,
  caller: Place,
): PeeringSide {
  if (!options) return side
  if (options.AllowEgressFromLocalClassicLinkToRemoteVpc || options.AllowEgressFromLocalVpcToRemoteClassicLink) {
    throw notImplemented('AllowEgressFromLocal…ClassicLink…', 'ModifyVpcPeeringConnectionOptions')
  }
  if (!isSide(side, caller)) {
    throw notPermitted(`User (${caller.account}) cannot modify the options of ${side.vpcId}`)
  }
  const { AllowDnsResolutionFromRemoteVpc: allowed = side.allowDnsResolutionFromRemoteVpc } = options
  return { ...side, allowDnsResolutionFromRemoteVpc: allowed }
}

function filtersFor(ec2: Ec2Service): Filters<PeeringConnectionRecord> {
  const cidrsOf = (side: PeeringSide) => ec2.find('vpc', side, side.vpcId)?.cidrs.map(({ cidr }) => cidr)
  const isTold = (connection: PeeringConnectionRecord) => connection.status === 'active'
  return {
    'accepter-vpc-info.cidr-block': (connection) => (isTold(connection) ? cidrsOf(connection.accepter) : undefined),
    'accepter-vpc-info.owner-id': ({ accepter }) => accepter.account,
    'accepter-vpc-info.vpc-id': ({ accepter }) => accepter.vpcId,
    'expiration-time': (connection) => peeringShape(ec2, connection).ExpirationTime?.toISOString(),
    'requester-vpc-info.cidr-block': ({ requester }) => cidrsOf(requester),
    'requester-vpc-info.owner-id': ({ requester }) => requester.account,
    'requester-vpc-info.vpc-id': ({ requester }) => requester.vpcId,
    'status-code': (connection) => peeringStatus(ec2, connection),
    'status-message': (connection) => messageOf(connection, peeringStatus(ec2, connection)),
    'vpc-peering-connection-id': ({ id }) => id,
  }
}
