/** `--auth soft` lets denied requests pass and keeps the denial; `off` evaluates nothing; both know accounts by keys that nobody was given. */
import { IAMClient, ListUsersCommand } from '@aws-sdk/client-iam'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { failureOf } from '../lambda/support.ts'
import { createRole, createUser, type TestUser } from './asking.ts'

interface Recorded {
  readonly error?: string
  readonly passedDenial?: boolean
  readonly permissions: readonly { readonly action: string; readonly decision: { readonly outcome: string } }[]
}

async function recorded(cloud: TestCloud, requestId: string | undefined): Promise<Recorded> {
  return (await (await fetch(`${cloud.endpoint}/_isthmus/decisions/${requestId}`)).json()) as Recorded
}

const identityOf = (cloud: TestCloud, accessKeyId: string) =>
  cloud.client(STSClient, { accessKeyId, secretAccessKey: 'anything' }).send(new GetCallerIdentityCommand({}))

describe.each(['soft', 'off'] as const)('with --auth %s', (auth) => {
  let cloud: TestCloud
  let user: TestUser

  beforeAll(async () => {
    cloud = await startCloud({ auth })
    user = await createUser(cloud, 'source', 'anna')
  })
  afterAll(() => cloud.close())

  test('a user without permissions may do everything', async () => {
    const { Users, $metadata } = await cloud.client(IAMClient, user.credentials).send(new ListUsersCommand({}))
    expect(Users?.map(({ UserName }) => UserName)).toContain('anna')
    const kept = await recorded(cloud, $metadata.requestId)
    expect(kept.error).toBeUndefined()
    expect(kept.passedDenial).toBe(auth === 'soft' ? true : undefined)
    expect(kept.permissions.map(({ action, decision }) => [action, decision.outcome])).toEqual(
      auth === 'soft' ? [['iam:ListUsers', 'implicit_deny']] : [],
    )
  })

  test('a role may be assumed by those whom it does not trust', async () => {
    const role = await createRole(cloud, 'target', { name: 'closed' })
    const sts = cloud.client(STSClient, user.credentials)
    const answer = await sts.send(new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: 'one' }))
    expect(answer.AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${ACCOUNTS.target}:assumed-role/closed/one`)
  })

  test('an unknown key is an administrator: of the account it is the number of, else of the first member', async () => {
    expect((await identityOf(cloud, ACCOUNTS.target)).Account).toBe(ACCOUNTS.target)
    expect((await identityOf(cloud, 'test')).Account).toBe(ACCOUNTS.source)
  })
})

test('with --auth strict an unknown key is nobody’s', async () => {
  const cloud = await startCloud()
  try {
    expect(await failureOf(identityOf(cloud, ACCOUNTS.target))).toMatchObject({
      name: 'InvalidClientTokenId',
      status: 403,
    })
  } finally {
    await cloud.close()
  }
})
