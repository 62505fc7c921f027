/** That what stands above an account is felt by everyone in it, its administrator included, and by nobody in the management account. */
import { IAMClient, ListUsersCommand } from '@aws-sdk/client-iam'
import {
  AttachPolicyCommand,
  CreateOrganizationalUnitCommand,
  CreatePolicyCommand,
  DetachPolicyCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
  UpdatePolicyCommand,
} from '@aws-sdk/client-organizations'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { expectRefusal } from './errors.ts'

let cloud: TestCloud
let client: OrganizationsClient
let root: string

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(OrganizationsClient, 'management')
  root = (await client.send(new ListRootsCommand({}))).Roots?.[0]?.Id ?? ''
})
afterAll(() => cloud.close())

const document = (Action: string, Effect = 'Deny') =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect, Action, Resource: '*' }] })

async function createScp(name: string, Content: string) {
  const { Policy } = await client.send(
    new CreatePolicyCommand({ Name: name, Description: '', Type: 'SERVICE_CONTROL_POLICY', Content }),
  )
  return { id: Policy?.PolicySummary?.Id ?? '', arn: Policy?.PolicySummary?.Arn ?? '' }
}

const listUsers = (account: 'management' | 'source' | 'target') =>
  cloud.client(IAMClient, account).send(new ListUsersCommand({}))
const user = (account: string) => `User: arn:aws:iam::${account}:user/administrator`
const listing = (account: string) =>
  `is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${account}:user/`

it('denies by the root for every member and names the policy', async () => {
  const { id, arn } = await createScp('no users', document('iam:ListUsers'))
  await client.send(new AttachPolicyCommand({ PolicyId: id, TargetId: root }))
  for (const account of ['source', 'target'] as const) {
    await expectRefusal(
      listUsers(account),
      'AccessDenied',
      `${user(ACCOUNTS[account])} ${listing(ACCOUNTS[account])} with an explicit deny in a service control policy: ${arn}`,
    )
  }
  expect((await listUsers('management')).Users).toBeDefined()
  await client.send(new UpdatePolicyCommand({ PolicyId: id, Content: document('iam:CreateUser') }))
  expect((await listUsers('source')).Users).toBeDefined()
  await client.send(new DetachPolicyCommand({ PolicyId: id, TargetId: root }))
})

it('denies what no policy of a level allows', async () => {
  const { id } = await createScp('only lambda', document('lambda:*', 'Allow'))
  const { OrganizationalUnit } = await client.send(
    new CreateOrganizationalUnitCommand({ Name: 'narrow', ParentId: root }),
  )
  const unit = OrganizationalUnit?.Id ?? ''
  await client.send(new AttachPolicyCommand({ PolicyId: id, TargetId: unit }))
  await client.send(new DetachPolicyCommand({ PolicyId: 'p-FullAWSAccess', TargetId: unit }))
  expect((await listUsers('source')).Users).toBeDefined()
  const move = { AccountId: ACCOUNTS.source, SourceParentId: root, DestinationParentId: unit }
  await client.send(new MoveAccountCommand(move))
  await expectRefusal(
    listUsers('source'),
    'AccessDenied',
    `${user(ACCOUNTS.source)} ${listing(ACCOUNTS.source)} because no service control policy allows the iam:ListUsers action`,
  )
  await client.send(new MoveAccountCommand({ ...move, SourceParentId: unit, DestinationParentId: root }))
  expect((await listUsers('source')).Users).toBeDefined()
})
