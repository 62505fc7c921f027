/** Who may do what: EC2's denials, the resources and keys its policies name, and how often anyone may ask. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteVpcCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
} from '@aws-sdk/client-ec2'
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { DecodeAuthorizationMessageCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { systemClock } from '../../../src/core/clock.ts'
import { startCloud, type TestCloud } from '../cloud.ts'
import { policy } from '../iam/documents.ts'
import { expectRefusal, newVpc } from './support.ts'

const USER = 'arn:aws:iam::111122223333:user/network'
const ARN = 'arn:aws:ec2:us-east-1:111122223333:'
const NO_POLICY = (action: string) => `because no identity-based policy allows the ec2:${action} action.`

let cloud: TestCloud
let administrator: EC2Client
let iam: IAMClient
let client: EC2Client

beforeAll(async () => {
  cloud = await startCloud()
  administrator = cloud.client(EC2Client, 'source')
  iam = cloud.client(IAMClient, 'source')
  await iam.send(new CreateUserCommand({ UserName: 'network' }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'network' }))
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {}
  client = cloud.client(EC2Client, { accessKeyId, secretAccessKey })
})
afterAll(() => cloud.close())

/** The user's only policy. */
async function allow(...statements: readonly object[]): Promise<void> {
  const PolicyDocument = policy(...statements.map((statement) => ({ Effect: 'Allow', ...statement })))
  await iam.send(new PutUserPolicyCommand({ UserName: 'network', PolicyName: 'only', PolicyDocument }))
}

const denied = (call: Promise<unknown>) =>
  expect(call).rejects.toMatchObject({ name: 'UnauthorizedOperation', $metadata: { httpStatusCode: 403 } })

describe('a denied call', () => {
  it('is told of without a resource where it is about none', async () => {
    await allow({ Action: 'sts:GetCallerIdentity', Resource: '*' })
    await expectRefusal(
      client.send(new DescribeVpcsCommand({})),
      'UnauthorizedOperation',
      `You are not authorized to perform this operation. User: ${USER} is not authorized to perform: ec2:DescribeVpcs ${NO_POLICY('DescribeVpcs')}`,
    )
  })

  it('carries a message that only an administrator can decode', async () => {
    await allow({ Action: 'sts:GetCallerIdentity', Resource: '*' })
    const call = client.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))
    const message = await call.then(
      () => '',
      (error: unknown) => (error as Error).message,
    )
    const start = `You are not authorized to perform this operation. User: ${USER} is not authorized to perform: ec2:CreateVpc on resource: ${ARN}vpc/* ${NO_POLICY('CreateVpc')} Encoded authorization failure message: `
    expect(message.slice(0, start.length)).toBe(start)
    const { DecodedMessage } = await cloud
      .client(STSClient, 'source')
      .send(new DecodeAuthorizationMessageCommand({ EncodedMessage: message.slice(start.length) }))
    expect(JSON.parse(DecodedMessage ?? '')).toMatchObject({
      allowed: false,
      explicitDeny: false,
      context: { principal: { arn: USER }, action: 'ec2:CreateVpc', resource: `${ARN}vpc/*` },
    })
  })

  it('is denied to a dry run too', async () => {
    await allow({ Action: 'sts:GetCallerIdentity', Resource: '*' })
    await denied(client.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', DryRun: true })))
  })
})

describe('a policy', () => {
  it('names the resources a call is about: the VPC of a new subnet among them', async () => {
    const VpcId = await newVpc(administrator)
    const create = (CidrBlock: string) => client.send(new CreateSubnetCommand({ VpcId, CidrBlock }))
    await allow({ Action: 'ec2:CreateSubnet', Resource: `${ARN}subnet/*` })
    await expectRefusal(
      create('10.0.1.0/24'),
      'UnauthorizedOperation',
      new RegExp(`on resource: ${ARN}vpc/${VpcId} because`),
    )
    await allow({ Action: 'ec2:CreateSubnet', Resource: [`${ARN}subnet/*`, `${ARN}vpc/${VpcId}`] })
    await create('10.0.1.0/24')
    await allow(
      { Action: 'ec2:CreateSubnet', Resource: `${ARN}vpc/*` },
      {
        Action: 'ec2:CreateSubnet',
        Resource: `${ARN}subnet/*`,
        Condition: { ArnEquals: { 'ec2:Vpc': `${ARN}vpc/vpc-0` } },
      },
    )
    await denied(create('10.0.2.0/24'))
  })

  it('tells resources apart by their tags and their VPC', async () => {
    const VpcId = await newVpc(administrator, '10.1.0.0/16')
    const GroupId = (
      await administrator.send(new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web', VpcId }))
    ).GroupId
    const authorize = (FromPort: number) =>
      client.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId,
          IpPermissions: [{ IpProtocol: 'tcp', FromPort, ToPort: FromPort, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
        }),
      )
    const Action = 'ec2:AuthorizeSecurityGroupIngress'
    await allow({ Action, Resource: '*', Condition: { StringEquals: { 'ec2:ResourceTag/team': 'blue' } } })
    await denied(authorize(80))
    const Tags = [{ Key: 'team', Value: 'blue' }]
    await administrator.send(new CreateTagsCommand({ Resources: [GroupId ?? ''], Tags }))
    await authorize(80)
    await allow({ Action, Resource: '*', Condition: { StringEquals: { 'aws:ResourceTag/team': 'red' } } })
    await denied(authorize(81))
    await allow({ Action, Resource: '*', Condition: { ArnEquals: { 'ec2:Vpc': `${ARN}vpc/${VpcId}` } } })
    await authorize(81)
  })

  it('lets tags be given only by the call that creates', async () => {
    const Tags = [{ Key: 'team', Value: 'blue' }]
    const create = () =>
      client.send(
        new CreateVpcCommand({ CidrBlock: '10.2.0.0/16', TagSpecifications: [{ ResourceType: 'vpc', Tags }] }),
      )
    await allow({ Action: 'ec2:CreateVpc', Resource: '*' })
    await expectRefusal(create(), 'UnauthorizedOperation', /perform: ec2:CreateTags on resource: .*vpc\/\*/)
    await allow(
      { Action: 'ec2:CreateVpc', Resource: '*', Condition: { StringEquals: { 'aws:RequestTag/team': 'blue' } } },
      { Action: 'ec2:CreateTags', Resource: '*', Condition: { StringEquals: { 'ec2:CreateAction': 'CreateVpc' } } },
    )
    const { Vpc } = await create()
    const VpcId = Vpc?.VpcId ?? ''
    await denied(client.send(new CreateTagsCommand({ Resources: [VpcId], Tags })))
    await denied(client.send(new CreateVpcCommand({ CidrBlock: '10.2.0.0/16' })))
    await administrator.send(new DeleteVpcCommand({ VpcId }))
  })

  it('knows the Region and the attribute that is changed', async () => {
    const VpcId = await newVpc(administrator, '10.3.0.0/16')
    const Action = 'ec2:ModifyVpcAttribute'
    const Condition = { StringEquals: { 'ec2:Attribute': 'EnableDnsSupport', 'ec2:Region': 'us-east-1' } }
    await allow({ Action, Resource: '*', Condition })
    await client.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsSupport: { Value: false } }))
    await denied(client.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } })))
  })
})

describe('a caller that nobody knows', () => {
  const ask = (accessKeyId: string, secretAccessKey: string) =>
    cloud.client(EC2Client, { accessKeyId, secretAccessKey }).send(new DescribeVpcsCommand({}))

  it('is refused in EC2’s own words', async () => {
    const { accessKeyId } = cloud.administrator('source')
    for (const call of [ask('AKIAIOSFODNN7EXAMPLE', 'secret'), ask(accessKeyId, 'wrong')]) {
      await expect(call).rejects.toMatchObject({ name: 'AuthFailure', $metadata: { httpStatusCode: 401 } })
    }
    await expectRefusal(
      ask('AKIAIOSFODNN7EXAMPLE', 'secret'),
      'AuthFailure',
      'AWS was not able to validate the provided access credentials',
    )
  })
})

describe('too many calls', () => {
  it('are refused with status 503, per action, account and Region, until the bucket has filled again', async () => {
    let lateMs = 0
    const startMs = Date.now()
    const clock = { ...systemClock, now: () => startMs + lateMs }
    const slow = await startCloud({ clock })
    try {
      const source = slow.client(EC2Client, 'source')
      const ask = (asker = source) => asker.send(new DescribeSecurityGroupsCommand({}))
      await Promise.all(Array.from({ length: 50 }, () => ask()))
      await expect(ask()).rejects.toMatchObject({
        name: 'RequestLimitExceeded',
        message: 'Request limit exceeded.',
        $metadata: { httpStatusCode: 503 },
      })
      await source.send(new DescribeSecurityGroupsCommand({ MaxResults: 5 }))
      await source.send(new DescribeNetworkInterfacesCommand({}))
      await ask(slow.client(EC2Client, 'target'))
      await ask(slow.client(EC2Client, 'source', 'eu-west-1'))
      lateMs = 200
      await ask()
      await ask()
      await expectRefusal(ask(), 'RequestLimitExceeded', 'Request limit exceeded.')
    } finally {
      await slow.close()
    }
  })
})
