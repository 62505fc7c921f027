/** Functions in a VPC: what is checked, the Hyperplane interfaces they share, and what happens when there are none to be had. */
import {
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteNetworkInterfaceCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  type NetworkInterface,
} from '@aws-sdk/client-ec2'
import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import {
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { createHeldClock } from '../held-clock.ts'
import { setQuota } from '../service-quotas/support.ts'
import {
  conflict,
  create,
  createRole,
  deploy,
  eventually,
  failureOf,
  iamOf,
  invalid,
  invalidParameter,
  lambdaOf,
  payloadOf,
  untilActive,
  untilUpdated,
} from './support.ts'

const VPC_ACCESS = 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole'
const NO_ADDRESS =
  'Lambda was not able to set up VPC access for the Lambda function because one or more configured subnets has no available IP addresses.'

const clock = createHeldClock()
let cloud: TestCloud
let lambda: LambdaClient
let ec2: EC2Client
let role: string
let vpc: string
let subnets: readonly [string, string]
let group: string

beforeAll(async () => {
  cloud = await startCloud({ clock })
  lambda = lambdaOf(cloud, 'target')
  ec2 = cloud.client(EC2Client, 'target')
  role = await vpcRole('execution')
  vpc = await newVpc('10.0.0.0/16')
  subnets = [await newSubnet(vpc, '10.0.1.0/24'), await newSubnet(vpc, '10.0.2.0/24')]
  group = await newGroup(vpc, 'function')
})
afterAll(() => cloud.close())

async function vpcRole(name: string): Promise<string> {
  const arn = await createRole(iamOf(cloud, 'target'), name)
  await iamOf(cloud, 'target').send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn: VPC_ACCESS }))
  return arn
}

async function newVpc(CidrBlock: string): Promise<string> {
  return (await ec2.send(new CreateVpcCommand({ CidrBlock }))).Vpc?.VpcId ?? ''
}

async function newSubnet(VpcId: string, CidrBlock: string): Promise<string> {
  return (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock }))).Subnet?.SubnetId ?? ''
}

async function newGroup(VpcId: string, GroupName: string): Promise<string> {
  const made = await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName, Description: GroupName }))
  return made.GroupId ?? ''
}

const place = (SubnetIds: readonly string[], SecurityGroupIds: readonly string[] = [group]) => ({
  VpcConfig: { SubnetIds: [...SubnetIds], SecurityGroupIds: [...SecurityGroupIds] },
})
const configurationOf = (FunctionName: string) => lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))
const remove = (FunctionName: string) => lambda.send(new DeleteFunctionCommand({ FunctionName }))

async function interfacesIn(...subnetIds: readonly string[]): Promise<readonly NetworkInterface[]> {
  const Filters = [
    { Name: 'subnet-id', Values: [...subnetIds] },
    { Name: 'interface-type', Values: ['lambda'] },
  ]
  return (await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }))).NetworkInterfaces ?? []
}

/** Puts the cloud's clock forward. */
const advance = (advanceMs: number) =>
  fetch(`${cloud.endpoint}/_isthmus/clock`, { method: 'POST', body: JSON.stringify({ advanceMs }) })

/** Takes every free address of a subnet; answers how to give them back. */
async function fill(subnetId: string): Promise<() => Promise<void>> {
  const free = async () =>
    (await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnetId] }))).Subnets?.[0]?.AvailableIpAddressCount ?? 0
  const taken: string[] = []
  while ((await free()) > 0) {
    const made = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: subnetId, Groups: [group] }))
    taken.push(made.NetworkInterface?.NetworkInterfaceId ?? '')
  }
  return async () => {
    for (const NetworkInterfaceId of taken) await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }))
  }
}

describe('a function in a VPC', () => {
  test('is Active once each of its subnets has a network interface', async () => {
    const created = await create(lambda, 'first', { Role: role, ...place(subnets) })
    expect(created).toMatchObject({
      State: 'Pending',
      StateReason: 'The function is being created.',
      StateReasonCode: 'Creating',
      VpcConfig: { ...place(subnets).VpcConfig, VpcId: vpc, Ipv6AllowedForDualStack: false },
    })
    await untilActive(lambda, 'first')
    const made = await interfacesIn(...subnets)
    expect(new Set(made.map(({ SubnetId }) => SubnetId))).toEqual(new Set(subnets))
    expect(made).toHaveLength(2)
    const { Role } = await iamOf(cloud, 'target').send(new GetRoleCommand({ RoleName: 'execution' }))
    expect(made[0]).toMatchObject({
      Description: expect.stringMatching(/^AWS Lambda VPC ENI-first-[0-9a-f-]{36}$/),
      InterfaceType: 'lambda',
      OwnerId: ACCOUNTS.target,
      RequesterId: `${Role?.RoleId}:${ACCOUNTS.target}`,
      RequesterManaged: false,
      SourceDestCheck: true,
      Status: 'in-use',
      Groups: [{ GroupId: group, GroupName: 'function' }],
      Attachment: {
        AttachmentId: expect.stringMatching(/^ela-attach-[0-9a-f]{17}$/),
        DeviceIndex: 1,
        InstanceOwnerId: 'amazon-aws',
        DeleteOnTermination: false,
        Status: 'attached',
      },
    })
  })

  test('answers an invocation, which never goes through the VPC', async () => {
    const answer = await lambda.send(new InvokeCommand({ FunctionName: 'first', Payload: '{"a":1}' }))
    expect(payloadOf(answer)).toMatchObject({ event: { a: 1 } })
  })

  test('shares the interfaces with every function of the same subnets and groups', async () => {
    const before = await interfacesIn(...subnets)
    await deploy(lambda, 'second', { Role: role, ...place(subnets) })
    expect(await interfacesIn(...subnets)).toEqual(before)
    const other = await newGroup(vpc, 'other')
    await deploy(lambda, 'third', { Role: role, ...place([subnets[0]], [group, other]) })
    expect(await interfacesIn(...subnets)).toHaveLength(before.length + 1)
    await remove('third')
    expect(await interfacesIn(...subnets)).toEqual(before)
  })

  test('keeps what it depends on from being deleted or changed', async () => {
    const [{ NetworkInterfaceId = '' } = {}] = await interfacesIn(subnets[0])
    expect(await failureOf(ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId })))).toMatchObject({
      name: 'InvalidParameterValue',
      message: `Network interface '${NetworkInterfaceId}' is currently in use.`,
    })
    expect(
      await failureOf(ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: [group] }))),
    ).toMatchObject({
      name: 'OperationNotPermitted',
      message: 'The security group can not be modified for this type of interface',
    })
    expect(await failureOf(ec2.send(new DeleteSubnetCommand({ SubnetId: subnets[0] })))).toMatchObject({
      name: 'DependencyViolation',
    })
    expect(await failureOf(ec2.send(new DeleteSecurityGroupCommand({ GroupId: group })))).toMatchObject({
      name: 'DependencyViolation',
    })
  })

  test('gives its interfaces back with the last version that uses them', async () => {
    await lambda.send(new PublishVersionCommand({ FunctionName: 'first' }))
    await remove('second')
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'first', ...place([], []) }))
    await untilUpdated(lambda, 'first')
    expect(await interfacesIn(...subnets)).toHaveLength(2)
    await lambda.send(new DeleteFunctionCommand({ FunctionName: 'first', Qualifier: '1' }))
    expect(await interfacesIn(...subnets)).toEqual([])
    expect((await configurationOf('first')).VpcConfig).toEqual({
      SubnetIds: [],
      SecurityGroupIds: [],
      VpcId: '',
      Ipv6AllowedForDualStack: false,
    })
    await remove('first')
  })

  test('that is put into a VPC goes on as it was until the interfaces are there', async () => {
    await deploy(lambda, 'moved', { Role: role })
    const update = new UpdateFunctionConfigurationCommand({ FunctionName: 'moved', ...place([subnets[0]]) })
    const updating = await lambda.send(update)
    expect(updating).toMatchObject({
      State: 'Active',
      LastUpdateStatus: 'InProgress',
      LastUpdateStatusReason: 'The function is being created.',
      LastUpdateStatusReasonCode: 'Creating',
    })
    expect((await lambda.send(new InvokeCommand({ FunctionName: 'moved' }))).StatusCode).toBe(200)
    await untilUpdated(lambda, 'moved')
    expect(await interfacesIn(subnets[0])).toHaveLength(1)
    await remove('moved')
  })

  test('whose role went first leaves its interface behind, until the role is back', async () => {
    const iam = iamOf(cloud, 'target')
    const Action = ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface']
    const fleeting = await createRole(iam, 'fleeting', { allow: { Action, Resource: '*' } })
    await deploy(lambda, 'orphan', { Role: fleeting, ...place([subnets[1]]) })
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'fleeting', PolicyName: 'inline' }))
    await remove('orphan')
    expect(await interfacesIn(subnets[1])).toHaveLength(1)
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
    })
    await iam.send(new PutRolePolicyCommand({ RoleName: 'fleeting', PolicyName: 'inline', PolicyDocument }))
    await deploy(lambda, 'next', { Role: role })
    await remove('next')
    expect(await interfacesIn(subnets[1])).toEqual([])
  })
})

describe('refused at once is', () => {
  const refusal = (settings: Partial<Parameters<typeof create>[2]>) =>
    failureOf(create(lambda, 'refused', { Role: role, ...settings }))

  test('a subnet or a security group that is not there', async () => {
    expect(await refusal(place(['subnet-0123456789abcdef0']))).toEqual(
      invalidParameter(
        "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID 'subnet-0123456789abcdef0' does not exist",
      ),
    )
    expect(await refusal(place(subnets, ['sg-0123456789abcdef0']))).toEqual(
      invalidParameter(
        "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: The security group 'sg-0123456789abcdef0' does not exist",
      ),
    )
  })

  test('what is no id of its kind', async () => {
    expect(await refusal(place(['bad-subnet']))).toEqual(
      invalid(
        "1 validation error detected: Value '[bad-subnet]' at 'vpcConfig.subnetIds' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: subnet-[0-9a-z]*]",
      ),
    )
  })

  test('one without the other, and what is of another VPC', async () => {
    expect(await refusal(place(subnets, []))).toEqual(
      invalidParameter('SubnetIds and SecurityIds must coexist or be both empty list.'),
    )
    const elsewhere = await newVpc('10.0.0.0/16')
    const foreign = await newGroup(elsewhere, 'foreign')
    expect(await refusal(place(subnets, [foreign]))).toEqual(
      invalidParameter('Security Groups are required to be in the same VPC.'),
    )
    const far = await newSubnet(elsewhere, '10.0.1.0/24')
    expect(await refusal(place([subnets[0], far]))).toEqual(
      invalidParameter('Subnets are required to be in the same VPC.'),
    )
  })

  test('a role that may not manage network interfaces', async () => {
    const bare = await createRole(iamOf(cloud, 'target'), 'bare')
    expect(await refusal({ Role: bare, ...place(subnets) })).toEqual(
      invalidParameter('The provided execution role does not have permissions to call CreateNetworkInterface on EC2'),
    )
    const creator = await createRole(iamOf(cloud, 'target'), 'creator', {
      allow: { Action: ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces'], Resource: '*' },
    })
    expect(await refusal({ Role: creator, ...place(subnets) })).toEqual(
      invalidParameter('The provided execution role does not have permissions to call DeleteNetworkInterface on EC2'),
    )
  })

  test('a requester who may not look at the subnets, and one whom a condition keeps from them', async () => {
    const iam = iamOf(cloud, 'target')
    const clientOf = async (UserName: string, Statement: readonly object[]) => {
      await iam.send(new CreateUserCommand({ UserName }))
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
      await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'inline', PolicyDocument }))
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
      const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {}
      return lambdaOf(cloud, { accessKeyId, secretAccessKey })
    }
    const deployer = { Effect: 'Allow', Action: ['lambda:*', 'iam:PassRole'], Resource: '*' }
    const blind = await clientOf('blind', [deployer])
    expect(await failureOf(create(blind, 'refused', { Role: role, ...place([subnets[0]]) }))).toEqual(
      invalidParameter(
        `Your access has been denied by EC2, please make sure your request credentials have permission to DescribeSubnets for ${subnets[0]}. EC2 Error Code: UnauthorizedOperation. EC2 Error Message: You are not authorized to perform this operation.`,
      ),
    )
    const confined = await clientOf('confined', [
      deployer,
      { Effect: 'Allow', Action: 'ec2:Describe*', Resource: '*' },
      {
        Effect: 'Deny',
        Action: ['lambda:CreateFunction', 'lambda:UpdateFunctionConfiguration'],
        Resource: '*',
        Condition: { 'ForAllValues:StringNotEquals': { 'lambda:SubnetIds': [subnets[1]] } },
      },
    ])
    expect(await failureOf(create(confined, 'refused', { Role: role, ...place([subnets[0]]) }))).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('with an explicit deny in an identity-based policy'),
    })
    await create(confined, 'allowed', { Role: role, ...place([subnets[1]]) })
    await untilActive(lambda, 'allowed')
    await remove('allowed')
  })
})

describe('in a subnet that is out of addresses', () => {
  test('a creation fails, Invoke says why, and only deleting the function helps', async () => {
    const narrow = await newSubnet(vpc, '10.0.9.0/28')
    const free = await fill(narrow)
    await create(lambda, 'squeezed', { Role: role, ...place([narrow]) })
    const failed = await eventually(async () => {
      const found = await configurationOf('squeezed')
      return found.State === 'Failed' ? found : undefined
    })
    expect(failed).toMatchObject({ StateReasonCode: 'SubnetOutOfIPAddresses', StateReason: NO_ADDRESS })
    expect(await failureOf(lambda.send(new InvokeCommand({ FunctionName: 'squeezed' })))).toMatchObject({
      name: 'SubnetIPAddressLimitReachedException',
      status: 502,
      message: NO_ADDRESS,
    })
    expect(await failureOf(lambda.send(new PublishVersionCommand({ FunctionName: 'squeezed' })))).toEqual(
      conflict(
        'The operation cannot be performed at this time. The function is currently in the following state: Failed',
      ),
    )
    await remove('squeezed')
    await free()
    await deploy(lambda, 'squeezed', { Role: role, ...place([narrow]) })
    await remove('squeezed')
  })

  test('an update fails, and what was there before goes on running', async () => {
    const narrow = await newSubnet(vpc, '10.0.9.16/28')
    const free = await fill(narrow)
    await deploy(lambda, 'steady', { Role: role })
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'steady', ...place([narrow]) }))
    const failed = await eventually(async () => {
      const found = await configurationOf('steady')
      return found.LastUpdateStatus === 'Failed' ? found : undefined
    })
    expect(failed).toMatchObject({
      State: 'Active',
      LastUpdateStatusReasonCode: 'SubnetOutOfIPAddresses',
      LastUpdateStatusReason: NO_ADDRESS,
    })
    expect((await lambda.send(new InvokeCommand({ FunctionName: 'steady' }))).StatusCode).toBe(200)
    await free()
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'steady', Description: 'again' }))
    await untilUpdated(lambda, 'steady')
    expect(await interfacesIn(narrow)).toHaveLength(1)
    await remove('steady')
  })
})

describe('at the limits of the account', () => {
  const INTERFACE_LIMIT =
    'Lambda was not able to create an ENI in the VPC of the Lambda function because the limit for Network Interfaces has been reached.'
  const THROTTLED =
    'Your request has been throttled by EC2, please make sure you have enough API rate limit. EC2 Error Code: RequestLimitExceeded. EC2 Error Message: Request limit exceeded.'
  const untilFailed = (name: string) =>
    eventually(async () => {
      const found = await configurationOf(name)
      return found.State === 'Failed' ? found : undefined
    })
  const invoked = (FunctionName: string) => failureOf(lambda.send(new InvokeCommand({ FunctionName })))

  test.each([
    ['of one VPC', 'lambda', 'L-9FEE3D26', 500],
    ['of the Region', 'vpc', 'L-DF5E4CA3', 5000],
  ] as const)('no network interface is left %s', async (_where, service, code, usual) => {
    await deploy(lambda, 'within', { Role: role, ...place([subnets[0]]) })
    await setQuota(cloud, service, code, 1, 'target')
    try {
      const other = await newGroup(vpc, `limit-${service}`)
      await create(lambda, 'beyond', { Role: role, ...place([subnets[0]], [other]) })
      expect(await untilFailed('beyond')).toMatchObject({
        StateReasonCode: 'EniLimitExceeded',
        StateReason: INTERFACE_LIMIT,
      })
      expect(await invoked('beyond')).toMatchObject({
        name: 'ENILimitReachedException',
        status: 502,
        message: INTERFACE_LIMIT,
      })
      // Who shares an interface needs none of its own.
      await deploy(lambda, 'sharing', { Role: role, ...place([subnets[0]]) })
    } finally {
      await setQuota(cloud, service, code, usual, 'target')
      for (const name of ['beyond', 'sharing', 'within']) await remove(name)
    }
  })

  test('EC2 throttles the account: a request is refused, and what was accepted fails', async () => {
    const rates = ['ec2-api-network-interface-bucket', 'ec2-api-network-interface-refill'] as const
    const set = async (bucket: number, refill: number) => {
      await setQuota(cloud, 'ec2', rates[0], bucket, 'target')
      await setQuota(cloud, 'ec2', rates[1], refill, 'target')
    }
    // The first request spends the only token, and by the time the interface is to be made there is none.
    await set(1, 0.001)
    try {
      const other = await newGroup(vpc, 'throttled')
      await create(lambda, 'late', { Role: role, ...place([subnets[0]], [other]) })
      expect(await untilFailed('late')).toMatchObject({
        StateReasonCode: 'EC2RequestLimitExceeded',
        StateReason: THROTTLED,
      })
      expect(await invoked('late')).toMatchObject({ name: 'EC2ThrottledException', status: 502, message: THROTTLED })
      expect(await failureOf(create(lambda, 'refused', { Role: role, ...place([subnets[0]], [other]) }))).toEqual(
        invalidParameter(THROTTLED),
      )
    } finally {
      await set(100, 5)
      // Until the bucket is full again.
      await advance(60_000)
      await remove('late')
    }
  })
})

describe('idle for two weeks', () => {
  const FORTNIGHT_MS = 14 * 24 * 3_600_000
  const untilState = (name: string, state: string) =>
    eventually(async () => {
      const found = await configurationOf(name)
      return found.State === state ? found : undefined
    })

  test('it gives its interfaces back, and its next invocation only restores it', async () => {
    await deploy(lambda, 'idle', { Role: role, ...place([subnets[0]]) })
    await deploy(lambda, 'outside', { Role: role })
    await advance(FORTNIGHT_MS + 3_600_000)
    expect(await untilState('idle', 'Inactive')).toMatchObject({ StateReasonCode: 'Idle' })
    expect(await interfacesIn(subnets[0])).toEqual([])
    expect((await configurationOf('outside')).State).toBe('Active')
    await clock.whileHeld(async () => {
      expect(await failureOf(lambda.send(new InvokeCommand({ FunctionName: 'idle' })))).toMatchObject({
        name: 'ResourceNotReadyException',
        status: 502,
      })
      expect(await configurationOf('idle')).toMatchObject({ State: 'Pending', StateReasonCode: 'Restoring' })
    })
    await untilActive(lambda, 'idle')
    expect(await interfacesIn(subnets[0])).toHaveLength(1)
    expect((await lambda.send(new InvokeCommand({ FunctionName: 'idle' }))).StatusCode).toBe(200)
    await remove('idle')
    await remove('outside')
  })

  test('it stays inactive when its subnet has filled meanwhile, and says why', async () => {
    const narrow = await newSubnet(vpc, '10.0.9.32/28')
    await deploy(lambda, 'crowded-out', { Role: role, ...place([narrow]) })
    await advance(FORTNIGHT_MS + 3_600_000)
    await untilState('crowded-out', 'Inactive')
    const free = await fill(narrow)
    await failureOf(lambda.send(new InvokeCommand({ FunctionName: 'crowded-out' })))
    const failed = await eventually(async () => {
      const found = await configurationOf('crowded-out')
      return found.StateReasonCode === 'SubnetOutOfIPAddresses' ? found : undefined
    })
    expect(failed).toMatchObject({ State: 'Inactive', StateReason: NO_ADDRESS })
    expect(await failureOf(lambda.send(new InvokeCommand({ FunctionName: 'crowded-out' })))).toMatchObject({
      name: 'SubnetIPAddressLimitReachedException',
    })
    await free()
    await remove('crowded-out')
  })
})
