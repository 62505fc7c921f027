/** A stack may do what its deployer may do, and no more. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  ListStacksCommand,
} from '@aws-sdk/client-cloudformation'
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud, type TestCredentials } from '../cloud.ts'
import { created, logGroup, reasonOf, resources } from './stacks.ts'

let cloud: TestCloud

beforeAll(async () => {
  cloud = await startCloud()
})

afterAll(async () => {
  await cloud?.close()
})

async function userWith(name: string, statements: readonly object[]): Promise<TestCredentials> {
  const iam = cloud.client(IAMClient, 'source')
  await iam.send(new CreateUserCommand({ UserName: name }))
  await iam.send(
    new PutUserPolicyCommand({
      UserName: name,
      PolicyName: 'p',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    }),
  )
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: name }))
  return { accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' }
}

const allow = (action: string, more: object = {}) => ({ Effect: 'Allow', Action: action, Resource: '*', ...more })

test('a resource the deployer may not make fails with the service’s own denial', async () => {
  const deployer = cloud.client(CloudFormationClient, await userWith('weak', [allow('cloudformation:*')]))
  const stack = await created(deployer, 'denied', resources({ G: logGroup({ LogGroupName: 'denied' }) }))
  expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE')
  expect(await reasonOf(deployer, 'denied', 'G', 'CREATE_FAILED')).toMatch(
    /^Resource handler returned message: "User: arn:aws:iam::111122223333:user\/weak is not authorized to perform: logs:CreateLogGroup on resource: arn:aws:logs:us-east-1:111122223333:log-group:denied\S* because no identity-based policy allows the logs:CreateLogGroup action \(Service: CloudWatchLogs, Status Code: 40\d, Request ID: [-0-9a-f]{36}\)" \(RequestToken: [-0-9a-f]{36}, HandlerErrorCode: AccessDenied\)$/,
  )
})

test('a policy may allow what is asked for by way of CloudFormation only', async () => {
  const credentials = await userWith('via', [
    allow('cloudformation:*'),
    allow('logs:*', {
      Condition: { 'ForAnyValue:StringEquals': { 'aws:CalledVia': ['cloudformation.amazonaws.com'] } },
    }),
  ])
  const deployer = cloud.client(CloudFormationClient, credentials)
  expect((await created(deployer, 'via', resources({ G: logGroup({ LogGroupName: 'via' }) }))).StackStatus).toBe(
    'CREATE_COMPLETE',
  )
  await expect(
    cloud.client(CloudWatchLogsClient, credentials).send(new CreateLogGroupCommand({ logGroupName: 'direct' })),
  ).rejects.toThrow('is not authorized to perform: logs:CreateLogGroup')
})

test('a deployer without the right to pass a role makes no function', async () => {
  const credentials = await userWith('no-pass', [
    allow('cloudformation:*'),
    allow('lambda:*'),
    allow('iam:*Role*'),
    {
      Effect: 'Deny',
      Action: 'iam:PassRole',
      Resource: '*',
    },
  ])
  const deployer = cloud.client(CloudFormationClient, credentials)
  await created(deployer, 'no-pass', {
    Resources: {
      R: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: 'passed',
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
          },
        },
      },
      F: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Role: { 'Fn::GetAtt': ['R', 'Arn'] },
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Code: { ZipFile: 'exports.handler = async () => 1' },
        },
      },
    },
  })
  expect(await reasonOf(deployer, 'no-pass', 'F', 'CREATE_FAILED')).toMatch(
    /iam:PassRole on resource: arn:aws:iam::111122223333:role\/passed with an explicit deny in an identity-based policy.*HandlerErrorCode: AccessDenied\)$/,
  )
})

test('stacks are permitted by ARN, by tags and by change set name', async () => {
  const arn = (name: string) => `arn:aws:cloudformation:us-east-1:111122223333:stack/${name}/*`
  const credentials = await userWith('scoped', [
    { Effect: 'Allow', Action: 'cloudformation:*', Resource: arn('team-*') },
    allow('logs:*'),
  ])
  const deployer = cloud.client(CloudFormationClient, credentials)
  expect((await created(deployer, 'team-a', resources({ G: logGroup() }))).StackStatus).toBe('CREATE_COMPLETE')
  await expect(deployer.send(new DescribeStacksCommand({ StackName: 'team-a' }))).resolves.toBeDefined()
  await expect(
    deployer.send(
      new CreateStackCommand({ StackName: 'other', TemplateBody: JSON.stringify(resources({ G: logGroup() })) }),
    ),
  ).rejects.toMatchObject({
    name: 'AccessDenied',
    message: `User: arn:aws:iam::111122223333:user/scoped is not authorized to perform: cloudformation:CreateStack on resource: ${arn('other')} because no identity-based policy allows the cloudformation:CreateStack action`,
  })
  await expect(deployer.send(new ListStacksCommand({}))).rejects.toThrow('cloudformation:ListStacks on resource')
})
