/** Which policy a denial names, for a caller that several kinds of policy limit; and what is kept of each decision. */
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  DeleteRolePermissionsBoundaryCommand,
  DetachRolePolicyCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
} from '@aws-sdk/client-iam'
import {
  AddPermissionCommand,
  GetAccountSettingsCommand,
  InvokeCommand,
  LambdaClient,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda'
import { AssumeRoleCommand, STSClient, type AssumeRoleCommandInput } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud, type TestCredentials } from '../cloud.ts'
import { allowing, denying } from '../iam/documents.ts'
import { arnOf, createRole as createExecutionRole, deploy, failureOf } from '../lambda/support.ts'
import { assume, createRole, type TestRole } from './asking.ts'

const OWN = ACCOUNTS.target
const ACTION = 'lambda:GetAccountSettings'
const SESSION_ARN = `arn:aws:sts::${OWN}:assumed-role/limited/one`

let cloud: TestCloud
let iam: IAMClient
let owner: LambdaClient
let role: TestRole
let denyAll: string
let allowOther: string

beforeAll(async () => {
  cloud = await startCloud()
  iam = cloud.client(IAMClient, 'target')
  owner = cloud.client(LambdaClient, 'target')
  role = await createRole(cloud, 'target', { name: 'limited' })
  denyAll = await createPolicy('deny-all', denying('*'))
  allowOther = await createPolicy('allow-other', allowing('s3:*'))
  await deploy(owner, 'fn', { Role: await createExecutionRole(iam, 'execution') })
})
afterAll(() => cloud.close())

async function createPolicy(PolicyName: string, PolicyDocument: string): Promise<string> {
  return (await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }))).Policy?.Arn ?? ''
}

function session(more: Partial<AssumeRoleCommandInput> = {}): Promise<TestCredentials> {
  return assume(cloud, 'target', { RoleArn: role.arn, RoleSessionName: 'one', ...more })
}

async function denialOf(who: TestCredentials): Promise<string> {
  const { message } = await failureOf(cloud.client(LambdaClient, who).send(new GetAccountSettingsCommand({})))
  const start = `User: ${SESSION_ARN} is not authorized to perform: ${ACTION} on resource: * `
  expect(message.slice(0, start.length)).toBe(start)
  return message.slice(start.length)
}

test('a session policy is named, and by its ARN when it is a managed one that denies', async () => {
  await role.allowWhere(['lambda:*'], {})
  expect(await denialOf(await session({ PolicyArns: [{ arn: denyAll }] }))).toBe(
    `with an explicit deny in a session policy: ${denyAll}`,
  )
  expect(await denialOf(await session({ Policy: denying('*') }))).toBe('with an explicit deny in a session policy')
  expect(await denialOf(await session({ PolicyArns: [{ arn: allowOther }] }))).toBe(
    `because no session policy allows the ${ACTION} action`,
  )
})

test('a boundary is named, and by its ARN when it denies', async () => {
  await role.allowWhere(['lambda:*'], {})
  const bounded = (PermissionsBoundary: string) =>
    iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: role.name, PermissionsBoundary }))
  await bounded(denyAll)
  expect(await denialOf(await session())).toBe(`with an explicit deny in a permissions boundary: ${denyAll}`)
  await bounded(allowOther)
  expect(await denialOf(await session())).toBe(`because no permissions boundary allows the ${ACTION} action`)
  await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: role.name }))
})

test('an identity policy is named before a boundary and a session policy, and by its ARN when it is a managed one that denies', async () => {
  await role.allowWhere(['s3:*'], {})
  expect(await denialOf(await session({ PolicyArns: [{ arn: allowOther }] }))).toBe(
    `because no identity-based policy allows the ${ACTION} action`,
  )
  const attached = { RoleName: role.name, PolicyArn: denyAll }
  await iam.send(new AttachRolePolicyCommand(attached))
  expect(await denialOf(await session({ Policy: denying('*') }))).toBe(
    `with an explicit deny in an identity-based policy: ${denyAll}`,
  )
  await iam.send(new DetachRolePolicyCommand(attached))
})

test('a grant to the session itself is beyond its session policy, a grant to its role is not', async () => {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
  await role.allowWhere(['s3:*'], {})
  const limited = cloud.client(LambdaClient, await session({ PolicyArns: [{ arn: allowOther }] }))
  const invoke = () => limited.send(new InvokeCommand({ FunctionName: 'fn', InvocationType: 'DryRun' }))
  const statement = { FunctionName: 'fn', StatementId: 'one' }
  const grant = (Principal: string) =>
    owner.send(new AddPermissionCommand({ ...statement, Action: 'lambda:InvokeFunction', Principal }))
  await grant(SESSION_ARN)
  expect((await invoke()).StatusCode).toBe(204)
  await owner.send(new RemovePermissionCommand(statement))
  await grant(role.arn)
  expect((await failureOf(invoke())).message).toBe(
    `User: ${SESSION_ARN} is not authorized to perform: lambda:InvokeFunction on resource: ${arnOf('target', 'fn')} because no session policy allows the lambda:InvokeFunction action`,
  )
  await owner.send(new RemovePermissionCommand(statement))
})

interface Recorded {
  readonly service: string
  readonly operation: string
  readonly caller: string
  readonly account: string
  readonly error?: string
  readonly permissions: readonly {
    readonly action: string
    readonly resource: string
    readonly resourceAccount: string
    readonly decision: {
      readonly outcome: string
      readonly blockedBy?: string
      readonly statement?: object
      readonly trace: readonly { readonly layer: string; readonly outcome?: string; readonly notes?: string[] }[]
    }
  }[]
}

async function recorded(requestId: string | undefined): Promise<Recorded> {
  const answer = await fetch(`${cloud.endpoint}/_isthmus/decisions/${requestId}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as Recorded
}

/** Layers that took part, with what each said. */
function said({ permissions }: Recorded): Record<string, string> {
  const trace = permissions.at(-1)?.decision.trace ?? []
  return Object.fromEntries(trace.flatMap(({ layer, outcome }) => (outcome ? [[layer, outcome]] : [])))
}

test('the decision about a request is kept under its id, with what every layer said', async () => {
  await role.allowWhere(['lambda:*'], {})
  const lambda = cloud.client(LambdaClient, await session())
  const { $metadata } = await lambda.send(new InvokeCommand({ FunctionName: 'fn', InvocationType: 'DryRun' }))
  const kept = await recorded($metadata.requestId)
  expect(kept).toMatchObject({
    service: 'lambda',
    operation: 'Invoke',
    caller: SESSION_ARN,
    account: OWN,
    permissions: [
      {
        action: 'lambda:InvokeFunction',
        resource: arnOf('target', 'fn'),
        resourceAccount: OWN,
        decision: { outcome: 'allow', statement: { policyName: 'asked', index: 0 } },
      },
    ],
  })
  expect(kept.error).toBeUndefined()
  expect(said(kept)).toEqual({ scp: 'allow', identity: 'allow', resource: 'implicit_deny' })
})

test('the decision about a denied request names the statement that denied', async () => {
  await role.allowWhere(['lambda:*'], {})
  const lambda = cloud.client(LambdaClient, await session({ PolicyArns: [{ arn: denyAll }] }))
  const denied = await lambda.send(new GetAccountSettingsCommand({})).catch((error: unknown) => error)
  const kept = await recorded((denied as { $metadata?: { requestId?: string } }).$metadata?.requestId)
  expect(kept.error).toBe('AccessDeniedException')
  expect(kept.permissions).toMatchObject([
    {
      action: ACTION,
      resource: '*',
      decision: {
        outcome: 'explicit_deny',
        blockedBy: 'session',
        statement: { policyName: 'session policy 1', policyArn: denyAll, index: 0 },
      },
    },
  ])
  expect(said(kept)).toMatchObject({ scp: 'allow', identity: 'allow', session: 'explicit_deny' })
})

test('every permission up to the one that was missing is kept', async () => {
  await role.allowWhere(['sts:AssumeRole'], {})
  const sts = cloud.client(STSClient, await session())
  const denied = await sts
    .send(new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: 'two', Tags: [{ Key: 'Team', Value: 'blue' }] }))
    .catch((error: unknown) => error)
  expect((denied as Error).message).toBe(
    `User: ${SESSION_ARN} is not authorized to perform: sts:TagSession on resource: ${role.arn}`,
  )
  const kept = await recorded((denied as { $metadata?: { requestId?: string } }).$metadata?.requestId)
  expect(kept.permissions.map(({ action, decision }) => [action, decision.outcome])).toEqual([
    ['sts:AssumeRole', 'allow'],
    ['sts:TagSession', 'implicit_deny'],
  ])
  expect(said(kept)).toMatchObject({ trust: 'allow', identity: 'implicit_deny' })
})
