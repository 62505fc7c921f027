/** What every scenario of a proof works on: the crossing, the clients of both sides, and the permissions as they were found. */
import type { LambdaClient } from '@aws-sdk/client-lambda'

import { loadPackage } from '../../core/load-package.ts'
import { UserError } from '../../core/user-error.ts'
import type { Clients } from '../access.ts'
import type { Crossing } from '../crossing.ts'

const { GetFunctionConfigurationCommand, GetPolicyCommand, ResourceNotFoundException } =
  loadPackage('@aws-sdk/client-lambda')
const { GetRoleCommand } = loadPackage('@aws-sdk/client-iam')

export interface CallerRole {
  readonly arn: string
  readonly name: string
  readonly boundaryArn?: string
}

export interface Statement {
  readonly Sid?: string
  readonly Effect: string
  readonly Principal: unknown
  readonly Action: unknown
  readonly Resource: unknown
  readonly Condition?: unknown
}

export interface Scene {
  readonly crossing: Crossing
  /** Administrators of the caller's and of the callee's account. */
  readonly source: Clients
  readonly target: Clients
  /** The organization's management account, when there is one within reach. */
  readonly management?: Clients
  readonly organizationId?: string
  readonly role: CallerRole
  /** As found: of the callee with its qualifier, and of the function without one. */
  readonly statements: readonly Statement[]
  readonly unqualifiedStatements: readonly Statement[]
  /** The principal that AWS names in a denial: the session's ARN. */
  readonly callerArn: string
  /** Names of what a scenario creates start with this. */
  readonly prefix: string
}

/** The execution role of a function. Throws `UserError` when the function is not there. */
export async function readCallerRole(clients: Clients, functionName: string): Promise<CallerRole> {
  try {
    const { Role = '' } = await clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName }))
    const name = Role.slice(Role.lastIndexOf('/') + 1)
    const { Role: role } = await clients.iam.send(new GetRoleCommand({ RoleName: name }))
    const boundaryArn = role?.PermissionsBoundary?.PermissionsBoundaryArn
    return { arn: Role, name, ...(boundaryArn !== undefined && { boundaryArn }) }
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error
    throw new UserError(`There is no function \`${functionName}\``, {
      hint: 'Deploy it first, or correct --from',
      cause: error,
    })
  }
}

export async function requireCallee(clients: Clients, functionName: string): Promise<void> {
  try {
    await clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName }))
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error
    throw new UserError(`There is no function \`${functionName}\``, {
      hint: 'Deploy it first, or correct --to',
      cause: error,
    })
  }
}

/** The statements of a function's, version's or alias' resource-based policy; none when it has no policy. */
export async function readStatements(lambda: LambdaClient, functionArn: string): Promise<readonly Statement[]> {
  try {
    const { Policy = '{}' } = await lambda.send(new GetPolicyCommand({ FunctionName: functionArn }))
    const document = JSON.parse(Policy) as { Statement?: readonly Statement[] }
    return document.Statement ?? []
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return []
    throw error
  }
}

/** Whether a statement is about the whole account and nobody else. */
export function namesAccount({ Principal }: Statement, account: string): boolean {
  if (typeof Principal !== 'object' || Principal === null || !('AWS' in Principal)) return false
  return [Principal.AWS]
    .flat()
    .every((principal) => principal === account || principal === `arn:aws:iam::${account}:root`)
}

export function allowsAction({ Effect, Action }: Statement, action: string): boolean {
  return (
    Effect === 'Allow' &&
    [Action].flat().some((allowed) => allowed === action || allowed === 'lambda:*' || allowed === '*')
  )
}
