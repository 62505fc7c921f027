/** The records of a call from one account into another: in both accounts' files, as both would find them on AWS. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { AddPermissionCommand, CreateAliasCommand, InvokeCommand, PublishVersionCommand } from '@aws-sdk/client-lambda'
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { ACCOUNTS, startCloud, type AccountName, type TestCloud, type TestCredentials } from '../cloud.ts'
import { arnOf, createRole, deploy, eventually, iamOf, lambdaOf } from '../lambda/support.ts'

type Json = { readonly [name: string]: Json } & string

const folder = mkdtempSync(join(tmpdir(), 'isthmus-trail-'))
const callee = arnOf('target', 'callee')
let cloud: TestCloud
let session: TestCredentials

beforeAll(async () => {
  cloud = await startCloud({ stateDirectory: folder })
  const lambda = lambdaOf(cloud, 'target')
  const role = await createRole(iamOf(cloud, 'target'), 'callee')
  await deploy(lambda, 'callee', { Role: role, code: 'exports.handler = async () => null' })
  await lambda.send(new PublishVersionCommand({ FunctionName: 'callee' }))
  await lambda.send(new CreateAliasCommand({ FunctionName: 'callee', Name: 'prod', FunctionVersion: '1' }))
  const allow = { FunctionName: 'callee', Action: 'lambda:InvokeFunction' }
  await lambda.send(
    new AddPermissionCommand({ ...allow, StatementId: 'a', Principal: ACCOUNTS.source, Qualifier: 'prod' }),
  )
  await lambda.send(new AddPermissionCommand({ ...allow, StatementId: 'b', Principal: 'sns.amazonaws.com' }))
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: ACCOUNTS.target }, Action: 'sts:AssumeRole' }],
  }
  const RoleArn = await createRole(iamOf(cloud, 'source'), 'caller', {
    trust,
    allow: { Action: 'lambda:InvokeFunction', Resource: '*' },
    logs: false,
  })
  const { Credentials: keys } = await cloud
    .client(STSClient, 'target')
    .send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'crossing' }))
  session = {
    accessKeyId: keys?.AccessKeyId ?? '',
    secretAccessKey: keys?.SecretAccessKey ?? '',
    sessionToken: keys?.SessionToken ?? '',
  }
})
afterAll(async () => {
  await cloud.close()
  rmSync(folder, { recursive: true, force: true })
})

/** None before the first is written: the files follow the answers. */
function records(account: AccountName): readonly Json[] {
  const path = join(folder, 'cloudtrail', `${ACCOUNTS[account]}.jsonl`)
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Json)
}

async function recordOf(account: AccountName, requestId: string | undefined): Promise<Json> {
  return eventually(async () => records(account).find(({ requestID }) => requestID === requestId))
}

it('an Invoke is in the files of both accounts, and each says what that account may know', async () => {
  const answer = await lambdaOf(cloud, session).send(
    new InvokeCommand({ FunctionName: callee, Qualifier: 'prod', Payload: Buffer.from('{"secret":1}') }),
  )
  const own = await recordOf('source', answer.$metadata.requestId)
  const owners = await recordOf('target', answer.$metadata.requestId)
  const roleArn = `arn:aws:iam::${ACCOUNTS.source}:role/caller`
  expect(own).toEqual({
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      principalId: expect.stringMatching(/^AROA\w+:crossing$/),
      arn: `arn:aws:sts::${ACCOUNTS.source}:assumed-role/caller/crossing`,
      accountId: ACCOUNTS.source,
      accessKeyId: session.accessKeyId,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: expect.stringMatching(/^AROA/),
          arn: roleArn,
          accountId: ACCOUNTS.source,
          userName: 'caller',
        },
        attributes: {
          creationDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          mfaAuthenticated: 'false',
        },
      },
    },
    eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    eventSource: 'lambda.amazonaws.com',
    eventName: 'Invoke',
    awsRegion: 'us-east-1',
    sourceIPAddress: expect.stringContaining('127.0.0.1'),
    userAgent: expect.stringContaining('aws-sdk-js'),
    requestParameters: { functionName: callee, qualifier: 'prod' },
    responseElements: null,
    additionalEventData: { functionVersion: `${callee}:1` },
    requestID: answer.$metadata.requestId,
    eventID: expect.any(String),
    readOnly: false,
    resources: [{ accountId: ACCOUNTS.target, type: 'AWS::Lambda::Function', ARN: callee }],
    eventType: 'AwsApiCall',
    managementEvent: false,
    recipientAccountId: ACCOUNTS.source,
    sharedEventID: expect.any(String),
    eventCategory: 'Data',
  })
  expect(owners).toEqual({
    ...(own as object),
    userIdentity: { type: 'AWSAccount', principalId: own['userIdentity']?.['principalId'], accountId: ACCOUNTS.source },
    eventID: owners['eventID'],
    recipientAccountId: ACCOUNTS.target,
  })
  expect(owners['eventID']).not.toBe(own['eventID'])
  expect(JSON.stringify([own, owners])).not.toContain('secret')
})

it('a denied Invoke is told to the caller’s account only, with the words of the denial', async () => {
  const error = await lambdaOf(cloud, session)
    .send(new InvokeCommand({ FunctionName: callee }))
    .catch((caught: unknown) => caught as Error & { readonly $metadata: { readonly requestId?: string } })
  if (!(error instanceof Error)) throw new Error('it was allowed')
  const { requestId } = error.$metadata
  const own = await recordOf('source', requestId)
  expect(own).toMatchObject({ errorCode: 'AccessDenied', errorMessage: error.message, responseElements: null })
  expect(own).not.toHaveProperty('sharedEventID')
  expect(own).not.toHaveProperty('additionalEventData')
  // A later call of the same caller has been written to the other account's file by then.
  const later = await lambdaOf(cloud, session).send(new InvokeCommand({ FunctionName: callee, Qualifier: 'prod' }))
  await recordOf('target', later.$metadata.requestId)
  expect(records('target').filter(({ requestID }) => requestID === requestId)).toEqual([])
})

it('an AssumeRole is a management event of both accounts, without the secret', async () => {
  const found = await cloud
    .client(CloudTrailClient, 'source')
    .send(new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: 'caller' }] }))
  const event = found.Events?.find(({ EventName }) => EventName === 'AssumeRole')
  const record = JSON.parse(event?.CloudTrailEvent ?? '{}') as Json
  expect(record).toMatchObject({
    userIdentity: { type: 'AWSAccount', accountId: ACCOUNTS.target, principalId: expect.stringMatching(/^AIDA/) },
    requestParameters: { roleArn: `arn:aws:iam::${ACCOUNTS.source}:role/caller`, roleSessionName: 'crossing' },
    responseElements: { credentials: { accessKeyId: session.accessKeyId } },
    recipientAccountId: ACCOUNTS.source,
    readOnly: true,
  })
  expect(event?.CloudTrailEvent).not.toContain(session.secretAccessKey)
  const callers = await cloud
    .client(CloudTrailClient, 'target')
    .send(new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'AssumeRole' }] }))
  const own = JSON.parse(callers.Events?.[0]?.CloudTrailEvent ?? '{}') as Json
  expect(own).toMatchObject({ userIdentity: { type: 'IAMUser' }, sharedEventID: record['sharedEventID'] })
})

it('what a service does is told of the service, in the account it is done to', async () => {
  const sns = cloud.client(SNSClient, 'source')
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'news' }))
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint: callee }))
  await sns.send(new PublishCommand({ TopicArn, Message: 'hello' }))
  const record = await eventually(async () =>
    records('target').find((one) => one['userIdentity']?.['type'] === 'AWSService'),
  )
  expect(record).toMatchObject({
    userIdentity: { type: 'AWSService', invokedBy: 'sns.amazonaws.com' },
    eventName: 'Invoke',
    sourceIPAddress: 'sns.amazonaws.com',
    userAgent: 'sns.amazonaws.com',
    requestParameters: { functionName: callee, invocationType: 'Event' },
    recipientAccountId: ACCOUNTS.target,
  })
  expect(record).not.toHaveProperty('sharedEventID')
  expect(records('source').filter(({ requestID }) => requestID === record['requestID'])).toEqual([])
})
