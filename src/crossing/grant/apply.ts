/** Makes a grant so, on both sides: what is there already stays, what differs is replaced. Safe to repeat. */
import type { IAMClient } from '@aws-sdk/client-iam'
import type { LambdaClient } from '@aws-sdk/client-lambda'

import { loadPackage } from '../../core/load-package.ts'
import { createClients, type AwsAccess, type Clients } from '../access.ts'
import { deployStack } from '../prove/deploy.ts'
import { roleSessionKeys } from '../prove/role-session.ts'
import { readStatements } from '../prove/scene.ts'
import { cloudFormationFiles } from './cloudformation.ts'
import { identityDocument, resourceStatement, type Grant, type IdentityGrant, type ResourceGrant } from './grant.ts'

const { GetRolePolicyCommand, NoSuchEntityException, PutRolePolicyCommand } = loadPackage('@aws-sdk/client-iam')
const { AddPermissionCommand, InvokeCommand, LambdaServiceException, RemovePermissionCommand } =
  loadPackage('@aws-sdk/client-lambda')

export interface Applied {
  readonly account: string
  readonly what: string
  readonly action: 'created' | 'replaced' | 'updated' | 'unchanged'
}

export type ClientsOf = (account: string) => Clients

export async function applyGrant({ identity, resource }: Grant, clientsOf: ClientsOf): Promise<readonly Applied[]> {
  const applied: Applied[] = []
  // The caller's side first: alone it lets nothing across.
  if (identity) applied.push(await applyIdentity(clientsOf(identity.account).iam, identity))
  if (resource) applied.push(await applyResource(clientsOf(resource.callee.account).lambda, resource))
  return applied
}

async function applyIdentity(iam: IAMClient, identity: IdentityGrant): Promise<Applied> {
  const names = { RoleName: identity.roleName, PolicyName: identity.policyName }
  const wanted = identityDocument(identity)
  const found = await inlinePolicy(iam, names)
  const action = found === undefined ? 'created' : isSame(found, wanted) ? 'unchanged' : 'replaced'
  if (action !== 'unchanged') {
    await iam.send(new PutRolePolicyCommand({ ...names, PolicyDocument: JSON.stringify(wanted) }))
  }
  return { account: identity.account, what: `inline policy ${identity.policyName} of ${identity.roleName}`, action }
}

async function inlinePolicy(
  iam: IAMClient,
  names: { readonly RoleName: string; readonly PolicyName: string },
): Promise<unknown> {
  try {
    const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand(names))
    return JSON.parse(decodeURIComponent(PolicyDocument)) as unknown
  } catch (error) {
    if (error instanceof NoSuchEntityException) return undefined
    throw error
  }
}

async function applyResource(lambda: LambdaClient, resource: ResourceGrant): Promise<Applied> {
  const names = { FunctionName: resource.callee.arn, StatementId: resource.statementId }
  const found = (await readStatements(lambda, resource.callee.arn)).find(({ Sid }) => Sid === resource.statementId)
  const action = found === undefined ? 'created' : isSame(found, resourceStatement(resource)) ? 'unchanged' : 'replaced'
  if (action === 'replaced') await lambda.send(new RemovePermissionCommand(names))
  if (action !== 'unchanged') {
    await lambda.send(
      new AddPermissionCommand({
        ...names,
        Action: resource.action,
        Principal: resource.principal,
        PrincipalOrgID: resource.principalOrgId,
        SourceArn: resource.sourceArn,
        SourceAccount: resource.sourceAccount,
      }),
    )
  }
  const { name, qualifier } = resource.callee
  const where = qualifier === undefined ? name : `${name}:${qualifier}`
  return { account: resource.callee.account, what: `statement ${resource.statementId} of ${where}`, action }
}

/** The same grant as stacks, which later runs update. */
export async function deployGrant(grant: Grant, clientsOf: ClientsOf): Promise<readonly Applied[]> {
  const applied: Applied[] = []
  const id = grant.resource?.statementId ?? grant.identity?.policyName ?? ''
  const callee = [grant.request.callee.name, grant.request.callee.qualifier].filter((part) => part !== undefined)
  for (const { account = '', content } of cloudFormationFiles(grant)) {
    const side = account === grant.identity?.account && content.includes('AWS::IAM::Policy') ? 'caller' : 'callee'
    const name = stackName(`grant-${side}-${callee.join('-')}-${id}`)
    const { cloudFormation } = clientsOf(account)
    const stack = await deployStack(cloudFormation, { name, account, templateBody: content, parameters: {} })
    applied.push({ account, what: `stack ${name}`, action: stack.action })
  }
  return applied
}

const STACK_NAME_LENGTH_MAX = 128

function stackName(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9-]+/g, '-').slice(0, STACK_NAME_LENGTH_MAX)
}

/** Whether the call is allowed now; asked of Lambda itself by a session of the caller's role, without running the callee. */
export async function tryCall(
  access: AwsAccess,
  grant: Grant,
  clientsOf: ClientsOf,
): Promise<{ readonly ok: boolean; readonly message?: string } | undefined> {
  const { caller, callee } = grant.request
  // On AWS a role's session is had only where its trust policy says so, which is no reason to fail.
  if (caller.kind === 'service' || access.endpoint === undefined) return undefined
  const keys = await roleSessionKeys(access, {
    source: clientsOf(caller.account),
    roleArn: caller.roleArn,
    sessionName: caller.sessionName ?? 'isthmus-grant',
  })
  const { lambda } = createClients({ ...access, region: callee.region }, { keys })
  try {
    await lambda.send(new InvokeCommand({ FunctionName: callee.arn, InvocationType: 'DryRun' }))
    return { ok: true }
  } catch (error) {
    if (!(error instanceof LambdaServiceException)) throw error
    return { ok: false, message: `${error.name}: ${error.message}` }
  }
}

/** Equal whatever the order of their members. */
function isSame(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right)
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`
}
