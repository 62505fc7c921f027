/** Flow logs: which flows they take, what a record says, and that it is their role that writes. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  CreateFlowLogsCommand,
  CreateNetworkInterfaceCommand,
  DeleteFlowLogsCommand,
  DescribeFlowLogsCommand,
  EC2Client,
  type CreateFlowLogsCommandInput,
} from '@aws-sdk/client-ec2'
import { CreateRoleCommand, DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Flow } from '../../../src/services/ec2/flow-logs/flow-log-format.ts'
import { createUser } from '../authorization/asking.ts'
import { startCloud, type TestCloud } from '../cloud.ts'
import { allowing, trusting } from '../iam/documents.ts'
import { expectRefusal, newSubnet, newVpc } from './support.ts'

let cloud: TestCloud
let client: EC2Client
let iam: IAMClient
let VpcId: string
let SubnetId: string
let interfaceId: string
let roleArn: string

async function newRole(RoleName: string, service: string): Promise<string> {
  const AssumeRolePolicyDocument = trusting({ Service: service })
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }))
  return Role?.Arn ?? ''
}

const allowWriting = (RoleName: string) =>
  iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'write', PolicyDocument: allowing('logs:*') }))

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(EC2Client, 'source')
  iam = cloud.client(IAMClient, 'source')
  VpcId = await newVpc(client)
  SubnetId = await newSubnet(client, VpcId)
  const { NetworkInterface } = await client.send(new CreateNetworkInterfaceCommand({ SubnetId }))
  interfaceId = NetworkInterface?.NetworkInterfaceId ?? ''
  roleArn = await newRole('flows', 'vpc-flow-logs.amazonaws.com')
  await allowWriting('flows')
})
afterAll(() => cloud.close())

const START_MS = Date.now() - 10_000

function flow(changes: Partial<Flow> = {}): Flow {
  return {
    networkInterfaceId: interfaceId,
    sourceAddress: '10.0.1.5',
    destinationAddress: '10.0.1.6',
    sourcePort: 41_000,
    destinationPort: 443,
    protocol: 6,
    packets: 7,
    bytes: 840,
    startMs: START_MS,
    endMs: START_MS + 1000,
    action: 'ACCEPT',
    direction: 'ingress',
    ...changes,
  }
}

async function createLog(settings: Partial<CreateFlowLogsCommandInput>): Promise<string> {
  const { FlowLogIds, Unsuccessful } = await client.send(
    new CreateFlowLogsCommand({
      ResourceType: 'VPC',
      ResourceIds: [VpcId],
      TrafficType: 'ALL',
      DeliverLogsPermissionArn: roleArn,
      ...settings,
    }),
  )
  expect(Unsuccessful).toEqual([])
  return FlowLogIds?.[0] ?? ''
}

/** Stream → messages. */
async function written(logGroupName: string) {
  const { events = [] } = await cloud
    .client(CloudWatchLogsClient, 'source')
    .send(new FilterLogEventsCommand({ logGroupName }))
  return events.map(({ logStreamName, message }) => `${logStreamName}: ${message}`)
}

async function statusOf(id: string) {
  const { FlowLogs = [] } = await client.send(new DescribeFlowLogsCommand({ FlowLogIds: [id] }))
  return FlowLogs[0] ?? {}
}

const seconds = (ms: number) => Math.floor(ms / 1000)

describe('a flow log', () => {
  it('has a record of every flow in its VPC, in the default format', async () => {
    const id = await createLog({ LogGroupName: 'all-flows' })
    cloud.cloud.fromNetwork.recordFlows([
      flow(),
      flow({ action: 'REJECT', destinationPort: 22, packets: 1, bytes: 60 }),
    ])
    const times = `${seconds(START_MS)} ${seconds(START_MS + 1000)}`
    const start = `${interfaceId}-all: 2 111122223333 ${interfaceId} 10.0.1.5 10.0.1.6 41000`
    await expect
      .poll(() => written('all-flows').catch(() => []))
      .toEqual([`${start} 443 6 7 840 ${times} ACCEPT OK`, `${start} 22 6 1 60 ${times} REJECT OK`])
    expect(await statusOf(id)).toMatchObject({
      FlowLogStatus: 'ACTIVE',
      DeliverLogsStatus: 'SUCCESS',
      MaxAggregationInterval: 600,
      ResourceId: VpcId,
    })
    await client.send(new DeleteFlowLogsCommand({ FlowLogIds: [id] }))
  })

  it('takes only the traffic and the interfaces it is about, and the fields it names', async () => {
    const { NetworkInterface } = await client.send(new CreateNetworkInterfaceCommand({ SubnetId }))
    const other = NetworkInterface?.NetworkInterfaceId ?? ''
    const id = await createLog({
      ResourceType: 'NetworkInterface',
      ResourceIds: [interfaceId],
      TrafficType: 'REJECT',
      LogDestination: 'arn:aws:logs:us-east-1:111122223333:log-group:rejected:*',
      LogFormat: '${action} ${vpc-id} ${subnet-id} ${dstport} ${flow-direction} ${az-id}',
    })
    cloud.cloud.fromNetwork.recordFlows([
      flow(),
      flow({ networkInterfaceId: other, action: 'REJECT' }),
      flow({ networkInterfaceId: 'eni-gone', action: 'REJECT' }),
      flow({ action: 'REJECT', destinationPort: 25, direction: 'egress' }),
    ])
    await expect
      .poll(() => written('rejected').catch(() => []))
      .toEqual([`${interfaceId}-reject: REJECT ${VpcId} ${SubnetId} 25 egress use1-az1`])
    await client.send(new DeleteFlowLogsCommand({ FlowLogIds: [id] }))
  })

  it('has no records while its role may not write or cannot be assumed, and says so', async () => {
    const stranger = await newRole('stranger', 'lambda.amazonaws.com')
    await allowWriting('stranger')
    const untrusted = await createLog({ LogGroupName: 'untrusted', DeliverLogsPermissionArn: stranger })
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'flows', PolicyName: 'write' }))
    const denied = await createLog({ LogGroupName: 'denied' })
    cloud.cloud.fromNetwork.recordFlows([flow()])
    for (const id of [untrusted, denied]) {
      await expect
        .poll(() => statusOf(id))
        .toMatchObject({ DeliverLogsStatus: 'FAILED', DeliverLogsErrorMessage: 'Access error' })
    }
    await allowWriting('flows')
    cloud.cloud.fromNetwork.recordFlows([flow()])
    await expect.poll(() => statusOf(denied)).toMatchObject({ DeliverLogsStatus: 'SUCCESS' })
    expect(await written('denied')).toHaveLength(1)
    await client.send(new DeleteFlowLogsCommand({ FlowLogIds: [untrusted, denied] }))
  })
})

describe('creating a flow log', () => {
  it('tells which resources there are none of', async () => {
    const { FlowLogIds, Unsuccessful } = await client.send(
      new CreateFlowLogsCommand({
        ResourceType: 'Subnet',
        ResourceIds: [SubnetId, 'subnet-0'],
        TrafficType: 'ALL',
        LogGroupName: 'some',
        DeliverLogsPermissionArn: roleArn,
      }),
    )
    expect(FlowLogIds).toHaveLength(1)
    expect(Unsuccessful).toMatchObject([{ ResourceId: 'subnet-0', Error: { Code: 'InvalidSubnetID.NotFound' } }])
  })

  it('is refused without a role, a second time, or with fields that are not known', async () => {
    await expectRefusal(
      createLog({ LogGroupName: 'none', DeliverLogsPermissionArn: undefined }),
      'InvalidParameter',
      "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
    )
    await createLog({ LogGroupName: 'twice' })
    await expectRefusal(
      createLog({ LogGroupName: 'twice' }),
      'FlowLogAlreadyExists',
      'Error. There is an existing Flow Log with the same configuration and log destination.',
    )
    await expectRefusal(
      createLog({ LogGroupName: 'odd', LogFormat: '${colour}' }),
      'InvalidParameter',
      'Unknown fields provided: colour',
    )
    await expectRefusal(
      client.send(new DeleteFlowLogsCommand({ FlowLogIds: ['fl-1'] })),
      'InvalidFlowLogId.NotFound',
      'These flow log ids in the input list are not found: [TotalCount: 1] fl-1',
    )
  })

  it('needs permission to pass the role', async () => {
    const user = await createUser(cloud, 'source', 'flow-user')
    await user.allowWhere(['ec2:CreateFlowLogs'], {})
    await expectRefusal(
      cloud.client(EC2Client, user.credentials).send(
        new CreateFlowLogsCommand({
          ResourceType: 'VPC',
          ResourceIds: [VpcId],
          TrafficType: 'ALL',
          LogGroupName: 'passed',
          DeliverLogsPermissionArn: roleArn,
        }),
      ),
      'UnauthorizedOperation',
      new RegExp(`not authorized to perform: iam:PassRole on resource: ${roleArn}`),
    )
  })
})
