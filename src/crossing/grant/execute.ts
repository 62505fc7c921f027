/** Situations made real in a scratch cloud, where everything may be created: each call is made by a session of the very role. */

import { loadPackage } from '../../core/load-package.ts'
import { parseArn } from '../../core/arn.ts'
import { createClients, type AwsAccess, type Clients } from '../access.ts'
import type { FunctionReference, InvocationType } from '../crossing.ts'
import { callDirectly, type CallResult, type MakeCall } from '../prove/call.ts'
import { deployStack } from '../prove/deploy.ts'
import { roleSessionKeys } from '../prove/role-session.ts'
import { ACTION_NEEDED, type Caller, type ResourceGrant, type RoleCaller } from './grant.ts'
import { logGroupOf, subscribe } from './log-subscription.ts'
import { inAccount, OTHER_ALIAS, OTHER_FUNCTION, otherAccount, otherRole, type Situation } from './situations.ts'

const { CreateRoleCommand, DeleteRolePolicyCommand, PutRolePolicyCommand } = loadPackage('@aws-sdk/client-iam')
const {
  AddPermissionCommand,
  PublishVersionCommand,
  RemovePermissionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} = loadPackage('@aws-sdk/client-lambda')

export interface Scratch {
  /** Undefined for what cannot be made real here: the caller is a service other than Logs, or asks for another API than it uses. */
  perform(situation: Situation): Promise<CallResult | undefined>
}

/** A published version needs a change before it; further ones are not worth the wait. */
export const VERSION_MAX = 20
const IDENTITY_POLICY = 'isthmus-situation'
const ANY_SESSION = 'isthmus-session'

/** `access` is of a cloud that nobody else uses, with the caller's, the callee's and another account. */
export async function prepareScratch(
  access: AwsAccess,
  {
    caller,
    callee,
    type,
  }: { readonly caller: Caller; readonly callee: FunctionReference; readonly type: InvocationType },
): Promise<Scratch> {
  const clients = new Map<string, Clients>()
  for (const [account, signer] of access.signers) clients.set(account, createClients(access, signer))
  const of = (account: string): Clients => {
    const found = clients.get(account)
    if (!found) throw new Error(`the scratch cloud has no account ${account}`)
    return found
  }
  const roles =
    caller.kind === 'service'
      ? []
      : [caller, otherRole(caller), inAccount(caller, otherAccount(caller.account, callee.account))]
  await Promise.all(roles.map((role) => createRole(of(role.account), role.roleArn)))
  await deployCallee(of(callee.account), callee)

  const granted: ResourceGrant[] = []
  const calls = new Map<string, MakeCall>()
  const callAs = async (role: RoleCaller): Promise<MakeCall> => {
    const sessionName = role.sessionName ?? ANY_SESSION
    const key = `${role.roleArn} ${sessionName}`
    const known = calls.get(key)
    if (known) return known
    const keys = await roleSessionKeys(access, { source: of(role.account), roleArn: role.roleArn, sessionName })
    const { lambda } = createClients(access, { keys })
    const made = callDirectly(lambda)
    calls.set(key, made)
    return made
  }

  const grantOnly = async (grants: readonly ResourceGrant[]): Promise<void> => {
    const { lambda } = of(callee.account)
    for (const grant of granted.splice(0)) {
      const names = { FunctionName: grant.callee.arn, StatementId: grant.statementId }
      await lambda.send(new RemovePermissionCommand(names))
    }
    for (const grant of grants) {
      await lambda.send(
        new AddPermissionCommand({
          FunctionName: grant.callee.arn,
          StatementId: grant.statementId,
          Action: grant.action,
          Principal: grant.principal,
          PrincipalOrgID: grant.principalOrgId,
          SourceArn: grant.sourceArn,
          SourceAccount: grant.sourceAccount,
        }),
      )
      granted.push(grant)
    }
  }

  return {
    async perform({ caller: who, identity, grants, call }) {
      if (who.kind === 'service') {
        const logGroup = logGroupOf(who, callee.account)
        if (logGroup === undefined || call.action !== ACTION_NEEDED) return undefined
        await grantOnly(grants)
        return subscribe(of(callee.account).logs, logGroup, call.callee.arn)
      }
      await allowOnly(of(who.account), who.roleName, identity)
      await grantOnly(grants)
      const makeCall = await callAs(who)
      const api = call.action === ACTION_NEEDED ? 'Invoke' : 'InvokeAsync'
      return makeCall({ functionName: call.callee.arn, api, type, payload: {} })
    },
  }
}

async function createRole({ iam }: Clients, roleArn: string): Promise<void> {
  const [, ...path] = (parseArn(roleArn)?.resource ?? '').split('/')
  const RoleName = path.pop()
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  }
  const Path = path.length === 0 ? '/' : `/${path.join('/')}/`
  await iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument: JSON.stringify(trust) }))
}

async function allowOnly({ iam }: Clients, RoleName: string, identity: Situation['identity']): Promise<void> {
  const policy = { RoleName, PolicyName: IDENTITY_POLICY }
  const Statement = identity.map(({ action, resource }) => ({ Effect: 'Allow', Action: action, Resource: resource }))
  // Deleting needs a policy to be there.
  await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: documentOf(Statement) }))
  if (Statement.length === 0) await iam.send(new DeleteRolePolicyCommand(policy))
}

function documentOf(statements: readonly object[]): string {
  const Statement = statements.length > 0 ? statements : [{ Effect: 'Deny', Action: 'lambda:*', Resource: '*' }]
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

async function deployCallee(clients: Clients, callee: FunctionReference): Promise<void> {
  const { qualifier } = callee
  await deployStack(clients.cloudFormation, {
    name: 'isthmus-scratch',
    account: callee.account,
    templateBody: JSON.stringify(template(callee)),
    parameters: {},
  })
  const version = Number(qualifier)
  if (!Number.isInteger(version)) return
  const FunctionName = callee.name
  for (let next = 2; next <= Math.min(version, VERSION_MAX); next++) {
    await clients.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Description: `version ${next}` }))
    const pace = { client: clients.lambda, maxWaitTime: 30, minDelay: 0.02, maxDelay: 0.2 }
    await waitUntilFunctionUpdatedV2(pace, { FunctionName })
    await clients.lambda.send(new PublishVersionCommand({ FunctionName }))
  }
}

function template({ name, qualifier }: FunctionReference): object {
  const alias = (Name: string) => ({
    Type: 'AWS::Lambda::Alias',
    Properties: {
      Name,
      FunctionName: { Ref: 'Callee' },
      FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
    },
  })
  const callable = (FunctionName: string) => ({
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Code: { ZipFile: 'exports.handler = async () => ({})' },
    },
  })
  const named = qualifier !== undefined && !/^\d+$/.test(qualifier)
  return {
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: 'isthmus-scratch-callee',
          ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
          },
        },
      },
      Callee: callable(name),
      Other: callable(OTHER_FUNCTION),
      Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Callee' } } },
      OtherAlias: alias(OTHER_ALIAS),
      ...(named && { Alias: alias(qualifier) }),
    },
  }
}
