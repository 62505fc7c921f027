/** What people trip over when one account's function calls another's, explained. */
import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  PutUserPolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import {
  AddPermissionCommand,
  InvokeCommand,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { DetachPolicyCommand } from '@aws-sdk/client-organizations'
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { createClients } from '../../../src/crossing/access.ts'
import type { CallExplanation } from '../../../src/crossing/explain/explanation.ts'
import {
  attachServiceControlPolicy,
  putIdentityPolicy,
  replaceBoundary,
  replaceGrants,
} from '../../../src/crossing/prove/changes.ts'
import { CALLEE_ARN, CALLER_ROLE_ARN } from '../../system/deployments.ts'
import { ACCOUNTS } from '../../system/isthmus.ts'
import { LAMBDA_TRUST } from '../../sdk/lambda/support.ts'
import { majorVersion } from '../aws.ts'
import { createStage, expectTranscript, FROM_TO, neededCommands, runInShell, runWithSdk, type Stage } from './stage.ts'

const INVOKE = 'lambda:InvokeFunction'
const UNQUALIFIED_ARN = CALLEE_ARN.replace(/:prod$/, '')

function policy(...statements: readonly object[]): object {
  return { Version: '2012-10-17', Statement: statements }
}

function blockersOf({ blockers }: CallExplanation): readonly string[] {
  return blockers.map(({ layer, outcome }) => `${layer} ${outcome}`)
}

function factsOf({ facts }: CallExplanation): readonly string[] {
  return facts.map(({ id }) => id)
}

describe('isthmus explain', () => {
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

  /** Takes the transcript and answers the explanation. */
  async function explained(name: string, ...args: readonly string[]): Promise<CallExplanation> {
    await expectTranscript(name, args, await stage.explain(...args))
    return stage.explanation(...args)
  }

  async function blockInFourWays(): Promise<void> {
    const scene = await stage.scene()
    await stage.clients.source.iam.send(
      new DeleteRolePolicyCommand({ RoleName: 'caller-role', PolicyName: 'may-call' }),
    )
    await replaceGrants(scene, CALLEE_ARN, [])
    await replaceBoundary(scene, policy({ Effect: 'Allow', Action: 'logs:*', Resource: '*' }))
    await attachServiceControlPolicy(
      scene.management?.organizations ?? stage.clients.management.organizations,
      scene,
      policy({ Sid: 'NoCrossing', Effect: 'Deny', Action: 'lambda:Invoke*', Resource: '*' }),
    )
  }

  it('names four blockers at once, and their fixes make the call work', async () => {
    await blockInFourWays()
    const explanation = await explained('four-blockers', ...FROM_TO)
    expect(explanation.verdict).toBe('denied')
    expect(blockersOf(explanation)).toEqual([
      'scp explicit_deny',
      'resource implicit_deny',
      'identity implicit_deny',
      'boundary implicit_deny',
    ])
    for (const command of neededCommands(explanation)) await runWithSdk(command, stage)
    expect(await stage.call()).toMatchObject({ outcome: 'allowed' })
  })

  it.skipIf(majorVersion === undefined)('prints commands that can be pasted into a shell', async () => {
    await blockInFourWays()
    const commands = neededCommands(await stage.explanation(...FROM_TO))
    expect(commands).toHaveLength(4)
    for (const command of commands) await runInShell(command, stage)
    expect(await stage.call()).toMatchObject({ outcome: 'allowed' })
  })

  it('says at which level of the organization no SCP allows the call', async () => {
    const { organizations } = stage.clients.management
    await attachServiceControlPolicy(
      organizations,
      await stage.scene(),
      policy({
        Effect: 'Allow',
        Action: ['iam:*', 'lambda:Get*', 'lambda:List*', 'organizations:*', 'sts:*'],
        Resource: '*',
      }),
    )
    await organizations.send(new DetachPolicyCommand({ PolicyId: 'p-FullAWSAccess', TargetId: ACCOUNTS.source }))
    const explanation = await explained('scp-allow-list', ...FROM_TO)
    expect(blockersOf(explanation)).toEqual(['scp implicit_deny'])
    for (const command of neededCommands(explanation)) await runWithSdk(command, stage)
    expect(await stage.call()).toMatchObject({ outcome: 'allowed' })
  })

  it('explains a call of another service by its request id', async () => {
    const { iam } = stage.clients.source
    await iam.send(new CreateUserCommand({ UserName: 'alice' }))
    const document = policy({
      Effect: 'Allow',
      Action: 'iam:CreateRole',
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestTag/team': 'blue' } },
    })
    await iam.send(
      new PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'own', PolicyDocument: JSON.stringify(document) }),
    )
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }))
    const keys = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
    const access = { endpoint: stage.cloud.ready.endpoint, region: 'us-east-1', signers: new Map() }
    const alice = createClients(access, { keys })
    const requestId = await requestIdOf(
      alice.iam.send(
        new CreateRoleCommand({
          RoleName: 'mine',
          AssumeRolePolicyDocument: JSON.stringify(LAMBDA_TRUST),
          Tags: [{ Key: 'team', Value: 'red' }],
        }),
      ),
    )
    await expectTranscript('other-service', [requestId], await stage.explain(requestId))
    const explanation = await stage.explanation(requestId)
    expect(blockersOf(explanation)).toEqual(['identity implicit_deny'])
    expect(explanation.blockers[0]?.statements[0]?.mismatches).toEqual([
      'StringEquals aws:RequestTag/team wants blue, and the call has red',
    ])
    const session = `arn:aws:iam::${ACCOUNTS.source}:user/alice`
    const asked = ['--principal', session, '--action', 'iam:CreateRole', '--resource', '*']
    expect((await stage.explanation(...asked)).verdict).toBe('undecided')
    expect((await stage.explanation(...asked, '--context', 'aws:RequestTag/team=blue')).verdict).toBe('allowed')
  })

  it('says that a bare name resolves in the account of the caller', async () => {
    const explanation = await explained('bare-name', '--from', 'source:caller', '--to', 'callee:prod')
    expect(explanation.verdict).toBe('denied')
    expect(factsOf(explanation)).toEqual(['bare-name'])
  })

  it('says that a version and an alias are granted separately', async () => {
    const explanation = await explained('version', '--from', 'source:caller', '--to', 'target:callee:1')
    expect(factsOf(explanation)).toContain('sibling-grant')
  })

  it('says which qualifier does not exist', async () => {
    const explanation = await explained('no-such-alias', '--from', 'source:caller', '--to', 'target:callee:beta')
    expect(explanation.blockers[0]?.text).toBe('function callee has no version or alias beta')
  })

  it('says that the log is not shown across accounts', async () => {
    const explanation = await explained('log-tail', ...FROM_TO, '--log-type', 'Tail')
    expect(explanation.verdict).toBe('denied')
    expect(factsOf(explanation)).toEqual(['log-tail'])
  })

  it('says that the log was asked for, of a request that was permitted and refused', async () => {
    const lambda = await callerLambda()
    const requestId = await requestIdOf(
      lambda.send(new InvokeCommand({ FunctionName: CALLEE_ARN, LogType: 'Tail', Payload: '{}' })),
    )
    const explanation = await stage.explanation(requestId)
    expect(explanation.verdict).toBe('denied')
    expect(factsOf(explanation)).toEqual(['log-tail'])
  })

  it('explains the call that just happened by its request id', async () => {
    await putIdentityPolicy(await stage.scene(), policy({ Effect: 'Deny', Action: 'lambda:*', Resource: '*' }))
    const { requestId } = await stage.call()
    await expectTranscript('request-id', [requestId], await stage.explain(requestId))
    const explanation = await stage.explanation(requestId)
    expect(explanation.evidence.map(({ how, outcome }) => `${how} ${outcome}`)).toEqual([
      'evaluated denied',
      'executed denied',
    ])
    for (const command of neededCommands(explanation)) await runWithSdk(command, stage)
    expect(await stage.call()).toMatchObject({ outcome: 'allowed' })
    const after = await stage.explanation(requestId)
    expect(after.verdict).toBe('allowed')
    expect(factsOf(after)).toEqual(['changed-since'])
  })

  it('explains a pasted message, wherever the terminal broke it', async () => {
    await replaceGrants(await stage.scene(), CALLEE_ARN, [])
    const result = await stage.call()
    const message = result.outcome === 'failed' ? result.message.replace(' on resource', '\n  on resource') : ''
    const explanation = await explained('pasted-message', `An error occurred (AccessDeniedException): ${message}`)
    expect(blockersOf(explanation)).toEqual(['resource implicit_deny'])
  })

  it('knows the role that was deleted and created again', async () => {
    const { iam } = stage.clients.source
    for (const PolicyName of ['may-call', 'may-log']) {
      await iam.send(new DeleteRolePolicyCommand({ RoleName: 'caller-role', PolicyName }))
    }
    await iam.send(new DeleteRoleCommand({ RoleName: 'caller-role' }))
    const gone = await explained('role-gone', ...FROM_TO)
    expect(gone.blockers[0]?.text).toBe(`there is no role caller-role in account ${ACCOUNTS.source}`)
    await iam.send(
      new CreateRoleCommand({
        RoleName: 'caller-role',
        Path: '/team/',
        AssumeRolePolicyDocument: JSON.stringify(LAMBDA_TRUST),
      }),
    )
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: 'caller-role',
        PolicyName: 'may-call',
        PolicyDocument: JSON.stringify(policy({ Effect: 'Allow', Action: INVOKE, Resource: CALLEE_ARN })),
      }),
    )
    const explanation = await explained('role-recreated', ...FROM_TO)
    expect(blockersOf(explanation)).toEqual(['resource implicit_deny'])
    expect(factsOf(explanation)).toEqual(['dead-principal'])
    for (const { commands } of explanation.fixes) for (const command of commands) await runWithSdk(command, stage)
    expect(await stage.call()).toMatchObject({ outcome: 'allowed' })
    expect((await stage.explanation(...FROM_TO)).facts).toEqual([])
  })

  it('says that a reserved concurrency of zero lets nothing run', async () => {
    await stage.clients.target.lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName: 'callee', ReservedConcurrentExecutions: 0 }),
    )
    const explanation = await explained('zero-concurrency', ...FROM_TO)
    expect(explanation.verdict).toBe('fails')
    expect(factsOf(explanation)).toEqual(['zero-concurrency'])
    expect((await explained('zero-concurrency-async', ...FROM_TO, '--type', 'async')).verdict).toBe('fails')
    for (const command of neededCommands(explanation)) await runWithSdk(command, stage)
    expect(await stage.call()).toMatchObject({ outcome: 'allowed' })
  })

  it('says that a function is not Active', async () => {
    const failure = { code: 'SubnetOutOfIPAddresses', reason: 'Lambda was not able to set up VPC access' }
    await stage.reset((state) =>
      state.replaceAll('"state":"Active"', `"state":"Failed","failure":${JSON.stringify(failure)}`),
    )
    const explanation = await explained('not-active', ...FROM_TO)
    expect(explanation.verdict).toBe('fails')
    expect(factsOf(explanation)).toEqual(['not-active'])
  })

  it('says which condition failed, with the value it saw', async () => {
    const scene = await stage.scene()
    await replaceGrants(scene, CALLEE_ARN, [{ Principal: '*', PrincipalOrgID: 'o-elsewhere000' }])
    const explanation = await explained('other-organization', ...FROM_TO)
    const [mismatch] = explanation.blockers[0]?.statements[0]?.mismatches ?? []
    expect(mismatch).toContain(
      `StringEquals aws:PrincipalOrgID wants o-elsewhere000, and the call has ${scene.organizationId}`,
    )
  })

  it('says why AWS blames the resource when only the account is granted and no identity policy allows', async () => {
    await replaceGrants(await stage.scene(), CALLEE_ARN, [{ Principal: ACCOUNTS.source }])
    await stage.clients.source.iam.send(
      new DeleteRolePolicyCommand({ RoleName: 'caller-role', PolicyName: 'may-call' }),
    )
    const explanation = await explained('void-account-grant', ...FROM_TO)
    expect(blockersOf(explanation)).toEqual(['identity implicit_deny'])
    expect(factsOf(explanation)).toEqual(['void-account-grant'])
    expect(await stage.call()).toMatchObject({ message: expect.stringContaining('no resource-based policy') as string })
  })

  it('leaves a call undecided that depends on what nobody told, until it is told', async () => {
    await putIdentityPolicy(
      await stage.scene(),
      policy({
        Sid: 'OnlyFromTheOffice',
        Effect: 'Deny',
        Action: INVOKE,
        Resource: '*',
        Condition: { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
      }),
    )
    expect((await explained('unknown-source-ip', ...FROM_TO)).verdict).toBe('undecided')
    expect((await stage.explain(...FROM_TO)).exitCode).toBe(1)
    const from = (address: string) => [...FROM_TO, '--context', `aws:SourceIp=${address}`]
    expect((await stage.explanation(...from('203.0.113.7'))).verdict).toBe('allowed')
    expect((await stage.explanation(...from('198.51.100.7'))).verdict).toBe('denied')
  })

  it("lets Lambda's own check decide where the engine cannot, and says so", async () => {
    await putIdentityPolicy(
      await stage.scene(),
      policy({
        Effect: 'Deny',
        Action: INVOKE,
        Resource: '*',
        Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
      }),
    )
    const explanation = await explained('dry-run', ...FROM_TO, '--dry-run-call')
    expect(explanation.verdict).toBe('allowed')
    expect(explanation.evidence.map(({ how, outcome }) => `${how} ${outcome}`)).toEqual([
      'dry-run allowed',
      'evaluated undecided',
    ])
  })

  it('reads the session policies of a request, which no API of AWS tells', async () => {
    const { source } = stage.clients
    const trust = policy({ Effect: 'Allow', Principal: { AWS: ACCOUNTS.source }, Action: 'sts:AssumeRole' })
    const { Role } = await source.iam.send(
      new CreateRoleCommand({ RoleName: 'operator', AssumeRolePolicyDocument: JSON.stringify(trust) }),
    )
    await source.iam.send(
      new AttachRolePolicyCommand({ RoleName: 'operator', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
    )
    await stage.clients.target.lambda.send(
      new AddPermissionCommand({
        FunctionName: CALLEE_ARN,
        StatementId: 'operator',
        Action: INVOKE,
        Principal: Role?.Arn ?? '',
      }),
    )
    const { Credentials } = await source.sts.send(
      new AssumeRoleCommand({
        RoleArn: Role?.Arn,
        RoleSessionName: 'alice',
        Policy: JSON.stringify(policy({ Effect: 'Allow', Action: 'logs:*', Resource: '*' })),
      }),
    )
    const { lambda } = createClients(
      { endpoint: stage.cloud.ready.endpoint, region: 'us-east-1', signers: new Map() },
      {
        keys: {
          accessKeyId: Credentials?.AccessKeyId ?? '',
          secretAccessKey: Credentials?.SecretAccessKey ?? '',
          sessionToken: Credentials?.SessionToken ?? '',
        },
      },
    )
    const requestId = await requestIdOf(lambda.send(new InvokeCommand({ FunctionName: CALLEE_ARN, Payload: '{}' })))
    await expectTranscript('session-policy', [requestId], await stage.explain(requestId))
    expect(blockersOf(await stage.explanation(requestId))).toEqual(['session implicit_deny'])

    const session = `arn:aws:sts::${ACCOUNTS.source}:assumed-role/operator/alice`
    const asked = ['--action', INVOKE, '--resource', CALLEE_ARN]
    expect((await explained('unknown-session', '--principal', session, ...asked)).verdict).toBe('undecided')
    expect((await stage.explanation('--principal', Role?.Arn ?? '', ...asked)).verdict).toBe('allowed')
  })

  it('explains the root user and a user of the same account', async () => {
    const asked = ['--action', INVOKE, '--resource', UNQUALIFIED_ARN]
    const root = await explained('root', '--principal', `arn:aws:iam::${ACCOUNTS.target}:root`, ...asked)
    expect(root.verdict).toBe('allowed')
    const user = `arn:aws:iam::${ACCOUNTS.target}:user/nobody`
    expect((await explained('no-such-user', '--principal', user, ...asked)).verdict).toBe('denied')
  })

  it("explains an AssumeRole by the role's trust policy", async () => {
    const asked = ['--action', 'sts:AssumeRole', '--resource', CALLER_ROLE_ARN]
    const explanation = await explained(
      'assume-role',
      '--principal',
      'arn:aws:iam::444455556666:role/callee-role',
      ...asked,
    )
    expect(blockersOf(explanation)).toEqual(['trust implicit_deny', 'identity implicit_deny'])
    for (const command of neededCommands(explanation)) await runWithSdk(command, stage)
    expect(
      (await stage.explanation('--principal', 'arn:aws:iam::444455556666:role/callee-role', ...asked)).verdict,
    ).toBe('allowed')
  })

  it('never takes a Sid or a policy name that is in use', async () => {
    const { source, target } = stage.clients
    await target.lambda.send(new RemovePermissionCommand({ FunctionName: CALLEE_ARN, StatementId: 'caller' }))
    const grant = { FunctionName: CALLEE_ARN, Action: INVOKE, Principal: 'arn:aws:iam::444455556666:role/callee-role' }
    await target.lambda.send(new AddPermissionCommand({ ...grant, StatementId: `caller-role-of-${ACCOUNTS.source}` }))
    await source.iam.send(new DeleteRolePolicyCommand({ RoleName: 'caller-role', PolicyName: 'may-call' }))
    await source.iam.send(
      new PutRolePolicyCommand({
        RoleName: 'caller-role',
        PolicyName: 'invoke-callee-prod',
        PolicyDocument: JSON.stringify(policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' })),
      }),
    )
    for (const command of neededCommands(await stage.explanation(...FROM_TO))) await runWithSdk(command, stage)
    expect(await stage.call()).toMatchObject({ outcome: 'allowed' })
  })

  async function callerLambda(): Promise<LambdaClient> {
    const access = { endpoint: stage.cloud.ready.endpoint, region: 'us-east-1', signers: new Map() }
    return createClients(access, { keys: await stage.callerKeys() }).lambda
  }
})

async function requestIdOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    const { $metadata } = error as { readonly $metadata?: { readonly requestId?: string } }
    if ($metadata?.requestId === undefined) throw error
    return $metadata.requestId
  }
  throw new Error('the call was not refused')
}
