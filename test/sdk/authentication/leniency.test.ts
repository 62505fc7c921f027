/** `--auth soft` and `--auth off`: who an unknown key is, what passes that AWS would deny, and what is recorded of it. */
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam'
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import {
  CreateAccountCommand,
  DescribeCreateAccountStatusCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterEach, describe, expect, it } from 'vitest'

import { parseAccountId } from '../../../src/core/account.ts'
import { ACCOUNTS, startCloud, type TestCloud, type TestCredentials } from '../cloud.ts'
import { eventually, failureOf } from '../lambda/support.ts'
import { send, sign } from './wire.ts'

let cloud: TestCloud

afterEach(async () => {
  await cloud.close()
})

const anyone = (accessKeyId: string): TestCredentials => ({ accessKeyId, secretAccessKey: 'test' })

async function identity(who: TestCredentials): Promise<readonly [string | undefined, string | undefined]> {
  const { Account, Arn } = await cloud.client(STSClient, who).send(new GetCallerIdentityCommand({}))
  return [Account, Arn]
}

/** A user of the source account with keys and no permissions. */
async function powerless(): Promise<TestCredentials> {
  const iam = cloud.client(IAMClient, 'source')
  await iam.send(new CreateUserCommand({ UserName: 'powerless' }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'powerless' }))
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
}

interface Recorded {
  readonly operation: string
  readonly error?: string
  readonly passedDenial?: boolean
  readonly permissions: readonly { readonly action: string; readonly decision: { readonly outcome: string } }[]
}

async function recorded(requestId: string | undefined): Promise<Recorded> {
  const answer = await fetch(`${cloud.endpoint}/_isthmus/decisions/${requestId}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as Recorded
}

describe.each(['soft', 'off'] as const)('under --auth %s', (auth) => {
  it('an unknown key is the administrator of the first member account', async () => {
    cloud = await startCloud({ auth })
    const administrator = `arn:aws:iam::${ACCOUNTS.source}:user/administrator`
    expect(await identity(anyone('test'))).toEqual([ACCOUNTS.source, administrator])
    expect(await identity({ ...anyone('ASIAIOSFODNN7EXAMPLE'), sessionToken: 'of another cloud' })).toEqual([
      ACCOUNTS.source,
      administrator,
    ])
  })

  it('an unknown key is the administrator of the default account, where there is one', async () => {
    cloud = await startCloud({ auth, defaultAccount: parseAccountId(ACCOUNTS.target) })
    expect(await identity(anyone('test'))).toEqual([
      ACCOUNTS.target,
      `arn:aws:iam::${ACCOUNTS.target}:user/administrator`,
    ])
  })

  it('a key of twelve digits is an account, where there is such a one', async () => {
    cloud = await startCloud({ auth })
    expect((await identity(anyone(ACCOUNTS.target)))[0]).toBe(ACCOUNTS.target)
    expect((await identity(anyone('999999999999')))[0]).toBe(ACCOUNTS.source)
    const organizations = cloud.client(OrganizationsClient, 'management')
    const { CreateAccountStatus } = await organizations.send(
      new CreateAccountCommand({ AccountName: 'new', Email: 'new@example.com' }),
    )
    const account = await eventually(async () => {
      const CreateAccountRequestId = CreateAccountStatus?.Id
      const status = await organizations.send(new DescribeCreateAccountStatusCommand({ CreateAccountRequestId }))
      return status.CreateAccountStatus?.AccountId
    })
    expect((await identity(anyone(account)))[0]).toBe(account)
  })

  it('nobody has to sign a request to this machine', async () => {
    cloud = await startCloud({ auth })
    const { status, body } = await send(cloud.endpoint, {
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    })
    expect([status, body]).toEqual([200, expect.stringContaining(`<Account>${ACCOUNTS.source}</Account>`)])
  })

  it.each(['evil.example', '192.168.0.7:4566'])(
    'a request for %s, which a web page may have made, has to be signed by a known key',
    async (host) => {
      cloud = await startCloud({ auth })
      const path = '/?Action=GetCallerIdentity&Version=2011-06-15'
      const draft = { method: 'GET', path, headers: { host }, body: '' }
      const unsigned = await send(cloud.endpoint, draft)
      expect([unsigned.status, unsigned.body]).toEqual([403, expect.stringContaining('MissingAuthenticationToken')])
      const signing = { service: 'sts', atMs: Date.now() }
      const stranger = await send(cloud.endpoint, sign(draft, { ...signing, keys: anyone('test') }))
      expect([stranger.status, stranger.body]).toEqual([403, expect.stringContaining('InvalidClientTokenId')])
      const known = await send(cloud.endpoint, sign(draft, { ...signing, keys: cloud.administrator('source') }))
      expect(known.status).toBe(200)
    },
  )

  it.each(['localhost', '127.0.0.1:4566', 'sts.localhost:4566'])(
    'a request for %s need not be signed',
    async (host) => {
      cloud = await startCloud({ auth })
      const path = '/?Action=GetCallerIdentity&Version=2011-06-15'
      expect((await send(cloud.endpoint, { method: 'GET', path, headers: { host }, body: '' })).status).toBe(200)
    },
  )

  it('the Region is that of the signature', async () => {
    cloud = await startCloud({ auth })
    const lambda = cloud.client(LambdaClient, anyone('test'), 'eu-west-3')
    const { $metadata } = await lambda.send(new ListFunctionsCommand({}))
    expect(await recorded($metadata.requestId)).toMatchObject({ region: 'eu-west-3', account: ACCOUNTS.source })
  })

  it('a key that is known still has to match its secret', async () => {
    cloud = await startCloud({ auth })
    const { accessKeyId } = cloud.administrator('source')
    const failure = await failureOf(cloud.client(STSClient, anyone(accessKeyId)).send(new GetCallerIdentityCommand({})))
    expect(failure.name).toBe('SignatureDoesNotMatch')
  })
})

describe('what AWS denies', () => {
  it('is denied under --auth strict, and recorded', async () => {
    cloud = await startCloud({ auth: 'strict' })
    const iam = cloud.client(IAMClient, await powerless())
    const error = await iam.send(new ListUsersCommand({})).catch((thrown: unknown) => thrown)
    const { name, $metadata } = error as { name: string; $metadata: { requestId?: string } }
    expect(name).toBe('AccessDenied')
    const { passedDenial, error: recordedError, permissions } = await recorded($metadata.requestId)
    expect({ passedDenial, recordedError }).toEqual({ passedDenial: undefined, recordedError: 'AccessDenied' })
    expect(permissions.map(({ action, decision }) => [action, decision.outcome])).toEqual([
      ['iam:ListUsers', 'implicit_deny'],
    ])
  })

  it('passes under --auth soft, and is recorded as denied', async () => {
    cloud = await startCloud({ auth: 'soft' })
    const { Users, $metadata } = await cloud.client(IAMClient, await powerless()).send(new ListUsersCommand({}))
    expect(Users?.map(({ UserName }) => UserName)).toEqual(['administrator', 'powerless'])
    const { passedDenial, error, permissions } = await recorded($metadata.requestId)
    expect({ passedDenial, error }).toEqual({ passedDenial: true, error: undefined })
    expect(permissions.map(({ decision }) => decision.outcome)).toEqual(['implicit_deny'])
  })

  it('passes under --auth off, and nothing is evaluated', async () => {
    cloud = await startCloud({ auth: 'off' })
    const { Users, $metadata } = await cloud.client(IAMClient, await powerless()).send(new ListUsersCommand({}))
    expect(Users).toHaveLength(2)
    expect((await recorded($metadata.requestId)).permissions).toEqual([])
  })
})
