/** A caller and a callee as a person deploys them with the SDK, and every permission between them as AWS tells it. */
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListPoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  GetPolicyCommand,
  LambdaClient,
  PublishVersionCommand,
  PutResourcePolicyCommand,
  ResourceNotFoundException,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda'
import {
  ListPoliciesForTargetCommand,
  ListPoliciesCommand as ListOrganizationPoliciesCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'

import { ECHO, LAMBDA_TRUST, zipOf } from '../sdk/lambda/support.ts'
import { ACCOUNTS, type AccountName, type RunningCloud } from './isthmus.ts'

export const CALLEE_ARN = `arn:aws:lambda:us-east-1:${ACCOUNTS.target}:function:callee:prod`
export const CALLER_ROLE_ARN = `arn:aws:iam::${ACCOUNTS.source}:role/team/caller-role`

/** A role for Lambda, with the inline policies it is given. */
export async function createRole(
  cloud: RunningCloud,
  account: AccountName,
  name: string,
  { path = '/', policies = {} }: { readonly path?: string; readonly policies?: Readonly<Record<string, object>> } = {},
): Promise<string> {
  const iam = cloud.client(IAMClient, account)
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: name, Path: path, AssumeRolePolicyDocument: JSON.stringify(LAMBDA_TRUST) }),
  )
  for (const [PolicyName, document] of Object.entries(policies)) {
    await iam.send(
      new PutRolePolicyCommand({ RoleName: name, PolicyName, PolicyDocument: JSON.stringify(document, null, 2) }),
    )
  }
  return Role?.Arn ?? ''
}

export async function createFunction(
  cloud: RunningCloud,
  account: AccountName,
  name: string,
  {
    role,
    code = ECHO,
    timeoutSeconds = 10,
    bootstrap,
  }: {
    readonly role: string
    readonly code?: string
    readonly timeoutSeconds?: number
    /** A custom runtime, with its files: instead of `code`. */
    readonly bootstrap?: Readonly<Record<string, string>>
  },
): Promise<void> {
  const lambda = cloud.client(LambdaClient, account)
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Role: role,
      Runtime: bootstrap ? 'provided.al2023' : 'nodejs22.x',
      Handler: 'index.handler',
      Timeout: timeoutSeconds,
      Code: { ZipFile: await (bootstrap ? zipOf(bootstrap, 0o100755) : zipOf({ 'index.js': code })) },
    }),
  )
  await waitUntilFunctionActiveV2(
    { client: lambda, maxWaitTime: 60, minDelay: 0.05, maxDelay: 0.2 },
    { FunctionName: name },
  )
}

const ALLOW_CALL = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'Call', Effect: 'Allow', Action: 'lambda:Invoke*', Resource: CALLEE_ARN }],
}
export const ALLOW_LOGS = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }] }

/** `source:caller`, whose role may call, and `target:callee:prod`, which says so with `grant`. */
export async function deployCrossing(cloud: RunningCloud, { grant }: { readonly grant: boolean }): Promise<void> {
  const callerRole = await createRole(cloud, 'source', 'caller-role', {
    path: '/team/',
    policies: { 'may-call': ALLOW_CALL, 'may-log': ALLOW_LOGS },
  })
  const calleeRole = await createRole(cloud, 'target', 'callee-role', { policies: { 'may-log': ALLOW_LOGS } })
  await Promise.all([
    createFunction(cloud, 'source', 'caller', { role: callerRole }),
    createFunction(cloud, 'target', 'callee', { role: calleeRole }),
  ])
  const lambda = cloud.client(LambdaClient, 'target')
  await lambda.send(new PublishVersionCommand({ FunctionName: 'callee' }))
  await lambda.send(new CreateAliasCommand({ FunctionName: 'callee', Name: 'prod', FunctionVersion: '1' }))
  if (grant) {
    const statement = { FunctionName: CALLEE_ARN, Action: 'lambda:InvokeFunction' }
    await lambda.send(new AddPermissionCommand({ ...statement, StatementId: 'caller', Principal: callerRole }))
    await lambda.send(
      new AddPermissionCommand({
        ...statement,
        StatementId: 'events',
        Principal: 'events.amazonaws.com',
        SourceArn: `arn:aws:events:us-east-1:${ACCOUNTS.target}:rule/nightly`,
        SourceAccount: ACCOUNTS.target,
      }),
    )
  }
}

/**
 * The caller's grant moves from an inline to a managed policy, under a permissions boundary; the callee gets a policy of statements without
 * ids, one of them a deny, and one on the unqualified function.
 */
export async function grantInOtherForms(cloud: RunningCloud): Promise<void> {
  const iam = cloud.client(IAMClient, 'source')
  const RoleName = 'caller-role'
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'may-call' }))
  const managed = async (PolicyName: string, document: object) =>
    (await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: JSON.stringify(document) }))).Policy?.Arn
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: await managed('may-call', ALLOW_CALL) }))
  await iam.send(
    new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: await managed('boundary', ALLOW_CALL) }),
  )
  const lambda = cloud.client(LambdaClient, 'target')
  const put = (ResourceArn: string, statements: readonly object[]) =>
    lambda.send(
      new PutResourcePolicyCommand({
        ResourceArn,
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: statements.map((statement) => ({ ...statement, Resource: ResourceArn })),
        }),
      }),
    )
  await put(CALLEE_ARN, [
    { Effect: 'Allow', Principal: { AWS: [CALLER_ROLE_ARN, ACCOUNTS.management] }, Action: 'lambda:InvokeFunction' },
    {
      Effect: 'Deny',
      Principal: '*',
      Action: 'lambda:InvokeFunction',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  ])
  await put(CALLEE_ARN.replace(/:prod$/, ''), [
    { Effect: 'Allow', Principal: { AWS: ACCOUNTS.management }, Action: 'lambda:GetFunction' },
  ])
}

/** Whatever a proof may change. Two that are equal differ in nothing a call depends on, down to the bytes of every policy. */
export async function permissionsOf(cloud: RunningCloud): Promise<object> {
  const iam = cloud.client(IAMClient, 'source')
  const RoleName = 'caller-role'
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }))
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }))
  const inline = await Promise.all(
    PolicyNames.map(
      async (PolicyName) => (await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))).PolicyDocument,
    ),
  )
  const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))
  const { Roles = [] } = await iam.send(new ListRolesCommand({}))
  const { Policies = [] } = await iam.send(new ListPoliciesCommand({ Scope: 'Local' }))

  const lambda = cloud.client(LambdaClient, 'target')
  const resourcePolicy = async (FunctionName: string) => {
    try {
      return (await lambda.send(new GetPolicyCommand({ FunctionName }))).Policy
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined
      throw error
    }
  }

  const organizations = cloud.client(OrganizationsClient, 'management')
  const Filter = 'SERVICE_CONTROL_POLICY'
  const { Policies: scps = [] } = await organizations.send(new ListOrganizationPoliciesCommand({ Filter }))
  const { Policies: attached = [] } = await organizations.send(
    new ListPoliciesForTargetCommand({ Filter, TargetId: ACCOUNTS.source }),
  )
  const { logGroups = [] } = await cloud
    .client(CloudWatchLogsClient, 'target')
    .send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/isthmus/' }))
  return {
    boundary: Role?.PermissionsBoundary,
    inline: Object.fromEntries(PolicyNames.map((name, index) => [name, inline[index]])),
    attached: AttachedPolicies,
    roles: Roles.map((role) => role.RoleName),
    policies: Policies.map((policy) => policy.PolicyName),
    alias: await resourcePolicy(CALLEE_ARN),
    version: await resourcePolicy('callee:1'),
    unqualified: await resourcePolicy('callee'),
    scps: scps.map(({ Name }) => Name),
    scpsOfSource: attached.map(({ Name }) => Name),
    logGroups: logGroups.map(({ logGroupName }) => logGroupName),
  }
}
