/** AssumeRole across accounts: trust, chaining, session policies, tags and source identity. */
import {
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListRolesCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  STSClient,
  type AssumeRoleCommandInput,
} from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Clock } from '../../../src/core/clock.ts'
import { startCloud, type TestCloud, type TestCredentials } from '../cloud.ts'
import { allowing, policy, trusting } from '../iam/documents.ts'
import { sessionOf } from './sessions.ts'

const SOURCE = '111122223333'
const TARGET = '444455556666'
const arnOf = (name: string) => `arn:aws:iam::${TARGET}:role/${name}`

let cloud: TestCloud
let target: IAMClient

beforeAll(async () => {
  cloud = await startCloud()
  target = cloud.client(IAMClient, 'target')
})
afterAll(() => cloud.close())

interface RoleOptions {
  readonly trust?: string
  readonly permissions?: string
  readonly path?: string
  readonly maxSeconds?: number
}

async function createRole(RoleName: string, { trust, permissions, path, maxSeconds }: RoleOptions = {}): Promise<void> {
  await target.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument:
        trust ?? trusting({ AWS: [SOURCE, TARGET] }, ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']),
      ...(path !== undefined && { Path: path }),
      ...(maxSeconds !== undefined && { MaxSessionDuration: maxSeconds }),
    }),
  )
  if (permissions !== undefined) {
    await target.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: permissions }))
  }
}

function assume(
  who: 'source' | 'target' | TestCredentials,
  RoleArn: string,
  more: Partial<AssumeRoleCommandInput> = {},
) {
  return cloud.client(STSClient, who).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', ...more }))
}

describe('assuming a role of another account', () => {
  test('gives a session with the name, id and permissions of the role', async () => {
    await createRole('crossing', { path: '/deep/', permissions: allowing('iam:GetRole') })
    const answer = await assume('source', arnOf('deep/crossing'))
    const { Role } = await target.send(new GetRoleCommand({ RoleName: 'crossing' }))
    const session = `arn:aws:sts::${TARGET}:assumed-role/crossing/session`
    expect(answer).toMatchObject({
      AssumedRoleUser: { AssumedRoleId: `${Role?.RoleId}:session`, Arn: session },
      Credentials: { AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/) as string },
    })
    expect(answer).not.toHaveProperty('PackedPolicySize')
    const seconds = ((answer.Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000
    expect(seconds).toBeGreaterThan(3590)
    expect(seconds).toBeLessThan(3610)
    expect(await cloud.client(STSClient, sessionOf(answer)).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: TARGET,
      Arn: session,
      UserId: `${Role?.RoleId}:session`,
    })
    const iam = cloud.client(IAMClient, sessionOf(answer))
    await iam.send(new GetRoleCommand({ RoleName: 'crossing' }))
    await expect(iam.send(new ListUsersCommand({}))).rejects.toMatchObject({
      message: expect.stringContaining(`User: ${session} is not authorized to perform: iam:ListUsers`) as string,
    })
  })

  const denied = (role: string) => ({
    name: 'AccessDenied',
    message: `User: arn:aws:iam::${SOURCE}:user/administrator is not authorized to perform: sts:AssumeRole on resource: ${arnOf(role)}`,
    $metadata: { httpStatusCode: 403 },
  })

  test('is refused in the same words when the role does not trust the caller and when there is no such role', async () => {
    await createRole('closed', { trust: trusting({ AWS: TARGET }) })
    await expect(assume('source', arnOf('closed'))).rejects.toMatchObject(denied('closed'))
    await expect(assume('source', arnOf('missing'))).rejects.toMatchObject(denied('missing'))
    await expect(assume('source', arnOf('wrong-path/closed'))).rejects.toMatchObject(denied('wrong-path/closed'))
  })

  test('needs the external id that the trust policy asks for', async () => {
    await createRole('external', {
      trust: policy({
        Effect: 'Allow',
        Principal: { AWS: SOURCE },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': 'secret' } },
      }),
    })
    await expect(assume('source', arnOf('external'))).rejects.toMatchObject(denied('external'))
    await expect(assume('source', arnOf('external'), { ExternalId: 'guess' })).rejects.toMatchObject(denied('external'))
    await assume('source', arnOf('external'), { ExternalId: 'secret' })
  })

  test('is over when the trusted role is deleted, and does not come back with its name', async () => {
    const source = cloud.client(IAMClient, 'source')
    const makeCaller = async () => {
      await source.send(
        new CreateRoleCommand({ RoleName: 'caller', AssumeRolePolicyDocument: trusting({ AWS: SOURCE }) }),
      )
      await source.send(
        new PutRolePolicyCommand({ RoleName: 'caller', PolicyName: 'p', PolicyDocument: allowing('sts:*') }),
      )
      return sessionOf(await assume('source', `arn:aws:iam::${SOURCE}:role/caller`))
    }
    const caller = await makeCaller()
    await createRole('callee', { trust: trusting({ AWS: `arn:aws:iam::${SOURCE}:role/caller` }) })
    await assume(caller, arnOf('callee'))
    await source.send(new DeleteRolePolicyCommand({ RoleName: 'caller', PolicyName: 'p' }))
    await source.send(new DeleteRoleCommand({ RoleName: 'caller' }))
    const recreated = await makeCaller()
    await expect(assume(recreated, arnOf('callee'))).rejects.toMatchObject({ name: 'AccessDenied' })
    await expect(assume(caller, arnOf('callee'))).rejects.toMatchObject({ name: 'AccessDenied' })
  })
})

describe('the input of AssumeRole', () => {
  test.each([
    'nothing-valid-in-here',
    'arn:a::::something/test-role',
    'arn:aws:iam::444455556666:user/someone',
    'arn:aws:iam::1234:role/short-account',
  ])('has the ARN of a role, not %s', async (arn) => {
    await expect(assume('source', arn)).rejects.toMatchObject({
      name: 'ValidationError',
      message: `${arn} is invalid`,
      $metadata: { httpStatusCode: 400 },
    })
  })

  test('has a session name without colons', async () => {
    await expect(assume('source', arnOf('any'), { RoleSessionName: 'Session1:2' })).rejects.toMatchObject({
      name: 'ValidationError',
      message:
        "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    })
  })

  test('asks for no longer than the role allows', async () => {
    await createRole('short')
    await createRole('long', { maxSeconds: 7200 })
    await expect(assume('source', arnOf('short'), { DurationSeconds: 3601 })).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    })
    await assume('source', arnOf('long'), { DurationSeconds: 7200 })
    await expect(assume('source', arnOf('long'), { DurationSeconds: 60 })).rejects.toMatchObject({
      name: 'ValidationError',
    })
  })

  test('has no MFA device, because there are none', async () => {
    await expect(assume('source', arnOf('short'), { SerialNumber: 'GAHT12345678' })).rejects.toMatchObject({
      message: expect.stringContaining('SerialNumber') as string,
    })
  })
})

describe('role chaining', () => {
  test('is limited to an hour', async () => {
    await createRole('first', { permissions: allowing('sts:AssumeRole') })
    await createRole('second', { maxSeconds: 43_200 })
    const first = sessionOf(await assume('source', arnOf('first')))
    await assume(first, arnOf('second'))
    await expect(assume(first, arnOf('second'), { DurationSeconds: 3601 })).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    })
  })

  test('needs the permission of the first role, and says so without a reason', async () => {
    await createRole('unable')
    await createRole('wanted')
    const session = sessionOf(await assume('source', arnOf('unable')))
    await expect(assume(session, arnOf('wanted'))).rejects.toMatchObject({
      message: `User: arn:aws:sts::${TARGET}:assumed-role/unable/session is not authorized to perform: sts:AssumeRole on resource: ${arnOf('wanted')}`,
    })
  })
})

describe('session policies', () => {
  test('leave only what both they and the role allow', async () => {
    await createRole('wide', { permissions: allowing(['iam:GetRole', 'iam:ListUsers']) })
    const narrowed = await assume('source', arnOf('wide'), { Policy: allowing(['iam:GetRole', 'iam:ListRoles']) })
    expect(narrowed.PackedPolicySize).toBeGreaterThan(0)
    const iam = cloud.client(IAMClient, sessionOf(narrowed))
    await iam.send(new GetRoleCommand({ RoleName: 'wide' }))
    await expect(iam.send(new ListUsersCommand({}))).rejects.toMatchObject({
      message: expect.stringMatching(/because no session policy allows the iam:ListUsers action$/) as string,
    })
    await expect(iam.send(new ListRolesCommand({}))).rejects.toMatchObject({
      message: expect.stringMatching(/because no identity-based policy allows the iam:ListRoles action$/) as string,
    })
  })

  test("can be managed policies of the role's account or of AWS", async () => {
    await target.send(new CreatePolicyCommand({ PolicyName: 'roles-only', PolicyDocument: allowing('iam:GetRole') }))
    await createRole('managed', { permissions: allowing('iam:*') })
    const PolicyArns = [{ arn: `arn:aws:iam::${TARGET}:policy/roles-only` }]
    const iam = cloud.client(IAMClient, sessionOf(await assume('source', arnOf('managed'), { PolicyArns })))
    await iam.send(new GetRoleCommand({ RoleName: 'managed' }))
    await expect(iam.send(new ListUsersCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' })
    const readOnly = [{ arn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' }]
    const reader = cloud.client(
      IAMClient,
      sessionOf(await assume('source', arnOf('managed'), { PolicyArns: readOnly })),
    )
    await reader.send(new ListUsersCommand({}))
    await expect(
      assume('source', arnOf('managed'), { PolicyArns: [{ arn: `arn:aws:iam::${TARGET}:policy/none` }] }),
    ).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' })
  })

  test('are refused when malformed or too large', async () => {
    await createRole('strict')
    await expect(assume('source', arnOf('strict'), { Policy: '{' })).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
      $metadata: { httpStatusCode: 400 },
    })
    await expect(assume('source', arnOf('strict'), { Policy: allowing('x'.repeat(2048)) })).rejects.toMatchObject({
      name: 'ValidationError',
    })
    const Tags = Array.from({ length: 9 }, (_, i) => ({ Key: `T${i}`, Value: 'a'.repeat(250) }))
    await expect(assume('source', arnOf('strict'), { Tags })).rejects.toMatchObject({
      name: 'PackedPolicyTooLargeException',
      message: 'Packed size of session tags consumes 498% of allotted space.',
    })
  })
})

describe('session tags', () => {
  const tagged = allowing('iam:GetRole', 'arn:aws:iam::*:role/${aws:PrincipalTag/Team}')

  test('are the tags of the principal', async () => {
    await createRole('tagged', { permissions: tagged })
    const session = await assume('source', arnOf('tagged'), { Tags: [{ Key: 'Team', Value: 'tagged' }] })
    await cloud.client(IAMClient, sessionOf(session)).send(new GetRoleCommand({ RoleName: 'tagged' }))
    const other = await assume('source', arnOf('tagged'), { Tags: [{ Key: 'Team', Value: 'other' }] })
    await expect(
      cloud.client(IAMClient, sessionOf(other)).send(new GetRoleCommand({ RoleName: 'tagged' })),
    ).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  test('need a trust policy that lets them be passed', async () => {
    await createRole('tagless', { trust: trusting({ AWS: SOURCE }) })
    await assume('source', arnOf('tagless'))
    await expect(assume('source', arnOf('tagless'), { Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: arn:aws:iam::${SOURCE}:user/administrator is not authorized to perform: sts:TagSession on resource: ${arnOf('tagless')}`,
    })
  })

  test('pass on through a chain when they are transitive, and cannot be overridden', async () => {
    await createRole('link-1', { permissions: allowing(['sts:AssumeRole', 'sts:TagSession']) })
    await createRole('link-2', { permissions: tagged })
    const first = sessionOf(
      await assume('source', arnOf('link-1'), {
        Tags: [
          { Key: 'Team', Value: 'link-2' },
          { Key: 'Shift', Value: 'night' },
        ],
        TransitiveTagKeys: ['team'],
      }),
    )
    const second = sessionOf(await assume(first, arnOf('link-2')))
    await cloud.client(IAMClient, second).send(new GetRoleCommand({ RoleName: 'link-2' }))
    await expect(assume(first, arnOf('link-2'), { Tags: [{ Key: 'TEAM', Value: 'x' }] })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message:
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
      $metadata: { httpStatusCode: 400 },
    })
  })

  test('have distinct keys, and transitive ones are among them', async () => {
    await createRole('picky')
    await expect(
      assume('source', arnOf('picky'), {
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'A', Value: '2' },
        ],
      }),
    ).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    })
    await expect(assume('source', arnOf('picky'), { TransitiveTagKeys: ['a'] })).rejects.toMatchObject({
      message: 'The specified transitive tag key must be included in the requested tags.',
    })
  })
})

describe('the source identity', () => {
  test('stays through a chain and cannot be changed', async () => {
    await createRole('sourced-1', { permissions: allowing('sts:*') })
    await createRole('sourced-2', {
      trust: policy({
        Effect: 'Allow',
        Principal: { AWS: TARGET },
        Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
        Condition: { StringEquals: { 'sts:SourceIdentity': 'ada' } },
      }),
    })
    const answer = await assume('source', arnOf('sourced-1'), { SourceIdentity: 'ada' })
    expect(answer.SourceIdentity).toBe('ada')
    const chained = await assume(sessionOf(answer), arnOf('sourced-2'))
    expect(chained.SourceIdentity).toBe('ada')
    await expect(assume(sessionOf(answer), arnOf('sourced-2'), { SourceIdentity: 'grace' })).rejects.toMatchObject({
      name: 'AccessDenied',
    })
  })

  test('needs a permission of its own', async () => {
    await createRole('unsourced', { trust: trusting({ AWS: SOURCE }) })
    await expect(assume('source', arnOf('unsourced'), { SourceIdentity: 'ada' })).rejects.toMatchObject({
      message: expect.stringContaining('is not authorized to perform: sts:SetSourceIdentity on resource') as string,
    })
  })
})

test('a session ends when its time is over', async () => {
  let aheadMs = 0
  const clock: Clock = { now: () => Date.now() + aheadMs, after: () => ({ cancel: () => undefined }) }
  const own = await startCloud({ clock })
  try {
    const iam = own.client(IAMClient, 'source')
    await iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: trusting({ AWS: SOURCE }) }))
    const answer = await own.client(STSClient, 'source').send(
      new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${SOURCE}:role/r`,
        RoleSessionName: 'session',
        DurationSeconds: 900,
      }),
    )
    const sts = own.client(STSClient, sessionOf(answer))
    await sts.send(new GetCallerIdentityCommand({}))
    aheadMs = 901_000
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'ExpiredToken',
      $metadata: { httpStatusCode: 403 },
    })
  } finally {
    await own.close()
  }
})

test('a session token is part of the credentials', async () => {
  await createRole('token')
  const session = sessionOf(await assume('source', arnOf('token')))
  const { accessKeyId, secretAccessKey } = session
  for (const wrong of [
    { accessKeyId, secretAccessKey },
    { ...session, sessionToken: `${session.sessionToken}x` },
  ]) {
    await expect(cloud.client(STSClient, wrong).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    })
  }
})
