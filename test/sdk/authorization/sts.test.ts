/** The condition keys of requests to STS, as the trust policy of a role sees them. */
import { CreateRoleCommand, IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam'
import { AssumeRoleCommand, STSClient, type AssumeRoleCommandInput } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { policy, trusting } from '../iam/documents.ts'
import {
  createUser,
  expectAbsent,
  expectKey,
  expectKeys,
  passes,
  passesWhere,
  type Asker,
  type Condition,
  type TestUser,
} from './asking.ts'

const OWN = ACCOUNTS.target
const RoleArn = `arn:aws:iam::${OWN}:role/trusting`

let cloud: TestCloud
let user: TestUser
let administrator: IAMClient

beforeAll(async () => {
  cloud = await startCloud()
  administrator = cloud.client(IAMClient, 'target')
  user = await createUser(cloud, 'target', 'eva', { Team: 'blue' })
  await administrator.send(
    new CreateRoleCommand({
      RoleName: 'trusting',
      AssumeRolePolicyDocument: trusting({ AWS: OWN }),
      Tags: [{ Key: 'Stage', Value: 'test' }],
    }),
  )
  await user.allowWhere(['sts:*'], {})
})
afterAll(() => cloud.close())

/** The role's trust policy allows where the condition holds; the user's own policy allows everything. */
function assuming(input: Partial<AssumeRoleCommandInput> = {}, limited?: string, from = user.credentials): Asker {
  const sts = cloud.client(STSClient, from)
  const all = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']
  return {
    allowWhere(condition: Condition) {
      const statements = [
        {
          Effect: 'Allow',
          Principal: { AWS: [OWN, ACCOUNTS.source] },
          Action: limited ?? all,
          Condition: condition,
        },
        {
          Effect: 'Allow',
          Principal: { AWS: [OWN, ACCOUNTS.source] },
          Action: limited === undefined ? 'sts:Nothing' : all.filter((action) => action !== limited),
        },
      ]
      return administrator.send(
        new UpdateAssumeRolePolicyCommand({
          RoleName: 'trusting',
          PolicyDocument: policy(...(limited === undefined ? statements.slice(0, 1) : statements)),
        }),
      )
    },
    ask: () => sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'one', ...input })),
  }
}

test('shows a trust policy the external id, the name of the session, and the role’s tags', async () => {
  await expectKey(assuming({ ExternalId: 'secret' }), 'sts:ExternalId', 'secret')
  await expectKey(assuming(), 'sts:RoleSessionName', 'one')
  await expectKey(assuming(), 'aws:ResourceTag/Stage', 'test')
  await expectKey(assuming(), 'iam:ResourceTag/Stage', 'test')
  await expectAbsent(
    assuming(),
    'sts:ExternalId',
    'sts:SourceIdentity',
    'sts:TransitiveTagKeys',
    'aws:RequestTag/Team',
    'aws:TagKeys',
  )
})

test('shows a trust policy who asks', async () => {
  await expectKey(assuming(), 'aws:PrincipalArn', user.arn)
  await expectKey(assuming(), 'aws:username', 'eva')
  await expectKey(assuming(), 'aws:PrincipalTag/Team', 'blue')
  await expectKey(assuming(), 'aws:PrincipalAccount', OWN)
})

test('asks the trust policy for every tag and for the source identity, too', async () => {
  const tagged = { Tags: [{ Key: 'Team', Value: 'red' }], TransitiveTagKeys: ['Team'] }
  for (const action of ['sts:AssumeRole', 'sts:TagSession']) {
    await expectKey(assuming(tagged, action), 'aws:RequestTag/Team', 'red')
    await expectKeys(assuming(tagged, action), 'aws:TagKeys', ['Team'])
    await expectKeys(assuming(tagged, action), 'sts:TransitiveTagKeys', ['Team'])
  }
  for (const action of ['sts:AssumeRole', 'sts:SetSourceIdentity']) {
    await expectKey(assuming({ SourceIdentity: 'bert' }, action), 'sts:SourceIdentity', 'bert')
  }
})

test('shows the caller’s organization to the role of another account', async () => {
  const stranger = await createUser(cloud, 'source', 'stranger')
  await stranger.allowWhere(['sts:AssumeRole'], { StringEquals: { 'aws:ResourceAccount': OWN } })
  const asked = assuming({}, undefined, stranger.credentials)
  await expectKey(asked, 'aws:PrincipalAccount', ACCOUNTS.source)
  await expectKey(asked, 'aws:PrincipalArn', stranger.arn)
  expect(await passesWhere(asked, { StringEquals: { 'aws:PrincipalOrgID': 'o-another000' } })).toBe(false)
  expect(await passesWhere(asked, { StringLike: { 'aws:PrincipalOrgID': 'o-*' } })).toBe(true)
  await stranger.allowWhere(['sts:AssumeRole'], { StringEquals: { 'aws:ResourceAccount': ACCOUNTS.source } })
  expect(await passes(asked.ask())).toBe(false)
})
