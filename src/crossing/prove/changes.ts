/** The changes a proof makes to permissions, each with the way back: `undo` restores what was found. */
import type { AddPermissionRequest } from '@aws-sdk/client-lambda'

import { loadPackage } from '../../core/load-package.ts'
import type { Clients } from '../access.ts'
import { allowsInvoke } from './grants.ts'
import { readStatements, type Scene, type Statement } from './scene.ts'

const {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
} = loadPackage('@aws-sdk/client-iam')
const { AddPermissionCommand, DeleteResourcePolicyCommand, PutResourcePolicyCommand } =
  loadPackage('@aws-sdk/client-lambda')
const {
  AttachPolicyCommand,
  CreatePolicyCommand: CreateOrganizationPolicyCommand,
  DeletePolicyCommand: DeleteOrganizationPolicyCommand,
  DetachPolicyCommand,
} = loadPackage('@aws-sdk/client-organizations')

export type Undo = () => Promise<void>

export const NOTHING_TO_UNDO: Undo = () => Promise.resolve()

/**
 * Makes several changes, each of which says beforehand how it is undone. When one fails, what was done is undone and the failure thrown.
 * The answer undoes all of them, last first, and every one even when one fails.
 */
export async function reversibly(change: (undos: Undo[]) => Promise<void>): Promise<Undo> {
  const undos: Undo[] = []
  try {
    await change(undos)
  } catch (error) {
    await undoAll(undos)
    throw error
  }
  return () => undoAll(undos)
}

async function undoAll(undos: readonly Undo[]): Promise<void> {
  const failures: unknown[] = []
  for (const undo of [...undos].reverse()) {
    try {
      await undo()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'the permissions could not be restored')
}

/** Takes from the caller's role every identity policy that allows it to invoke the callee. */
export function removeIdentityGrants({ source: { iam }, role, crossing }: Scene): Promise<Undo> {
  return reversibly(async (undos) => {
    for await (const page of paginateListRolePolicies({ client: iam }, { RoleName: role.name })) {
      for (const PolicyName of page.PolicyNames ?? []) {
        const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName: role.name, PolicyName }))
        const document = decodeURIComponent(PolicyDocument)
        if (!allowsInvoke(document, crossing)) continue
        undos.push(async () => {
          await iam.send(new PutRolePolicyCommand({ RoleName: role.name, PolicyName, PolicyDocument: document }))
        })
        await iam.send(new DeleteRolePolicyCommand({ RoleName: role.name, PolicyName }))
      }
    }
    for await (const page of paginateListAttachedRolePolicies({ client: iam }, { RoleName: role.name })) {
      for (const { PolicyArn = '' } of page.AttachedPolicies ?? []) {
        if (!allowsInvoke(await managedPolicyDocument(iam, PolicyArn), crossing)) continue
        undos.push(async () => {
          await iam.send(new AttachRolePolicyCommand({ RoleName: role.name, PolicyArn }))
        })
        await iam.send(new DetachRolePolicyCommand({ RoleName: role.name, PolicyArn }))
      }
    }
  })
}

async function managedPolicyDocument(iam: Clients['iam'], PolicyArn: string): Promise<string> {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }))
  const { PolicyVersion } = await iam.send(
    new GetPolicyVersionCommand({ PolicyArn, VersionId: Policy?.DefaultVersionId }),
  )
  return decodeURIComponent(PolicyVersion?.Document ?? '')
}

/** Gives the caller's role one more inline policy. */
export async function putIdentityPolicy({ source: { iam }, role, prefix }: Scene, document: object): Promise<Undo> {
  const policy = { RoleName: role.name, PolicyName: `${prefix}-identity` }
  await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: JSON.stringify(document) }))
  return async () => {
    await iam.send(new DeleteRolePolicyCommand(policy))
  }
}

/** Replaces the caller's permissions boundary by a new managed policy. */
export function replaceBoundary({ source: { iam }, role, prefix }: Scene, document: object): Promise<Undo> {
  return reversibly(async (undos) => {
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: `${prefix}-boundary`, PolicyDocument: JSON.stringify(document) }),
    )
    const PolicyArn = Policy?.Arn
    undos.push(async () => {
      await iam.send(new DeletePolicyCommand({ PolicyArn }))
    })
    undos.push(async () => {
      await (role.boundaryArn === undefined
        ? iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: role.name }))
        : iam.send(
            new PutRolePermissionsBoundaryCommand({ RoleName: role.name, PermissionsBoundary: role.boundaryArn }),
          ))
    })
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: role.name, PermissionsBoundary: PolicyArn }))
  })
}

/** A role of the caller's account that is not the caller's. */
export async function createOtherRole({ source: { iam }, prefix }: Scene): Promise<{ arn: string; undo: Undo }> {
  const RoleName = `${prefix}-other`
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  }
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }))
  return {
    arn: Role?.Arn ?? '',
    undo: async () => {
      await iam.send(new DeleteRoleCommand({ RoleName }))
    },
  }
}

/** A grant as `aws lambda add-permission` takes it. */
export type Grant = Pick<AddPermissionRequest, 'Principal' | 'PrincipalOrgID' | 'SourceArn' | 'SourceAccount'>

/** Replaces the whole resource-based policy of a function, alias or version by these grants. */
export function replaceGrants(
  { target: { lambda }, prefix }: Pick<Scene, 'target' | 'prefix'>,
  functionArn: string,
  grants: readonly Grant[],
): Promise<Undo> {
  return reversibly(async (undos) => {
    const found = await readStatements(lambda, functionArn)
    undos.push(() => restoreStatements(lambda, functionArn, found))
    // Whole: RemovePermission cannot name a statement without an id.
    if (found.length > 0) await lambda.send(new DeleteResourcePolicyCommand({ ResourceArn: functionArn }))
    for (const [index, grant] of grants.entries()) {
      const statement = { StatementId: `${prefix}-${index + 1}`, Action: 'lambda:InvokeFunction' }
      await lambda.send(new AddPermissionCommand({ FunctionName: functionArn, ...statement, ...grant }))
    }
  })
}

/** Adds a statement that AddPermission cannot express: a deny. */
export async function addStatement(
  { target: { lambda } }: Scene,
  functionArn: string,
  statement: Omit<Statement, 'Resource'>,
): Promise<Undo> {
  const found = await readStatements(lambda, functionArn)
  await putStatements(lambda, functionArn, [...found, { ...statement, Resource: functionArn }])
  return () => restoreStatements(lambda, functionArn, found)
}

async function restoreStatements(
  lambda: Clients['lambda'],
  functionArn: string,
  found: readonly Statement[],
): Promise<void> {
  if (found.length > 0) await putStatements(lambda, functionArn, found)
  else if ((await readStatements(lambda, functionArn)).length > 0) {
    await lambda.send(new DeleteResourcePolicyCommand({ ResourceArn: functionArn }))
  }
}

async function putStatements(
  lambda: Clients['lambda'],
  functionArn: string,
  statements: readonly Statement[],
): Promise<void> {
  const document = { Version: '2012-10-17', Id: 'default', Statement: statements }
  await lambda.send(new PutResourcePolicyCommand({ ResourceArn: functionArn, Policy: JSON.stringify(document) }))
}

/** Attaches a new service control policy to the caller's account. */
export async function attachServiceControlPolicy(
  organizations: Clients['organizations'],
  { prefix, crossing }: Scene,
  document: object,
): Promise<{ arn: string; undo: Undo }> {
  let arn = ''
  const undo = await reversibly(async (undos) => {
    const { Policy } = await organizations.send(
      new CreateOrganizationPolicyCommand({
        Name: `${prefix}-scp`,
        Description: 'Temporary: a proof that this guardrail blocks the call',
        Type: 'SERVICE_CONTROL_POLICY',
        Content: JSON.stringify(document),
      }),
    )
    const { Id: PolicyId, Arn } = Policy?.PolicySummary ?? {}
    arn = Arn ?? ''
    const TargetId = crossing.from.account
    undos.push(async () => {
      await organizations.send(new DeleteOrganizationPolicyCommand({ PolicyId }))
    })
    await organizations.send(new AttachPolicyCommand({ PolicyId, TargetId }))
    undos.push(async () => {
      await organizations.send(new DetachPolicyCommand({ PolicyId, TargetId }))
    })
  })
  return { arn, undo }
}
