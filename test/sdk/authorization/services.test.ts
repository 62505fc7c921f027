/** The condition keys of requests that services and functions make: for themselves, for a function's role, or for whoever called them. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  PutSubscriptionFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { IAMClient, PutRolePolicyCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { InvokeCommand, LambdaClient, PutResourcePolicyCommand } from '@aws-sdk/client-lambda'
import { DescribeOrganizationCommand, ListRootsCommand, OrganizationsClient } from '@aws-sdk/client-organizations'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { created, logGroup, resources } from '../cloudformation/stacks.ts'
import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { policy } from '../iam/documents.ts'
import { arnOf, createRole as createExecutionRole, deploy, payloadOf } from '../lambda/support.ts'
import { createUser, expectAbsent, expectKey, expectKeys, passesWhere, type Asker } from './asking.ts'

const OWN = ACCOUNTS.target

let cloud: TestCloud
let iam: IAMClient
let lambda: LambdaClient
let executionRole: string

beforeAll(async () => {
  cloud = await startCloud()
  iam = cloud.client(IAMClient, 'target')
  lambda = cloud.client(LambdaClient, 'target')
  executionRole = await createExecutionRole(iam, 'execution')
  await deploy(lambda, 'fn', {
    Role: executionRole,
    Timeout: 15,
    code: `const { LambdaClient, GetAccountSettingsCommand } = require('@aws-sdk/client-lambda')
      const lambda = new LambdaClient({ maxAttempts: 1 })
      exports.handler = () => lambda.send(new GetAccountSettingsCommand({})).then(() => 'passed', (error) => error.name)`,
  })
})
afterAll(() => cloud.close())

/** As a denial from AWS is named, for requests whose denial the client sees in another form. */
function denial(): Error {
  return Object.assign(new Error('denied'), { name: 'AccessDenied' })
}

test('a service that calls for itself shows for which resource and account it does, and nothing of a user', async () => {
  const logs = cloud.client(CloudWatchLogsClient, 'target')
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'group' }))
  const organizations = cloud.client(OrganizationsClient, 'management')
  const organization = (await organizations.send(new DescribeOrganizationCommand({}))).Organization?.Id ?? ''
  const root = (await organizations.send(new ListRootsCommand({}))).Roots?.[0]?.Id ?? ''
  const functionArn = arnOf('target', 'fn')
  let Service = 'logs.amazonaws.com'
  // Logs tries to invoke the function before it takes the filter.
  const subscribing: Asker = {
    allowWhere: (Condition) =>
      lambda.send(
        new PutResourcePolicyCommand({
          ResourceArn: functionArn,
          Policy: policy({
            Effect: 'Allow',
            Principal: { Service },
            Action: 'lambda:InvokeFunction',
            Resource: functionArn,
            Condition,
          }),
        }),
      ),
    ask: () =>
      logs
        .send(
          new PutSubscriptionFilterCommand({
            logGroupName: 'group',
            filterName: 'all',
            filterPattern: '',
            destinationArn: functionArn,
          }),
        )
        .catch((error: unknown) => {
          throw error instanceof Error && error.message.startsWith('Could not execute') ? denial() : error
        }),
  }
  await expectKey(subscribing, 'aws:SourceArn', `arn:aws:logs:us-east-1:${OWN}:log-group:group:*`)
  await expectKey(subscribing, 'aws:SourceArn', `arn:aws:logs:*:${OWN}:log-group:*:*`, 'ArnLike')
  await expectKey(subscribing, 'aws:SourceAccount', OWN)
  await expectKey(subscribing, 'aws:SourceOrgID', organization)
  await expectKeys(subscribing, 'aws:SourceOrgPaths', [`${organization}/${root}/`])
  await expectKey(subscribing, 'aws:PrincipalIsAWSService', 'true', 'Bool')
  await expectKey(subscribing, 'aws:PrincipalServiceName', 'logs.amazonaws.com')
  await expectKeys(subscribing, 'aws:PrincipalServiceNamesList', ['logs.amazonaws.com', 'logs.us-east-1.amazonaws.com'])
  await expectKey(subscribing, 'aws:ViaAWSService', 'false', 'Bool')
  await expectAbsent(
    subscribing,
    'aws:PrincipalArn',
    'aws:PrincipalAccount',
    'aws:PrincipalOrgID',
    'aws:PrincipalOrgPaths',
    'aws:PrincipalType',
    'aws:userid',
    'aws:username',
    'aws:SourceIp',
    'aws:TokenIssueTime',
    'aws:CalledVia',
  )
  Service = 'logs.us-east-1.amazonaws.com'
  await expectKey(subscribing, 'aws:SourceAccount', OWN)
  Service = 'logs.eu-west-1.amazonaws.com'
  expect(await passesWhere(subscribing, {})).toBe(false)
})

test('a function that calls is a session of its role and shows which function it is', async () => {
  // https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
  const calling: Asker = {
    allowWhere: (Condition) =>
      iam.send(
        new PutRolePolicyCommand({
          RoleName: 'execution',
          PolicyName: 'asked',
          PolicyDocument: policy({ Effect: 'Allow', Action: 'lambda:GetAccountSettings', Resource: '*', Condition }),
        }),
      ),
    async ask() {
      const answer = payloadOf(await lambda.send(new InvokeCommand({ FunctionName: 'fn' })))
      if (answer === 'AccessDeniedException') throw denial()
      expect(answer).toBe('passed')
    },
  }
  await expectKey(calling, 'lambda:SourceFunctionArn', arnOf('target', 'fn'))
  await expectKey(calling, 'lambda:SourceFunctionArn', arnOf('target', 'f*'), 'ArnLike')
  await expectKey(calling, 'aws:PrincipalArn', executionRole)
  await expectKey(calling, 'aws:PrincipalType', 'AssumedRole')
  await expectKey(calling, 'aws:RequestedRegion', 'us-east-1')
  await expectKey(calling, 'aws:ViaAWSService', 'false', 'Bool')
  await expectAbsent(calling, 'aws:SourceArn', 'aws:SourceAccount', 'aws:CalledVia', 'aws:username')
})

test('what CloudFormation asks for its caller names CloudFormation and the caller', async () => {
  const user = await createUser(cloud, 'target', 'eva')
  const cloudformation = cloud.client(CloudFormationClient, user.credentials)
  let stacks = 0
  const deploying: Asker = {
    allowWhere: (Condition) =>
      iam.send(
        new PutUserPolicyCommand({
          UserName: user.name,
          PolicyName: 'asked',
          PolicyDocument: policy(
            { Effect: 'Allow', Action: ['cloudformation:*', 'logs:Describe*', 'logs:Delete*'], Resource: '*' },
            { Effect: 'Allow', Action: 'logs:CreateLogGroup', Resource: '*', Condition },
          ),
        }),
      ),
    async ask() {
      const name = `stack-${++stacks}`
      const template = resources({ G: logGroup({ LogGroupName: name }) })
      const { StackStatus } = await created(cloudformation, name, template)
      if (StackStatus === 'ROLLBACK_COMPLETE') throw denial()
      expect(StackStatus).toBe('CREATE_COMPLETE')
    },
  }
  const SERVICE = 'cloudformation.amazonaws.com'
  await expectKeys(deploying, 'aws:CalledVia', [SERVICE])
  await expectKey(deploying, 'aws:CalledViaFirst', SERVICE)
  await expectKey(deploying, 'aws:CalledViaLast', SERVICE)
  await expectKey(deploying, 'aws:ViaAWSService', 'true', 'Bool')
  await expectKey(deploying, 'aws:PrincipalArn', user.arn)
  await expectKey(deploying, 'aws:PrincipalIsAWSService', 'false', 'Bool')
  await expectAbsent(deploying, 'aws:SourceIp', 'aws:SourceArn', 'aws:SourceAccount', 'aws:PrincipalServiceName')
})
