/** Who is refused at the door, and in which words, over REST, JSON and Query services; time is driven by hand. */
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  IAMClient,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam'
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { systemClock, type Clock } from '../../../src/core/clock.ts'
import { ACCOUNTS, startCloud, type TestCloud, type TestCredentials } from '../cloud.ts'
import {
  EXPIRED,
  FAMILIES,
  familyOf,
  INCOMPLETE,
  MISMATCH,
  MISSING,
  refusal,
  refusalOf,
  UNKNOWN,
  type Family,
  type Refusal,
} from './families.ts'
import { amzDate, presign, send, sign, signInChunks, type Answer, type Draft, type Signing } from './wire.ts'

const MISMATCH_SENTENCE =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
const UNKNOWN_SENTENCE = 'The security token included in the request is invalid.'
const MINUTE_MS = 60_000

/** How far the cloud's clock is ahead of this machine's. */
let aheadMs = 0
let cloud: TestCloud
let administrator: TestCredentials

const now = () => Math.floor((Date.now() + aheadMs) / 1000) * 1000

beforeAll(async () => {
  const clock: Clock = { ...systemClock, now: () => Date.now() + aheadMs }
  cloud = await startCloud({ clock })
  administrator = cloud.administrator('source')
})

afterAll(async () => {
  await cloud.close()
})

beforeEach(() => {
  aheadMs = 0
})

const ask = (draft: Draft): Promise<Answer> => send(cloud.endpoint, draft)

function signed(family: Family, changes: Partial<Signing> = {}): Draft {
  return sign(family.draft, { keys: administrator, service: family.service, atMs: now(), ...changes })
}

async function refused(family: Family, draft: Draft): Promise<Refusal> {
  return refusalOf(family, await ask(draft))
}

/** Another header, or none. */
function withHeader({ headers, ...draft }: Draft, name: string, value?: string): Draft {
  const { [name]: _previous, ...others } = headers
  return { ...draft, headers: value === undefined ? others : { ...others, [name]: value } }
}

function withAuthorization(draft: Draft, change: (authorization: string) => string): Draft {
  return withHeader(draft, 'authorization', change(draft.headers['authorization'] ?? ''))
}

/** A session of a role of the source account. */
async function session(name: string): Promise<TestCredentials> {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: ACCOUNTS.source }, Action: 'sts:AssumeRole' }],
  }
  const { Role } = await cloud
    .client(IAMClient, 'source')
    .send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }))
  const { Credentials } = await cloud
    .client(STSClient, 'source')
    .send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: name, DurationSeconds: 900 }))
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  }
}

describe.each(FAMILIES)('a $name service', (family) => {
  it('answers a request that is signed', async () => {
    expect((await ask(signed(family))).status).toBe(200)
  })

  it('refuses one that is not signed', async () => {
    const sentence = family.name === 'REST' ? 'Missing Authentication Token' : 'Request is missing Authentication Token'
    expect(await refused(family, family.draft)).toEqual(refusal(family, MISSING, sentence))
    const basic = withHeader(family.draft, 'authorization', 'Basic dXNlcjpwYXNzd29yZA==')
    expect(await refused(family, basic)).toEqual(refusal(family, MISSING, sentence))
  })

  it('refuses a wrong secret', async () => {
    const keys = { ...administrator, secretAccessKey: `${administrator.secretAccessKey.slice(0, -1)}~` }
    expect(await refused(family, signed(family, { keys }))).toEqual(refusal(family, MISMATCH, MISMATCH_SENTENCE))
  })

  it('refuses a key that nobody has', async () => {
    const keys = { ...administrator, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }
    expect(await refused(family, signed(family, { keys }))).toEqual(refusal(family, UNKNOWN, UNKNOWN_SENTENCE))
  })

  it('refuses a key that is inactive, and one that was deleted', async () => {
    const iam = cloud.client(IAMClient, 'source')
    const UserName = `inactive-${family.name}`
    await iam.send(new CreateUserCommand({ UserName }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
    const { AccessKeyId = '', SecretAccessKey = '' } = AccessKey ?? {}
    const draft = signed(family, { keys: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } })
    expect((await refused(family, draft)).code).toMatch(/^AccessDenied/)
    await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: 'Inactive' }))
    expect(await refused(family, draft)).toEqual(refusal(family, UNKNOWN, UNKNOWN_SENTENCE))
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }))
    expect(await refused(family, draft)).toEqual(refusal(family, UNKNOWN, UNKNOWN_SENTENCE))
  })

  it('refuses a temporary key without its token, and with that of another', async () => {
    const [mine, other] = await Promise.all([session(`mine-${family.name}`), session(`other-${family.name}`)])
    const { sessionToken: _token, ...bare } = mine
    const expected = refusal(family, UNKNOWN, UNKNOWN_SENTENCE)
    expect(await refused(family, signed(family, { keys: bare }))).toEqual(expected)
    const mixed = { ...mine, ...(other.sessionToken !== undefined && { sessionToken: other.sessionToken }) }
    expect(await refused(family, signed(family, { keys: mixed }))).toEqual(expected)
    const foreign = { ...administrator, sessionToken: mine.sessionToken ?? '' }
    expect(await refused(family, signed(family, { keys: foreign }))).toEqual(expected)
    // The session itself is known, but may do nothing.
    expect((await refused(family, signed(family, { keys: mine }))).code).toMatch(/^AccessDenied/)
  })

  it('refuses a temporary key from the moment it expires', async () => {
    const keys = await session(`brief-${family.name}`)
    aheadMs = 14 * MINUTE_MS
    expect((await refused(family, signed(family, { keys }))).code).toMatch(/^AccessDenied/)
    aheadMs = 15 * MINUTE_MS + 2_000
    expect(await refused(family, signed(family, { keys }))).toEqual(
      refusal(family, EXPIRED, 'The security token included in the request is expired'),
    )
  })

  it('bears with a clock that is a quarter of an hour wrong, and refuses more, saying by how much', async () => {
    aheadMs = 7 * 24 * 60 * MINUTE_MS
    expect((await ask(signed(family, { atMs: now() - 15 * MINUTE_MS + 5_000 }))).status).toBe(200)
    expect((await ask(signed(family, { atMs: now() + 15 * MINUTE_MS - 5_000 }))).status).toBe(200)

    const late = now() - 15 * MINUTE_MS - 5_000
    const { message: lateMessage, ...lateRefusal } = await refused(family, signed(family, { atMs: late }))
    const { message: _expired, ...expected } = refusal(family, MISMATCH, '')
    expect(lateRefusal).toEqual(expected)
    expect(lateMessage).toMatch(
      new RegExp(
        String.raw`^Signature expired: ${amzDate(late)} is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$`,
      ),
    )
    const early = now() + 15 * MINUTE_MS + 5_000
    const { message: earlyMessage, ...earlyRefusal } = await refused(family, signed(family, { atMs: early }))
    expect(earlyRefusal).toEqual(expected)
    expect(earlyMessage).toMatch(
      new RegExp(
        String.raw`^Signature not yet current: ${amzDate(early)} is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 15 min\.\)$`,
      ),
    )
  })

  it('refuses a signature for another service', async () => {
    expect(await refused(family, signed(family, { service: 'dynamodb' }))).toEqual(
      refusal(family, MISMATCH, `Credential should be scoped to correct service: '${family.service}'. `),
    )
  })

  it('takes any Region, and refuses what is none', async () => {
    expect((await ask(signed(family, { region: 'ap-southeast-2' }))).status).toBe(200)
    expect(await refused(family, signed(family, { region: 'nowhere' }))).toEqual(
      refusal(family, MISMATCH, 'Credential should be scoped to a valid region.'),
    )
  })

  it('refuses what was changed after it was signed', async () => {
    const expected = refusal(family, MISMATCH, MISMATCH_SENTENCE)
    const draft = signed(family)
    expect(await refused(family, { ...draft, body: `${String(draft.body)} ` })).toEqual(expected)
    expect(await refused(family, withHeader(draft, 'host', 'elsewhere.example'))).toEqual(expected)
    const more = { ...draft, path: `${draft.path}?Marker=x` }
    expect(await refused(family, more)).toEqual(expected)
  })

  it('names what is missing of a signature', async () => {
    const draft = signed(family)
    const missing = async (change: (authorization: string) => string) =>
      refused(family, withAuthorization(draft, change))
    const { message: hashed } = await missing((text) => text.replace(/, Signature=.*/, ''))
    expect(hashed).toMatch(
      /^Authorization header requires 'Signature' parameter\. \(Hashed with SHA-256 and encoded with Base64\) Authorization=\S{44}$/,
    )
    expect((await missing((text) => text.replace(/SignedHeaders=[^,]*, /, ''))).message).toMatch(
      /^Authorization header requires 'SignedHeaders' parameter\. /,
    )
    const scope = `${administrator.accessKeyId}/${amzDate(now()).slice(0, 8)}/us-east-1/${family.service}`
    const undated = withHeader(draft, 'x-amz-date')
    expect((await refused(family, undated)).message).toMatch(
      /^Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header\. /,
    )
    const four = await missing((text) => text.replace('/aws4_request', ''))
    expect(four.message).toBe(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${scope}'`,
    )
    const [code, status] = INCOMPLETE[family.name]
    expect(four).toMatchObject({ code, status })
  })
})

describe('a signature in the URL', () => {
  const sts = familyOf('Query')
  const query = { Action: 'GetCallerIdentity', Version: '2011-06-15' }
  const signing = (): Signing => ({ keys: administrator, service: 'sts', atMs: now() })

  it('is good until it expires', async () => {
    const draft = presign(query, signing(), 600)
    const { status, body } = await ask(draft)
    expect(status).toBe(200)
    expect(body).toContain(`<Account>${ACCOUNTS.source}</Account>`)
    aheadMs = 9 * MINUTE_MS
    expect((await ask(draft)).status).toBe(200)
    aheadMs = 10 * MINUTE_MS + 2_000
    const { code, status: late, message } = await refused(sts, draft)
    expect([code, late]).toEqual(['SignatureDoesNotMatch', 403])
    expect(message).toMatch(
      /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 600 sec\.\)$/,
    )
  })

  it('may outlast a quarter of an hour, but not a week', async () => {
    const draft = presign(query, signing(), 3_600)
    aheadMs = 59 * MINUTE_MS
    expect((await ask(draft)).status).toBe(200)
    expect(await refused(sts, presign(query, signing(), 604_801))).toEqual({
      status: 400,
      code: 'IncompleteSignature',
      message: 'X-Amz-Expires must be a number between 1 and 604800 seconds.',
    })
  })

  it('covers the whole query', async () => {
    const draft = presign(query, signing(), 600)
    expect(
      (await refused(sts, { ...draft, path: draft.path.replace('GetCallerIdentity', 'GetSessionToken') })).message,
    ).toBe(MISMATCH_SENTENCE)
    expect((await refused(sts, { ...draft, path: `${draft.path}&More=1` })).message).toBe(MISMATCH_SENTENCE)
  })

  it('carries the token of a session', async () => {
    const keys = await session('presigning')
    const { status, body } = await ask(presign(query, { ...signing(), keys }, 60))
    expect([status, body]).toEqual([200, expect.stringContaining(':assumed-role/presigning/presigning</Arn>')])
  })
})

describe('a body in AWS’s chunks', () => {
  const logs = familyOf('JSON')
  const create = (logGroupName: string): Draft => ({
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Logs_20140328.CreateLogGroup' },
    body: JSON.stringify({ logGroupName }),
  })
  const signing = (): Signing => ({ keys: administrator, service: 'logs', atMs: now() })
  const halves = (text: string): readonly string[] => [text.slice(0, 9), text.slice(9)]

  async function groups(): Promise<readonly (string | undefined)[]> {
    const { logGroups = [] } = await cloud.client(CloudWatchLogsClient, 'source').send(new DescribeLogGroupsCommand({}))
    return logGroups.map(({ logGroupName }) => logGroupName)
  }

  it('is put together when every chunk is signed', async () => {
    const draft = create('/chunked')
    const { status } = await ask(signInChunks(draft, signing(), halves(String(draft.body))))
    expect(status).toBe(200)
    expect(await groups()).toContain('/chunked')
  })

  it('is refused when a chunk was changed or left out', async () => {
    const draft = create('/changed')
    const chunked = signInChunks(draft, signing(), halves(String(draft.body)))
    const body = String(chunked.body)
    const [first, ...others] = body.split(/(?<=\r\n)(?=[0-9a-f]+;chunk-signature)/)
    expect(others).toHaveLength(2)
    const expected = refusal(logs, MISMATCH, MISMATCH_SENTENCE)
    expect(await refused(logs, { ...chunked, body: body.replace('changed', 'CHANGED') })).toEqual(expected)
    const shorter = `${first}${others[1]}`
    const lengthless = withHeader(chunked, 'content-length', String(shorter.length))
    expect((await refused(logs, { ...lengthless, body: shorter })).code).toBe(expected.code)
    expect(await groups()).not.toContain('/changed')
  })

  it('may be left unsigned where the request says so', async () => {
    const draft = create('/unsigned')
    const text = String(draft.body)
    const body = `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`
    const payloadHash = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
    expect((await ask({ ...sign({ ...draft, body: '' }, { ...signing(), payloadHash }), body })).status).toBe(200)
    expect(await groups()).toContain('/unsigned')
  })

  it('may be left out of the signature altogether', async () => {
    const signed = sign(create('/unsigned-payload'), { ...signing(), payloadHash: 'UNSIGNED-PAYLOAD' })
    expect((await ask({ ...signed, body: JSON.stringify({ logGroupName: '/after-signing' }) })).status).toBe(200)
    expect(await groups()).toContain('/after-signing')
  })
})
