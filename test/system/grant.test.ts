/** `isthmus grant` as a process: what it writes is carried out with the real tools, and what it says is enough is called for real. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation'
import { DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { AddPermissionCommand, LambdaClient, RemovePermissionCommand } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { CALLEE_ARN, CALLER_ROLE_ARN, deployCrossing, permissionsOf } from './deployments.ts'
import { ACCOUNTS, createWorkplace, ROOT, type RunningCloud, type Workplace } from './isthmus.ts'

interface Row {
  readonly id: string
  readonly group: string
  readonly expected: string
  readonly outcome: string
  readonly ok: boolean
  readonly evidence: string
  readonly message?: string
}

interface Report {
  readonly ok: boolean
  readonly scope: string
  readonly type: string
  readonly statements: {
    readonly caller?: { readonly account: string; readonly roleName: string; readonly document: object }
    readonly callee?: { readonly account: string; readonly statement: object }
  }
  readonly files: readonly { readonly name: string; readonly account?: string; readonly content: string }[]
  readonly opens: readonly string[]
  readonly proof: readonly Row[]
  readonly applied?: readonly { readonly account: string; readonly what: string; readonly action: string }[]
  readonly call?: { readonly ok: boolean; readonly message?: string }
}

interface Checked {
  readonly ok: boolean
  readonly findings: readonly {
    readonly side: string
    readonly kind: string
    readonly where: string
    readonly problem: string
    readonly needed: string
  }[]
}

const FROM_ROLE = ['grant', '--from', CALLER_ROLE_ARN, '--to', CALLEE_ARN]
const BETWEEN_FUNCTIONS = ['grant', '--from', 'source:caller', '--to', 'target:callee:prod']
const INVOKE = 'lambda:InvokeFunction'
const ALLOW_CALL = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'InvokeCalleeProd', Effect: 'Allow', Action: INVOKE, Resource: CALLEE_ARN }],
}

let place: Workplace

beforeAll(() => {
  place = createWorkplace()
})

afterAll(async () => {
  await place.close()
})

async function report(args: readonly string[], exitCode = 0): Promise<Report> {
  const finished = await place.run([...args, '--json'])
  expect({ exitCode: finished.exitCode, stderr: finished.stderr }).toEqual({ exitCode, stderr: '' })
  return JSON.parse(finished.stdout) as Report
}

describe('a grant between two ARNs', () => {
  it.each([
    [['--scope', 'role'], { AWS: CALLER_ROLE_ARN }, undefined, 0],
    [['--scope', 'account'], { AWS: `arn:aws:iam::${ACCOUNTS.source}:root` }, undefined, 0],
    [
      ['--scope', 'org', '--org-id', 'o-abcdefghij'],
      '*',
      { StringEquals: { 'aws:PrincipalOrgID': 'o-abcdefghij' } },
      2,
    ],
  ] as const)('%j is proved minimal without any cloud running', async (scope, principal, condition, evaluatedOnly) => {
    const { ok, statements, proof } = await report([...FROM_ROLE, ...scope])
    expect(ok).toBe(true)
    expect(statements.caller).toMatchObject({
      account: ACCOUNTS.source,
      roleName: 'caller-role',
      document: ALLOW_CALL,
    })
    const { Sid, ...statement } = { Sid: '', ...statements.callee?.statement }
    expect(Sid).toMatch(/^[A-Za-z0-9_-]{1,100}$/)
    expect(statement).toEqual({
      Effect: 'Allow',
      Principal: principal,
      Action: INVOKE,
      Resource: CALLEE_ARN,
      ...(condition && { Condition: condition }),
    })
    expect(proof.filter((row) => !row.ok)).toEqual([])
    expect(new Set(proof.map(({ group }) => group))).toEqual(new Set(['call', 'parts', 'callee', 'caller']))
    expect(proof.filter(({ evidence }) => evidence === 'evaluated')).toHaveLength(evaluatedOnly)
    const denied = proof.filter(({ evidence, outcome }) => evidence === 'executed' && outcome === 'denied')
    for (const { message } of denied) expect(message).toMatch(/ is not authorized to perform: lambda:Invoke/)
  })

  it('is for the same action however the callee is called', async () => {
    const { type, statements, proof } = await report([...FROM_ROLE, '--type', 'async'])
    expect(type).toBe('Event')
    expect(statements.caller?.document).toEqual(ALLOW_CALL)
    expect(proof[0]).toMatchObject({ id: 'granted', outcome: 'allowed', evidence: 'executed' })
  })

  it.each(['arn:aws:lambda:eu-central-1:444455556666:function:f', CALLEE_ARN.replace(/prod$/, '3')])(
    'names just the qualifier that is called: %s',
    async (callee) => {
      const { statements, ok } = await report(['grant', '--from', CALLER_ROLE_ARN, '--to', callee])
      expect(ok).toBe(true)
      expect(statements.callee?.statement).toMatchObject({ Resource: callee })
    },
  )

  it('within one account needs one side only', async () => {
    const from = `arn:aws:iam::${ACCOUNTS.target}:role/neighbour`
    const { ok, statements, proof } = await report(['grant', '--from', from, '--to', CALLEE_ARN])
    expect(ok).toBe(true)
    expect(Object.keys(statements)).toEqual(['caller'])
    expect(proof.every(({ evidence }) => evidence === 'executed')).toBe(true)
  })

  it.each([
    ['s3.amazonaws.com', 'arn:aws:s3:::uploads', ACCOUNTS.target],
    ['events.amazonaws.com', `arn:aws:events:us-east-1:${ACCOUNTS.target}:rule/nightly-*`, undefined],
    ['sns.amazonaws.com', `arn:aws:sns:us-east-1:${ACCOUNTS.source}:*`, undefined],
  ])('to %s is bound to the resource it acts for', async (service, arn, account) => {
    const source = ['--source-arn', arn, ...(account === undefined ? [] : ['--source-account', account])]
    const { ok, statements, proof } = await report(['grant', '--service', service, ...source, '--to', CALLEE_ARN])
    expect({ ok, failed: proof.filter((row) => !row.ok) }).toEqual({ ok: true, failed: [] })
    expect(statements.caller).toBeUndefined()
    expect(statements.callee?.statement).toMatchObject({
      Principal: { Service: service },
      Condition: {
        ArnLike: { 'AWS:SourceArn': arn },
        ...(account !== undefined && { StringEquals: { 'AWS:SourceAccount': account } }),
      },
    })
    expect(proof.map(({ id }) => id)).toContain('resource-no-source-arn')
  })

  it('is told to a person with both halves and the proof', async () => {
    const { exitCode, stdout, stderr } = await place.run(FROM_ROLE)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain(`In ${ACCOUNTS.source}, the caller's account`)
    expect(stdout).toContain(`In ${ACCOUNTS.target}, the callee's account`)
    expect(stdout).toContain('every session of caller-role')
    expect(stdout).toMatch(
      /\n {2}17 proved, 0 failed in \d+\.\d s: 17 by real calls in a scratch cloud, 0 by evaluation alone\n$/,
    )
  })
})

describe('what it refuses', () => {
  it.each([
    [['--to', CALLEE_ARN], 'Who calls is missing'],
    [['--from', CALLER_ROLE_ARN, '--to', 'nowhere'], 'No cloud'],
    [['--from', CALLER_ROLE_ARN, '--to', CALLEE_ARN.replace('prod', '$LATEST')], 'AWS attaches no policy to $LATEST'],
    [['--from', CALLER_ROLE_ARN, '--to', CALLEE_ARN, '--scope', 'session'], 'have no known name'],
    [['--from', CALLER_ROLE_ARN, '--to', CALLEE_ARN, '--scope', 'org', '--org-id', 'mine'], 'is not the id'],
    [['--from', `arn:aws:iam::${ACCOUNTS.target}:role/x`, '--to', CALLEE_ARN, '--scope', 'account'], 'are both in'],
    [['--service', 's3.amazonaws.com', '--to', CALLEE_ARN], 'needs the ARN of the resource'],
    [['--service', 's3.amazonaws.com', '--source-arn', 'arn:aws:s3:::b', '--to', CALLEE_ARN], 'whose it is'],
    [['--from', CALLER_ROLE_ARN, '--source-arn', 'arn:aws:s3:::b', '--to', CALLEE_ARN], 'go with --service'],
    [['--from', CALLER_ROLE_ARN, '--to', CALLEE_ARN, '--apply', '--format', 'cdk'], '--apply does not run cdk'],
    [['--from', CALLER_ROLE_ARN, '--to', CALLEE_ARN, '--apply', '--aws'], 'Applying on AWS changes'],
    [['--from', CALLER_ROLE_ARN, '--to', CALLEE_ARN, '--format', 'pulumi'], 'Allowed choices are'],
  ])('%j', async (args, message) => {
    const { exitCode, stdout, stderr } = await place.run(['grant', ...args])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    if (message !== 'No cloud') expect(stderr).toContain(message)
  })
})

describe('the files of each tool', () => {
  const folderOf = (name: string) => join(place.folder, name)

  it('CloudFormation templates go to a folder, one for each account', async () => {
    const { exitCode } = await place.run([...FROM_ROLE, '--format', 'cloudformation', '--out', 'templates'])
    expect(exitCode).toBe(0)
    expect(readdirSync(folderOf('templates')).sort()).toEqual([
      `callee-${ACCOUNTS.target}.yaml`,
      `caller-${ACCOUNTS.source}.yaml`,
    ])
  })

  it('Terraform has a provider for each account, and balances', async () => {
    const { files } = await report([...FROM_ROLE, '--format', 'terraform', '--out', 'terraform'])
    const content = files[0]?.content ?? ''
    const headers = content.split('\n').filter((line) => /^\S.*\{$/.test(line))
    expect(headers).toEqual([
      'terraform {',
      'provider "aws" {',
      'provider "aws" {',
      'resource "aws_iam_role_policy" "caller_may_invoke" {',
      'resource "aws_lambda_permission" "callee_admits_caller" {',
    ])
    const withoutText = content.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    for (const [open, close] of ['{}', '[]', '()']) {
      expect(withoutText.split(open ?? '')).toHaveLength(withoutText.split(close ?? '').length)
    }
    const lines = withoutText.split('\n').map((line) => line.trim())
    for (const line of lines) expect(line).toMatch(/^$|^[a-z_]+(?: "")*\s\{$|^\w+\s+= \S.*$|^[\])}]+$/)
  })

  it('Terraform’s own formatter finds nothing to change', async ({ skip }) => {
    const formatted = spawnSync('terraform', ['version'])
    if (formatted.error) skip('terraform is not installed')
    await report([...FROM_ROLE, '--format', 'terraform', '--out', 'formatted'])
    const { status, stdout } = spawnSync('terraform', ['fmt', '-check', '-diff', folderOf('formatted')])
    expect({ status, stdout: String(stdout) }).toEqual({ status: 0, stdout: '' })
  })

  it('Terraform’s own validation accepts it', async ({ skip }) => {
    await report([...FROM_ROLE, '--format', 'terraform', '--out', 'validated'])
    const run = (...args: string[]) => spawnSync('terraform', [`-chdir=${folderOf('validated')}`, ...args])
    if (run('version').error) skip('terraform is not installed')
    if (process.env['TF_PLUGIN_CACHE_DIR'] === undefined) {
      skip('terraform validate needs the AWS provider: name a folder that has it with TF_PLUGIN_CACHE_DIR')
    }
    expect(run('init', '-input=false').status).toBe(0)
    expect(run('validate').status).toBe(0)
  })

  it('the CDK app parses as TypeScript', async () => {
    const { files } = await report([...FROM_ROLE, '--format', 'cdk', '--out', 'cdk'])
    const content = files[0]?.content ?? ''
    // What is imported is checked only for the names that are used.
    mkdirSync(folderOf('cdk'), { recursive: true })
    writeFileSync(
      join(folderOf('cdk'), 'aws-cdk-lib.d.ts'),
      `declare module 'aws-cdk-lib' {
  export class App {}
  export class Stack { constructor(app: App, id: string, properties: { env: { account: string; region: string } }) }
  export namespace aws_iam {
    class CfnRolePolicy {
      constructor(stack: Stack, id: string, properties: { roleName: string; policyName: string; policyDocument?: unknown })
    }
  }
  export namespace aws_lambda {
    class CfnPermission {
      constructor(stack: Stack, id: string, properties: {
        functionName: string; action: string; principal: string; principalOrgId?: string; sourceArn?: string; sourceAccount?: string
      })
    }
  }
}
`,
    )
    const options = ['--noEmit', '--strict', '--ignoreConfig', '--module', 'esnext', '--types', '']
    const sources = ['aws-cdk-lib.d.ts', 'grant.ts'].map((name) => join(folderOf('cdk'), name))
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    const { status, stdout } = spawnSync(process.execPath, [compiler, ...options, ...sources])
    expect({ status, stdout: String(stdout) }).toEqual({ status: 0, stdout: '' })
    expect(content).toContain(`functionName: '${CALLEE_ARN}'`)
  })

  it('the CDK app synthesizes to the same policy and permission', async ({ skip }) => {
    const library = process.env['ISTHMUS_TEST_CDK']
    if (library === undefined) skip('aws-cdk-lib is not installed: name a folder that has it with ISTHMUS_TEST_CDK')
    const { statements } = await report([...FROM_ROLE, '--format', 'cdk', '--out', 'synthesized'])
    const folder = folderOf('synthesized')
    symlinkSync(join(library ?? '', 'node_modules'), join(folder, 'node_modules'))
    const loader = pathToFileURL(join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href
    const app = spawnSync(process.execPath, ['--import', loader, 'grant.ts'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], CDK_OUTDIR: join(folder, 'cdk.out') },
    })
    expect({ status: app.status, stderr: String(app.stderr) }).toEqual({ status: 0, stderr: '' })
    const resourceIn = (stack: string) => {
      const template = JSON.parse(readFileSync(join(folder, 'cdk.out', `${stack}.template.json`), 'utf8')) as {
        readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: object }>>
      }
      return Object.values(template.Resources).map(({ Type, Properties }) => ({ Type, Properties }))
    }
    expect(resourceIn('CallerMayInvoke')).toEqual([
      {
        Type: 'AWS::IAM::RolePolicy',
        Properties: {
          RoleName: 'caller-role',
          PolicyName: 'invoke-callee-prod-in-444455556666',
          PolicyDocument: statements.caller?.document,
        },
      },
    ])
    expect(resourceIn('CalleeAdmitsCaller')).toEqual([
      {
        Type: 'AWS::Lambda::Permission',
        Properties: { Action: INVOKE, FunctionName: CALLEE_ARN, Principal: CALLER_ROLE_ARN },
      },
    ])
  })
})

describe('in a running cloud', () => {
  let cloud: RunningCloud
  let untouched: object

  beforeAll(async () => {
    cloud = await place.up()
    await deployCrossing(cloud, { grant: false })
    await cloud
      .client(IAMClient, 'source')
      .send(new DeleteRolePolicyCommand({ RoleName: 'caller-role', PolicyName: 'may-call' }))
    untouched = await permissionsOf(cloud)
  })

  async function check(...args: string[]): Promise<Checked & { readonly exitCode: number | null }> {
    const { exitCode, stdout } = await place.run([...BETWEEN_FUNCTIONS, '--check', '--json', ...args])
    return { exitCode, ...(JSON.parse(stdout) as Checked) }
  }

  /** Every row of a proof by real calls, the alias and role as they are deployed. */
  async function isProved(): Promise<boolean> {
    const proof = await place.run(['prove', '--from', 'source:caller', '--to', 'target:callee:prod'])
    return proof.exitCode === 0
  }

  async function takeBack(): Promise<void> {
    const iam = cloud.client(IAMClient, 'source')
    const PolicyName = `invoke-callee-prod-in-${ACCOUNTS.target}`
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'caller-role', PolicyName }))
    const StatementId = `caller-role-of-${ACCOUNTS.source}`
    await cloud
      .client(LambdaClient, 'target')
      .send(new RemovePermissionCommand({ FunctionName: CALLEE_ARN, StatementId }))
    expect(await permissionsOf(cloud)).toEqual(untouched)
  }

  it('changes nothing unless it is asked to', async () => {
    const { ok, statements } = await report(BETWEEN_FUNCTIONS)
    expect(ok).toBe(true)
    expect(statements.callee?.statement).toMatchObject({ Principal: { AWS: CALLER_ROLE_ARN } })
    expect(await permissionsOf(cloud)).toEqual(untouched)
  })

  it('says what is missing', async () => {
    const { exitCode, findings } = await check()
    expect(exitCode).toBe(1)
    expect(findings.map(({ side, kind }) => [side, kind])).toEqual([
      ['caller', 'missing'],
      ['callee', 'missing'],
    ])
  })

  it('applies both halves, once, and the call works', async () => {
    const first = await report([...BETWEEN_FUNCTIONS, '--apply'])
    expect(first.applied?.map(({ action }) => action)).toEqual(['created', 'created'])
    expect(first.call).toEqual({ ok: true })
    const second = await report([...BETWEEN_FUNCTIONS, '--apply'])
    expect(second.applied?.map(({ action }) => action)).toEqual(['unchanged', 'unchanged'])
    expect(await check()).toMatchObject({ exitCode: 0, ok: true, findings: [] })
    expect(await isProved()).toBe(true)
    await takeBack()
  })

  it('puts right what was changed by hand', async () => {
    await report([...BETWEEN_FUNCTIONS, '--apply'])
    const lambda = cloud.client(LambdaClient, 'target')
    const StatementId = `caller-role-of-${ACCOUNTS.source}`
    await lambda.send(new RemovePermissionCommand({ FunctionName: CALLEE_ARN, StatementId }))
    await lambda.send(
      new AddPermissionCommand({
        FunctionName: CALLEE_ARN,
        StatementId,
        Action: 'lambda:*',
        Principal: ACCOUNTS.source,
      }),
    )
    const { applied } = await report([...BETWEEN_FUNCTIONS, '--apply'])
    expect(applied?.map(({ action }) => action)).toEqual(['unchanged', 'replaced'])
    expect((await check()).findings).toEqual([])
    await takeBack()
  })

  it.each(['session', 'account', 'org'])('applies the scope %s', async (scope) => {
    const { ok, call, statements } = await report([...BETWEEN_FUNCTIONS, '--scope', scope, '--apply'])
    expect({ ok, call }).toEqual({ ok: true, call: { ok: true } })
    expect((await check('--scope', scope)).findings).toEqual([])
    const { Sid } = { Sid: '', ...statements.callee?.statement }
    const iam = cloud.client(IAMClient, 'source')
    const PolicyName = `invoke-callee-prod-in-${ACCOUNTS.target}`
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'caller-role', PolicyName }))
    const removal = new RemovePermissionCommand({ FunctionName: CALLEE_ARN, StatementId: Sid })
    await cloud.client(LambdaClient, 'target').send(removal)
    expect(await permissionsOf(cloud)).toEqual(untouched)
  })

  it('says when something else stands in the way of the call', async () => {
    const denial = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'lambda:*', Resource: '*' }] }
    const iam = cloud.client(IAMClient, 'source')
    const policy = { RoleName: 'caller-role', PolicyName: 'denial' }
    await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: JSON.stringify(denial) }))
    const { ok, call } = await report([...BETWEEN_FUNCTIONS, '--apply'], 1)
    expect(ok).toBe(false)
    expect(call?.message).toContain('with an explicit deny in an identity-based policy')
    await iam.send(new DeleteRolePolicyCommand(policy))
    await takeBack()
  })

  it('prints commands that the AWS CLI carries out, and takes back', async ({ skip }) => {
    if (spawnSync('aws', ['--version']).error) skip('the AWS CLI is not installed')
    const { files } = await report(BETWEEN_FUNCTIONS)
    const { awsConfigFile, awsCredentialsFile } = cloud.ready
    const environment = {
      ...process.env,
      AWS_CONFIG_FILE: awsConfigFile,
      AWS_SHARED_CREDENTIALS_FILE: awsCredentialsFile,
    }
    const shell = (script: string) => execFileSync('sh', ['-ec', script], { env: environment })
    for (const { content } of files) shell(content)
    expect(await check()).toMatchObject({ exitCode: 0, findings: [] })
    expect(await isProved()).toBe(true)
    for (const { content } of files) shell(content.slice(content.indexOf('\n# aws') + 3))
    expect(await permissionsOf(cloud)).toEqual(untouched)
  })

  it('prints CloudFormation templates that deploy, and leave nothing when they are deleted', async () => {
    const { files } = await report([...BETWEEN_FUNCTIONS, '--format', 'cloudformation'])
    const pace = { maxWaitTime: 60, minDelay: 0.05, maxDelay: 0.2 }
    const stacks = files.map(({ account, content }) => ({
      client: cloud.client(CloudFormationClient, account === ACCOUNTS.source ? 'source' : 'target'),
      content,
    }))
    for (const { client, content } of stacks) {
      const Capabilities = ['CAPABILITY_IAM' as const]
      await client.send(new CreateStackCommand({ StackName: 'grant', TemplateBody: content, Capabilities }))
      await waitUntilStackCreateComplete({ client, ...pace }, { StackName: 'grant' })
    }
    expect(await check()).toMatchObject({ exitCode: 0, findings: [] })
    expect(await isProved()).toBe(true)
    for (const { client } of stacks) {
      await client.send(new DeleteStackCommand({ StackName: 'grant' }))
      await waitUntilStackDeleteComplete({ client, ...pace }, { StackName: 'grant' })
    }
    expect(await permissionsOf(cloud)).toEqual(untouched)
  })

  it('applies the templates as stacks', async () => {
    const deploy = () => report([...BETWEEN_FUNCTIONS, '--format', 'cloudformation', '--apply'])
    expect((await deploy()).applied?.map(({ action }) => action)).toEqual(['created', 'created'])
    const { applied, call } = await deploy()
    expect(applied?.map(({ action }) => action)).toEqual(['unchanged', 'unchanged'])
    expect(call).toEqual({ ok: true })
    for (const [index, account] of (['source', 'target'] as const).entries()) {
      const client = cloud.client(CloudFormationClient, account)
      const StackName = applied?.[index]?.what.replace(/^stack /, '') ?? ''
      await client.send(new DeleteStackCommand({ StackName }))
      await waitUntilStackDeleteComplete({ client, maxWaitTime: 60, minDelay: 0.05, maxDelay: 0.2 }, { StackName })
    }
    expect(await permissionsOf(cloud)).toEqual(untouched)
  })

  it('reports everything that is wider than the call needs', async () => {
    const iam = cloud.client(IAMClient, 'source')
    const lambda = cloud.client(LambdaClient, 'target')
    const Statement = [
      { Sid: 'Wide', Effect: 'Allow', Action: 'lambda:*', Resource: '*' },
      {
        Sid: 'Unqualified',
        Effect: 'Allow',
        Action: [INVOKE, 'lambda:InvokeAsync'],
        Resource: CALLEE_ARN.replace(/:prod$/, ''),
      },
      { Sid: 'Logs', Effect: 'Allow', Action: 'logs:*', Resource: '*' },
    ]
    const policy = { RoleName: 'caller-role', PolicyName: 'by-hand' }
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
    await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument }))
    const unqualified = CALLEE_ARN.replace(/:prod$/, '')
    const added = [
      { FunctionName: CALLEE_ARN, StatementId: 'account', Action: 'lambda:InvokeFunction', Principal: ACCOUNTS.source },
      { FunctionName: CALLEE_ARN, StatementId: 'everyone', Action: 'lambda:InvokeAsync', Principal: '*' },
      { FunctionName: CALLEE_ARN, StatementId: 'bucket', Action: INVOKE, Principal: 's3.amazonaws.com' },
      { FunctionName: unqualified, StatementId: 'role', Action: INVOKE, Principal: CALLER_ROLE_ARN },
    ]
    for (const statement of added) await lambda.send(new AddPermissionCommand(statement))
    const { exitCode, findings } = await check()
    expect(exitCode).toBe(1)
    expect(findings.map(({ side, where, problem }) => `${side}: ${where}: ${problem}`)).toEqual([
      'caller: inline policy by-hand, statement Wide: allows the actions `lambda:*`',
      'caller: inline policy by-hand, statement Wide: covers the resources `*`',
      'caller: inline policy by-hand, statement Unqualified: allows lambda:InvokeAsync',
      'caller: inline policy by-hand, statement Unqualified: covers the unqualified function; the call names callee:prod',
      `callee: policy of callee:prod, statement account: admits the whole account ${ACCOUNTS.source}`,
      'callee: policy of callee:prod, statement everyone: allows lambda:InvokeAsync',
      'callee: policy of callee:prod, statement everyone: admits everyone on AWS',
      'callee: policy of callee:prod, statement bucket: admits s3.amazonaws.com on behalf of anyone',
      'callee: policy of callee, statement role: admits the caller to the unqualified function; the call names callee:prod',
    ])
    const person = await place.run([...BETWEEN_FUNCTIONS, '--check'])
    expect(person.exitCode).toBe(1)
    expect(person.stdout).toMatch(/\n {2}9 wider than needed, 0 missing\n$/)
    await iam.send(new DeleteRolePolicyCommand(policy))
    for (const { FunctionName, StatementId } of added) {
      await lambda.send(new RemovePermissionCommand({ FunctionName, StatementId }))
    }
    expect(await permissionsOf(cloud)).toEqual(untouched)
  })
})
