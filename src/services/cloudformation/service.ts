/** What CloudFormation's operations work with, the stacks they mean, and the permissions they ask for. */
import type * as cloudformation from '@aws-sdk/client-cloudformation'

import { formatArn } from '../../core/arn.ts'
import { AwsError } from '../../core/aws-error.ts'
import type { Clock } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import type { Caller } from '../caller.ts'
import type { Operations, Permission } from '../operation.ts'
import type { Deployments } from './deployment/deployments.ts'
import type { StackRecord, Tags } from './records.ts'
import type { StackStore } from './stack-store.ts'
import { validationError } from './template/validation-error.ts'

export interface CloudFormationService {
  readonly store: StackStore
  readonly deployments: Deployments
  readonly clock: Clock
  readonly ids: Ids
}

export type CloudFormationOperations = Operations<typeof cloudformation, CloudFormationService>

/** Members that no operation honours, wherever they appear. */
export const REFUSED_FOR_STACKS = ['TemplateURL', 'RoleARN', 'DeploymentConfig', 'DisableValidation'] as const

/**
 * The permission to do `action` to a stack. A name without a stack is matched as `stack/name/*`.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
 */
export function stackPermission(
  action: string,
  nameOrId: string | undefined,
  caller: Caller,
  { store }: CloudFormationService,
  more: Partial<Permission> = {},
): Permission {
  const stack = nameOrId === undefined ? undefined : store.find(caller, nameOrId)
  const resource = stack?.id ?? (nameOrId?.startsWith('arn:') ? nameOrId : stackArn(caller, `${nameOrId ?? '*'}/*`))
  return { action: `cloudformation:${action}`, resource, resourceTags: stack?.definition.tags, ...more }
}

export function anyStackPermission(action: string): Permission {
  return { action: `cloudformation:${action}`, resource: '*' }
}

export function stackArn(place: { readonly account: string; readonly region: string }, path: string): string {
  return formatArn({
    service: 'cloudformation',
    region: place.region,
    account: place.account,
    resource: `stack/${path}`,
  })
}

/** `Stack [name] does not exist`: what operations that change a stack say. */
export function stackToChange(nameOrId: string, caller: Caller, { store }: CloudFormationService): StackRecord {
  const stack = store.find(caller, nameOrId)
  if (!stack) throw validationError(`Stack [${nameOrId}] does not exist`)
  return stack
}

/** `Stack with id name does not exist`: what operations that describe one say. */
export function stackToDescribe(nameOrId: string, caller: Caller, { store }: CloudFormationService): StackRecord {
  const stack = store.find(caller, nameOrId)
  if (!stack) throw validationError(`Stack with id ${nameOrId} does not exist`)
  return stack
}

/** Refuses a parameter we do not honour, by name, unless it asks for nothing. */
export function refuseNonEmpty(operation: string, members: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue
    const isEmpty =
      typeof value === 'object' && value !== null && Object.values(value).every((item) => item === undefined)
    if (isEmpty || value === false) continue
    throw new AwsError('NotImplemented', `Isthmus does not implement the parameter ${name} of ${operation}`, {
      status: 501,
    })
  }
}

export function requestTags(
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): Tags | undefined {
  return tags && Object.fromEntries(tags.map(({ Key, Value }) => [Key ?? '', Value ?? '']))
}

export function invalidNextToken(): AwsError {
  return validationError('NextToken is invalid')
}
