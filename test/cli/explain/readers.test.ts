/** Explaining as on AWS: through profiles that may only read, and profiles that may read only half. */
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { CallExplanation } from '../../../src/crossing/explain/explanation.ts'
import { replaceGrants } from '../../../src/crossing/prove/changes.ts'
import { CALLEE_ARN } from '../../system/deployments.ts'
import { ACCOUNTS, type AccountName, type Finished } from '../../system/isthmus.ts'
import { createStage, expectTranscript, writeProfiles, type Stage } from './stage.ts'

const CALLER = `arn:aws:lambda:us-east-1:${ACCOUNTS.source}:function:caller`
const ASKED = ['--from', CALLER, '--to', CALLEE_ARN, '--aws']

const IAM = [
  'iam:GetRole',
  'iam:ListRolePolicies',
  'iam:GetRolePolicy',
  'iam:ListAttachedRolePolicies',
  'iam:GetPolicy',
  'iam:GetPolicyVersion',
]
const LAMBDA = [
  'lambda:GetFunctionConfiguration',
  'lambda:GetFunctionConcurrency',
  'lambda:GetPolicy',
  'lambda:ListTags',
  'lambda:ListAliases',
]
const MEMBER = ['organizations:DescribeOrganization']
const MANAGEMENT = [
  'organizations:DescribeOrganizationalUnit',
  'organizations:DescribePolicy',
  'organizations:ListParents',
  'organizations:ListPoliciesForTarget',
  'organizations:ListRoots',
]
/** All that docs/guide/explain.md says is needed. */
const READER: Readonly<Record<AccountName, readonly string[]>> = {
  source: [...IAM, 'lambda:GetFunctionConfiguration', ...MEMBER],
  target: [...LAMBDA, ...MEMBER],
  management: MANAGEMENT,
}

describe('isthmus explain --aws', () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await createStage()
  })
  beforeEach(async () => {
    await stage.reset()
  })
  afterAll(async () => {
    await stage.close()
  })

  /** Asks with a user in each account that may do just this; an account without any has no profile. */
  async function ask(
    may: Partial<Record<AccountName, readonly string[]>>,
    ...more: readonly string[]
  ): Promise<{ readonly finished: Finished; readonly explanation: CallExplanation; readonly args: readonly string[] }> {
    const keys: Record<string, { id: string; secret: string }> = {}
    for (const [account, actions] of Object.entries(may) as [AccountName, readonly string[]][]) {
      const { iam } = stage.clients[account]
      const UserName = 'reader'
      await iam.send(new CreateUserCommand({ UserName }))
      const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] }
      await iam.send(
        new PutUserPolicyCommand({ UserName, PolicyName: 'may-read', PolicyDocument: JSON.stringify(document) }),
      )
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
      keys[`${account}-reader`] = { id: AccessKey?.AccessKeyId ?? '', secret: AccessKey?.SecretAccessKey ?? '' }
    }
    const environment = writeProfiles(stage, keys)
    const profiles = Object.keys(may).map((account) => `${ACCOUNTS[account as AccountName]}=${account}-reader`)
    const args = [...ASKED, ...more, ...(profiles.length > 0 ? ['--profile', ...profiles] : [])]
    const finished = await stage.place.run(['explain', ...args], environment)
    const { stdout } = await stage.place.run(['explain', ...args, '--json'], environment)
    return { finished, explanation: JSON.parse(stdout) as CallExplanation, args }
  }

  it('needs nothing but to read', async () => {
    const { finished, explanation, args } = await ask(READER)
    await expectTranscript('aws-readers', args, finished)
    expect(finished.exitCode).toBe(0)
    expect(explanation.unread).toEqual([])
  })

  it('names everything that stands in the way, with the profiles it was given', async () => {
    await replaceGrants(await stage.scene(), CALLEE_ARN, [])
    const { explanation } = await ask(READER)
    expect(explanation.verdict).toBe('denied')
    expect(explanation.fixes[0]?.commands[0]?.argv.slice(0, 3)).toEqual(['aws', '--profile', 'target-reader'])
  })

  it("reads the caller's policies from the account's authorization details where that is all it may read", async () => {
    const { explanation } = await ask({
      ...READER,
      source: ['iam:GetAccountAuthorizationDetails', ...LAMBDA, ...MEMBER],
    })
    expect(explanation.verdict).toBe('allowed')
    expect(explanation.unread).toEqual([])
  })

  it("leaves open what the caller's account does not show", async () => {
    const { finished, explanation, args } = await ask({ ...READER, source: ['iam:GetRole', ...LAMBDA, ...MEMBER] })
    await expectTranscript('aws-half-of-source', args, finished)
    expect(finished.exitCode).toBe(1)
    expect(explanation.verdict).toBe('undecided')
    expect(explanation.blockers).toEqual([])
  })

  it('leaves open what the owner does not show', async () => {
    const { finished, explanation, args } = await ask({ source: READER.source, management: MANAGEMENT })
    await expectTranscript('aws-without-target', args, finished)
    expect(explanation.verdict).toBe('undecided')
  })

  it('leaves open what stands above the account', async () => {
    const { explanation } = await ask({ source: READER.source, target: READER.target })
    expect(explanation.verdict).toBe('undecided')
    expect(explanation.layers.find(({ layer }) => layer === 'scp')).toMatchObject({ outcome: 'undecided' })
  })

  it('says denied where what it could read denies, whatever the rest says', async () => {
    await replaceGrants(await stage.scene(), CALLEE_ARN, [])
    const { finished, explanation, args } = await ask({
      source: ['lambda:GetFunctionConfiguration', ...MEMBER],
      target: LAMBDA,
    })
    await expectTranscript('aws-denied-by-half', args, finished)
    expect(explanation.verdict).toBe('denied')
    expect(explanation.blockers.map(({ layer }) => layer)).toEqual(['resource'])
  })

  it('cannot tell whether a role of that name is the one that is granted, where only its session is known', async () => {
    const session = `arn:aws:sts::${ACCOUNTS.source}:assumed-role/caller-role/caller`
    const environment = writeProfiles(stage, {})
    const asked = ['--principal', session, '--action', 'lambda:InvokeFunction', '--resource', CALLEE_ARN]
    const { stdout, exitCode } = await stage.place.run(['explain', ...asked, '--aws', '--json'], environment)
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'undecided' })
  })

  it('refuses what only a running Isthmus can tell', async () => {
    const requestId = '01234567-89ab-cdef-0123-456789abcdef'
    const { stderr, exitCode } = await stage.explain(requestId, '--aws')
    expect(stderr).toBe(
      'error: AWS tells nobody what it decided about a request\nhint: Paste the error message instead\n',
    )
    expect(exitCode).toBe(2)
  })
})

describe('isthmus explain, used wrongly', () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await createStage()
  })
  afterAll(async () => {
    await stage.close()
  })

  it.each([
    [[], 'Expected a request id, an AccessDenied message, --from and --to, or --principal, --action and --resource'],
    [['--from', 'source:caller'], '--from and --to go together'],
    [['--principal', 'x', '--action', 'y'], '--principal, --action and --resource go together'],
    [['it failed'], '`it failed` is neither a request id nor an AccessDenied message'],
    [
      ['Cross-account log access is not allowed'],
      'Lambda shows the log only to callers of its own account: call without LogType=Tail',
    ],
    [['00000000-0000-0000-0000-000000000000'], 'No recent request has the id `00000000-0000-0000-0000-000000000000`'],
    [
      ['--from', 'source:nothing', '--to', 'target:callee'],
      `There is no function \`arn:aws:lambda:us-east-1:${ACCOUNTS.source}:function:nothing\``,
    ],
    [
      ['--from', 'source:caller', '--to', 'target:callee', '--context', 'aws:SourceIp'],
      '`aws:SourceIp` is not key=value, expected a condition key and its value',
    ],
    [
      ['--principal', 'bob', '--action', 'lambda:InvokeFunction', '--resource', CALLEE_ARN],
      "`bob` is not a principal, expected the ARN of a role, a role's session, a user or the root user, an AWS service, or anonymous",
    ],
    [
      ['--principal', 'bob', '--action', 'InvokeFunction', '--resource', CALLEE_ARN],
      '`InvokeFunction` is not an action, expected such as lambda:InvokeFunction',
    ],
    [['--principal', 'bob', '--action', 'lambda:InvokeFunction', '--resource', 'callee'], '`callee` is not an ARN'],
    [
      ['--type', 'async', '--principal', 'bob', '--action', 'a:b', '--resource', '*'],
      '--type, --log-type and --dry-run-call go with --from and --to',
    ],
  ])('%j: %s', async (args, message) => {
    const { stderr, stdout, exitCode } = await stage.explain(...args)
    expect({ message: stderr.split('\n')[0], stdout, exitCode }).toEqual({
      message: `error: ${message}`,
      stdout: '',
      exitCode: 2,
    })
  })
})
