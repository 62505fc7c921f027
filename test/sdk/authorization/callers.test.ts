/** The condition keys that tell who asks, for every kind of caller. */
import { GetAccountSummaryCommand, IAMClient } from '@aws-sdk/client-iam'
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { DescribeOrganizationCommand, OrganizationsClient, ListRootsCommand } from '@aws-sdk/client-organizations'
import { AssumeRoleCommand, GetFederationTokenCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud, type TestCredentials } from '../cloud.ts'
import { allowing } from '../iam/documents.ts'
import { sessionOf } from '../sts/sessions.ts'
import {
  assume,
  createRole,
  createUser,
  expectAbsent,
  expectKey,
  expectKeys,
  passesWhere,
  type Asker,
  type Condition,
  type TestUser,
} from './asking.ts'

const SOURCE = ACCOUNTS.source
const ACTIONS = ['lambda:GetAccountSettings']

let cloud: TestCloud
let user: TestUser
let organization: string
let root: string

beforeAll(async () => {
  cloud = await startCloud()
  user = await createUser(cloud, 'source', 'anna', { Team: 'blue', Desk: '7' })
  const organizations = cloud.client(OrganizationsClient, 'management')
  organization = (await organizations.send(new DescribeOrganizationCommand({}))).Organization?.Id ?? ''
  root = (await organizations.send(new ListRootsCommand({}))).Roots?.[0]?.Id ?? ''
})
afterAll(() => cloud.close())

function asker(
  owner: { allowWhere(actions: readonly string[], condition: Condition): Promise<unknown> },
  who: TestCredentials,
  region?: string,
): Asker {
  const lambda = cloud.client(LambdaClient, who, region)
  return {
    allowWhere: (condition) => owner.allowWhere(ACTIONS, condition),
    ask: () => lambda.send(new GetAccountSettingsCommand({})),
  }
}

/** Present on calls of other kinds only. */
const NOT_HERE = [
  'aws:SourceArn',
  'aws:SourceAccount',
  'aws:SourceOrgID',
  'aws:SourceOrgPaths',
  'aws:SourceVpc',
  'aws:SourceVpce',
  'aws:VpcSourceIp',
  'aws:CalledVia',
  'aws:CalledViaFirst',
  'aws:CalledViaLast',
  'aws:PrincipalServiceName',
  'aws:PrincipalServiceNamesList',
  'aws:FederatedProvider',
  'aws:RequestTag/Team',
  'aws:ResourceTag/Team',
  'aws:TagKeys',
  'lambda:SourceFunctionArn',
]

describe('a user with an access key', () => {
  test('is known by name, id, type, account, organization and tags', async () => {
    const asked = asker(user, user.credentials)
    await expectKey(asked, 'aws:PrincipalArn', user.arn)
    await expectKey(asked, 'aws:PrincipalArn', user.arn, 'ArnEquals')
    await expectKey(asked, 'aws:PrincipalAccount', SOURCE)
    await expectKey(asked, 'aws:PrincipalType', 'User')
    await expectKey(asked, 'aws:PrincipalOrgID', organization)
    await expectKeys(asked, 'aws:PrincipalOrgPaths', [`${organization}/${root}/`])
    await expectKey(asked, 'aws:PrincipalTag/Team', 'blue')
    await expectKey(asked, 'aws:PrincipalTag/Desk', '7', 'NumericEquals')
    await expectKey(asked, 'aws:userid', user.id)
    await expectKey(asked, 'aws:username', 'anna')
    await expectKey(asked, 'aws:PrincipalIsAWSService', 'false', 'Bool')
    await expectKey(asked, 'aws:ViaAWSService', 'false', 'Bool')
  })

  test('asks from an address, with a client, at a time, of a Region and of an account', async () => {
    const asked = asker(user, user.credentials, 'eu-west-1')
    await expectKey(asked, 'aws:SourceIp', '127.0.0.1')
    await expectKey(asked, 'aws:RequestedRegion', 'eu-west-1')
    await expectKey(asked, 'aws:ResourceAccount', SOURCE)
    await expectKey(asked, 'aws:ResourceOrgID', organization)
    await expectKeys(asked, 'aws:ResourceOrgPaths', [`${organization}/${root}/`])
    await expectKey(asked, 'aws:SecureTransport', 'true', 'Bool')
    const holds = async (condition: Condition) => expect(await passesWhere(asked, condition)).toBe(true)
    await holds({ IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } })
    await holds({ StringLike: { 'aws:UserAgent': 'aws-sdk-js/*' } })
    const now = Date.now()
    const [before, after] = [now - 3_600_000, now + 3_600_000]
    await holds({
      DateGreaterThan: { 'aws:CurrentTime': new Date(before).toISOString() },
      DateLessThan: { 'aws:CurrentTime': new Date(after).toISOString() },
      NumericGreaterThan: { 'aws:EpochTime': String(Math.floor(before / 1000)) },
      NumericLessThan: { 'aws:EpochTime': String(Math.floor(after / 1000)) },
    })
    expect(await passesWhere(asked, { DateLessThan: { 'aws:CurrentTime': new Date(before).toISOString() } })).toBe(
      false,
    )
  })

  test('has no session and none of the keys of services, of VPC endpoints and of tagged requests', async () => {
    await expectAbsent(
      asker(user, user.credentials),
      ...NOT_HERE,
      'aws:TokenIssueTime',
      'aws:MultiFactorAuthPresent',
      'aws:MultiFactorAuthAge',
      'aws:SourceIdentity',
      'aws:PrincipalTag/Other',
    )
  })

  test('may be asked for keys that every JavaScript object has, and has none', async () => {
    await expectAbsent(asker(user, user.credentials), 'constructor', 'aws:PrincipalTag/constructor')
  })

  test('calls IAM in us-east-1, wherever the request was signed for', async () => {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html
    const iam = cloud.client(IAMClient, user.credentials, 'eu-west-1')
    const asked: Asker = {
      allowWhere: (condition) => user.allowWhere(['iam:GetAccountSummary'], condition),
      ask: () => iam.send(new GetAccountSummaryCommand({})),
    }
    await expectKey(asked, 'aws:RequestedRegion', 'us-east-1')
  })
})

test('a session of a user is that user, without a second factor, since some time', async () => {
  const session = sessionOf(await cloud.client(STSClient, user.credentials).send(new GetSessionTokenCommand({})))
  const asked = asker(user, session)
  await expectKey(asked, 'aws:PrincipalArn', user.arn)
  await expectKey(asked, 'aws:PrincipalType', 'User')
  await expectKey(asked, 'aws:username', 'anna')
  await expectKey(asked, 'aws:PrincipalTag/Team', 'blue')
  await expectKey(asked, 'aws:MultiFactorAuthPresent', 'false', 'Bool')
  const early = { DateGreaterThan: { 'aws:TokenIssueTime': new Date(Date.now() - 3_600_000).toISOString() } }
  expect(await passesWhere(asked, early)).toBe(true)
  const late = { DateGreaterThan: { 'aws:TokenIssueTime': new Date(Date.now() + 3_600_000).toISOString() } }
  expect(await passesWhere(asked, late)).toBe(false)
  await expectAbsent(asked, ...NOT_HERE, 'aws:MultiFactorAuthAge', 'aws:SourceIdentity')
})

describe('a session of a role', () => {
  test('is the role with its path, has an id of its own, and its tags stand before the role’s', async () => {
    const role = await createRole(cloud, 'source', {
      name: 'tagged',
      path: '/team/',
      tags: { Team: 'red', Floor: '3' },
    })
    const session = await assume(cloud, 'source', {
      RoleArn: role.arn,
      RoleSessionName: 'one',
      SourceIdentity: 'bert',
      Tags: [{ Key: 'team', Value: 'green' }],
    })
    const asked = asker(role, session)
    await expectKey(asked, 'aws:PrincipalArn', `arn:aws:iam::${SOURCE}:role/team/tagged`)
    await expectKey(asked, 'aws:PrincipalType', 'AssumedRole')
    await expectKey(asked, 'aws:userid', `${role.id}:one`)
    await expectKey(asked, 'aws:PrincipalAccount', SOURCE)
    await expectKey(asked, 'aws:PrincipalTag/Team', 'green')
    await expectKey(asked, 'aws:PrincipalTag/Floor', '3')
    await expectKey(asked, 'aws:SourceIdentity', 'bert')
    await expectKey(asked, 'aws:PrincipalOrgID', organization)
    await expectAbsent(asked, ...NOT_HERE, 'aws:username')
  })

  test('hands transitive tags and its source identity on to the next, and no other tags', async () => {
    const [first, second] = [
      await createRole(cloud, 'source', { name: 'first' }),
      await createRole(cloud, 'source', { name: 'second', tags: { Own: 'yes' } }),
    ]
    await first.allowWhere(['sts:*'], {})
    const session = await assume(cloud, 'source', {
      RoleArn: first.arn,
      RoleSessionName: 'one',
      SourceIdentity: 'carla',
      Tags: [
        { Key: 'Kept', Value: 'a' },
        { Key: 'Lost', Value: 'b' },
      ],
      TransitiveTagKeys: ['Kept'],
    })
    const chained = sessionOf(
      await cloud
        .client(STSClient, session)
        .send(new AssumeRoleCommand({ RoleArn: second.arn, RoleSessionName: 'two' })),
    )
    const asked = asker(second, chained)
    await expectKey(asked, 'aws:PrincipalTag/Kept', 'a')
    await expectKey(asked, 'aws:PrincipalTag/Own', 'yes')
    await expectKey(asked, 'aws:SourceIdentity', 'carla')
    await expectAbsent(asked, 'aws:PrincipalTag/Lost')
  })
})

test('a federated user is known by the name it was given and by its session’s tags before its user’s', async () => {
  const vouching = await createUser(cloud, 'source', 'vouching', { Team: 'blue', Desk: '7' })
  await vouching.allowWhere(['sts:*'], {})
  const session = sessionOf(
    await cloud.client(STSClient, vouching.credentials).send(
      new GetFederationTokenCommand({
        Name: 'dora',
        Policy: allowing('*'),
        Tags: [{ Key: 'Team', Value: 'grey' }],
      }),
    ),
  )
  const asked = asker(vouching, session)
  await expectKey(asked, 'aws:PrincipalArn', `arn:aws:sts::${SOURCE}:federated-user/dora`)
  await expectKey(asked, 'aws:PrincipalType', 'FederatedUser')
  await expectKey(asked, 'aws:userid', `${SOURCE}:dora`)
  await expectKey(asked, 'aws:PrincipalTag/Team', 'grey')
  await expectKey(asked, 'aws:PrincipalTag/Desk', '7')
  await expectAbsent(asked, ...NOT_HERE, 'aws:username')
})
