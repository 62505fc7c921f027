/** VPC peering: asking, answering and ending, between accounts and Regions; what it opens, and what AWS refuses. */
import {
  AcceptVpcPeeringConnectionCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateRouteCommand,
  CreateTagsCommand,
  CreateVpcPeeringConnectionCommand,
  DeleteVpcCommand,
  DeleteVpcPeeringConnectionCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcPeeringConnectionsCommand,
  EC2Client,
  ModifyVpcPeeringConnectionOptionsCommand,
  RejectVpcPeeringConnectionCommand,
  type VpcPeeringConnection,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { systemClock } from '../../../src/core/clock.ts'
import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { setQuota } from '../service-quotas/support.ts'
import { byVpc, expectRefusal, newVpc } from './support.ts'

const DAY_MS = 86_400_000

/** How far the cloud's clock is ahead of this machine's. */
let aheadMs = 0
let cloud: TestCloud
let source: EC2Client
let target: EC2Client
let blocks = 0

beforeAll(async () => {
  cloud = await startCloud({ clock: { ...systemClock, now: () => Date.now() + aheadMs } })
  source = cloud.client(EC2Client, 'source')
  target = cloud.client(EC2Client, 'target')
  await setQuota(cloud, 'vpc', 'L-F678F1CE', 50, 'source')
  await setQuota(cloud, 'vpc', 'L-F678F1CE', 50, 'target')
})
afterAll(() => cloud.close())

/** A VPC whose block no other of these has. */
function vpcIn(client: EC2Client): Promise<string> {
  return newVpc(client, `10.${++blocks}.0.0/16`)
}

interface Asked {
  readonly id: string
  readonly sourceVpc: string
  readonly targetVpc: string
}

/** Of the account `source` to the account `target`. */
async function ask(): Promise<Asked> {
  const [sourceVpc, targetVpc] = [await vpcIn(source), await vpcIn(target)]
  const { VpcPeeringConnection: made } = await source.send(
    new CreateVpcPeeringConnectionCommand({ VpcId: sourceVpc, PeerVpcId: targetVpc, PeerOwnerId: ACCOUNTS.target }),
  )
  return { id: made?.VpcPeeringConnectionId ?? '', sourceVpc, targetVpc }
}

async function connect(): Promise<Asked> {
  const asked = await ask()
  await target.send(new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: asked.id }))
  return asked
}

async function seenBy(client: EC2Client, id: string): Promise<VpcPeeringConnection> {
  const { VpcPeeringConnections = [] } = await client.send(
    new DescribeVpcPeeringConnectionsCommand({ VpcPeeringConnectionIds: [id] }),
  )
  return VpcPeeringConnections[0] ?? {}
}

describe('a peering connection between accounts', () => {
  it('is asked for by one and accepted by the other, and both see it', async () => {
    const [sourceVpc, targetVpc] = [await vpcIn(source), await vpcIn(target)]
    const { VpcPeeringConnection: made } = await source.send(
      new CreateVpcPeeringConnectionCommand({
        VpcId: sourceVpc,
        PeerVpcId: targetVpc,
        PeerOwnerId: ACCOUNTS.target,
        TagSpecifications: [{ ResourceType: 'vpc-peering-connection', Tags: [{ Key: 'Name', Value: 'mine' }] }],
      }),
    )
    expect(made).toMatchObject({
      Status: { Code: 'initiating-request', Message: 'Initiating Request to 444455556666' },
      RequesterVpcInfo: { OwnerId: ACCOUNTS.source, VpcId: sourceVpc, Region: 'us-east-1' },
    })
    const id = made?.VpcPeeringConnectionId ?? ''
    const pending = await seenBy(target, id)
    expect(pending).toMatchObject({
      Status: { Code: 'pending-acceptance', Message: 'Pending Acceptance by 444455556666' },
      Tags: [],
    })
    expect(pending.AccepterVpcInfo?.CidrBlock).toBeUndefined()
    await expectRefusal(
      source.send(new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id })),
      'OperationNotPermitted',
      `User (111122223333) cannot accept peering ${id}`,
    )
    const accepted = await target.send(new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id }))
    expect(accepted.VpcPeeringConnection?.Status).toEqual({ Code: 'provisioning', Message: 'Provisioning' })
    await target.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'Name', Value: 'theirs' }] }))
    for (const [client, Value] of [
      [source, 'mine'],
      [target, 'theirs'],
    ] as const) {
      expect(await seenBy(client, id)).toMatchObject({
        Status: { Code: 'active', Message: 'Active' },
        AccepterVpcInfo: { CidrBlock: `10.${blocks}.0.0/16` },
        Tags: [{ Key: 'Name', Value }],
      })
    }
    await expectRefusal(
      source.send(new DeleteVpcCommand({ VpcId: sourceVpc })),
      'DependencyViolation',
      /has dependencies/,
    )
  })

  it('carries routes once it is active, and its routes lead nowhere before and after', async () => {
    const { id, sourceVpc } = await ask()
    const { RouteTables = [] } = await source.send(new DescribeRouteTablesCommand(byVpc(sourceVpc)))
    const RouteTableId = RouteTables[0]?.RouteTableId ?? ''
    const DestinationCidrBlock = '10.250.0.0/16'
    await source.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock, VpcPeeringConnectionId: id }))
    const route = async () => {
      const described = await source.send(new DescribeRouteTablesCommand({ RouteTableIds: [RouteTableId] }))
      return described.RouteTables?.[0]?.Routes?.find((item) => item.VpcPeeringConnectionId === id)?.State
    }
    expect(await route()).toBe('blackhole')
    await target.send(new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id }))
    expect(await route()).toBe('active')
    await target.send(new DeleteVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id }))
    expect(await route()).toBe('blackhole')
    expect((await seenBy(source, id)).Status).toEqual({ Code: 'deleted', Message: 'Deleted by 444455556666' })
    await expectRefusal(
      source.send(
        new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '10.251.0.0/16', VpcPeeringConnectionId: id }),
      ),
      'InvalidVpcPeeringConnectionID.NotFound',
      `The vpcPeeringConnection ID '${id}' does not exist`,
    )
  })

  it("lets security groups name the other side's groups", async () => {
    const groupOf = async (client: EC2Client, vpcId: string) => {
      const { SecurityGroups = [] } = await client.send(new DescribeSecurityGroupsCommand(byVpc(vpcId)))
      return SecurityGroups[0]?.GroupId ?? ''
    }
    const { id, sourceVpc, targetVpc } = await ask()
    const [GroupId, theirs] = [await groupOf(target, targetVpc), await groupOf(source, sourceVpc)]
    const authorize = () =>
      target.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId,
          IpPermissions: [
            {
              IpProtocol: 'tcp',
              FromPort: 5432,
              ToPort: 5432,
              UserIdGroupPairs: [{ GroupId: theirs, UserId: ACCOUNTS.source }],
            },
          ],
        }),
      )
    await expectRefusal(authorize(), 'InvalidGroup.NotFound', `The security group '${theirs}' does not exist`)
    await target.send(new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id }))
    const { SecurityGroupRules } = await authorize()
    expect(SecurityGroupRules).toMatchObject([
      { ReferencedGroupInfo: { GroupId: theirs, UserId: ACCOUNTS.source }, FromPort: 5432 },
    ])
  })

  it('is rejected, and then cannot be deleted', async () => {
    const { id } = await ask()
    const reject = { VpcPeeringConnectionId: id }
    await expectRefusal(
      source.send(new RejectVpcPeeringConnectionCommand(reject)),
      'OperationNotPermitted',
      `User (111122223333) cannot reject peering ${id}`,
    )
    await target.send(new RejectVpcPeeringConnectionCommand(reject))
    expect((await seenBy(source, id)).Status?.Code).toBe('rejected')
    await expectRefusal(
      source.send(new DeleteVpcPeeringConnectionCommand(reject)),
      'InvalidStateTransition',
      `Invalid state transition for ${id}, attempted to transition from rejected to deleting`,
    )
  })

  it('has options of each side that its owner changes', async () => {
    const { id } = await connect()
    const options = { AllowDnsResolutionFromRemoteVpc: true }
    await source.send(
      new ModifyVpcPeeringConnectionOptionsCommand({
        VpcPeeringConnectionId: id,
        RequesterPeeringConnectionOptions: options,
      }),
    )
    expect(await seenBy(target, id)).toMatchObject({
      RequesterVpcInfo: { PeeringOptions: options },
      AccepterVpcInfo: { PeeringOptions: { AllowDnsResolutionFromRemoteVpc: false } },
    })
    await expectRefusal(
      source.send(
        new ModifyVpcPeeringConnectionOptionsCommand({
          VpcPeeringConnectionId: id,
          AccepterPeeringConnectionOptions: options,
        }),
      ),
      'OperationNotPermitted',
      /cannot modify the options/,
    )
    const { id: pending } = await ask()
    await expectRefusal(
      source.send(
        new ModifyVpcPeeringConnectionOptionsCommand({
          VpcPeeringConnectionId: pending,
          RequesterPeeringConnectionOptions: options,
        }),
      ),
      'OperationNotPermitted',
      `Peering ${pending} is not active. Peering options can be added only to active peerings.`,
    )
  })
})

describe('a request that cannot be', () => {
  it.each([
    ['whose blocks overlap', async () => newVpc(target, '10.99.0.0/24')],
    ['for a VPC that is not there', () => Promise.resolve('vpc-00000000000000000')],
  ])('%s has failed, and the other side never sees it', async (_name, peer) => {
    const VpcId = await newVpc(source, '10.99.0.0/16')
    const { VpcPeeringConnection: made } = await source.send(
      new CreateVpcPeeringConnectionCommand({ VpcId, PeerVpcId: await peer(), PeerOwnerId: ACCOUNTS.target }),
    )
    const id = made?.VpcPeeringConnectionId ?? ''
    expect((await seenBy(source, id)).Status).toEqual({
      Code: 'failed',
      Message: 'Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range',
    })
    await expectRefusal(seenBy(target, id), 'InvalidVpcPeeringConnectionID.NotFound', /does not exist/)
    await source.send(new DeleteVpcCommand({ VpcId }))
  })

  it('is not made twice', async () => {
    const { id, sourceVpc, targetVpc } = await ask()
    const again = () =>
      source.send(
        new CreateVpcPeeringConnectionCommand({ VpcId: sourceVpc, PeerVpcId: targetVpc, PeerOwnerId: ACCOUNTS.target }),
      )
    expect((await again()).VpcPeeringConnection?.VpcPeeringConnectionId).toBe(id)
    await target.send(new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id }))
    await expectRefusal(again(), 'VpcPeeringConnectionAlreadyExists', /active peering connection/)
  })

  it('is one more than the quota', async () => {
    const { id: first } = await connect()
    const { id: second, sourceVpc } = await ask()
    const other = await vpcIn(target)
    const { VpcPeeringConnection: third } = await source.send(
      new CreateVpcPeeringConnectionCommand({ VpcId: sourceVpc, PeerVpcId: other, PeerOwnerId: ACCOUNTS.target }),
    )
    expect(first).not.toBe(second)
    await setQuota(cloud, 'vpc', 'L-7E9ECCDB', 1, 'target')
    const accept = (VpcPeeringConnectionId = '') =>
      target.send(new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId }))
    await accept(second)
    await expectRefusal(
      accept(third?.VpcPeeringConnectionId),
      'ActiveVpcPeeringConnectionPerVpcLimitExceeded',
      /maximum number/,
    )
    await setQuota(cloud, 'vpc', 'L-7E9ECCDB', 50, 'target')
  })
})

it('connects VPCs of two Regions, and is answered in the other one', async () => {
  const elsewhere = cloud.client(EC2Client, 'source', 'eu-west-1')
  const [VpcId, PeerVpcId] = [await vpcIn(source), await vpcIn(elsewhere)]
  const { VpcPeeringConnection: made } = await source.send(
    new CreateVpcPeeringConnectionCommand({ VpcId, PeerVpcId, PeerRegion: 'eu-west-1' }),
  )
  const accept = { VpcPeeringConnectionId: made?.VpcPeeringConnectionId ?? '' }
  await expectRefusal(
    source.send(new AcceptVpcPeeringConnectionCommand(accept)),
    'OperationNotPermitted',
    /must be accepted in region eu-west-1$/,
  )
  await elsewhere.send(new AcceptVpcPeeringConnectionCommand(accept))
  expect((await seenBy(source, accept.VpcPeeringConnectionId)).Status?.Code).toBe('active')
  const { VpcPeeringConnections } = await elsewhere.send(
    new DescribeVpcPeeringConnectionsCommand({ Filters: [{ Name: 'requester-vpc-info.vpc-id', Values: [VpcId] }] }),
  )
  expect(VpcPeeringConnections).toMatchObject([accept])
})

it('expires after a week without an answer, and is forgotten two days later', async () => {
  const { id } = await ask()
  /** Signs by the cloud's clock; once, for the answer's date is this machine's. */
  const after = (days: number) => {
    aheadMs = days * DAY_MS
    return new EC2Client({
      region: 'us-east-1',
      endpoint: cloud.endpoint,
      credentials: cloud.administrator('target'),
      systemClockOffset: aheadMs,
    })
  }
  expect((await seenBy(after(7.01), id)).Status?.Code).toBe('expired')
  await expectRefusal(
    after(7.01).send(new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id })),
    'InvalidStateTransition',
    `Invalid state transition for ${id}, attempted to transition from expired to provisioning`,
  )
  await expectRefusal(seenBy(after(9.01), id), 'InvalidVpcPeeringConnectionID.NotFound', /does not exist/)
})
