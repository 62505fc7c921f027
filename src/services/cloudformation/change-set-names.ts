/** How a request names a change set: by ARN, or by name together with its stack. */
import { formatArn } from '../../core/arn.ts'
import { AwsError } from '../../core/aws-error.ts'
import type { Caller } from '../caller.ts'
import type { ChangeSetRecord, StackRecord } from './records.ts'
import { stackToChange, type CloudFormationService } from './service.ts'
import { validationError } from './template/validation-error.ts'

/** Throws when there is none. */
export function findChangeSet(
  nameOrId: string,
  stackName: string | undefined,
  caller: Caller,
  cf: CloudFormationService,
): ChangeSetRecord {
  const found = lookUpChangeSet(nameOrId, stackName, caller, cf)
  if (!found) throw new AwsError('ChangeSetNotFoundException', `ChangeSet [${nameOrId}] does not exist`)
  return found
}

/** Throws only when the stack does not exist or is not named. */
export function lookUpChangeSet(
  nameOrId: string,
  stackName: string | undefined,
  caller: Caller,
  cf: CloudFormationService,
): ChangeSetRecord | undefined {
  if (nameOrId.startsWith('arn:')) return cf.store.changeSet(caller, nameOrId)
  if (stackName === undefined) {
    throw validationError('StackName must be specified if ChangeSetName is not specified as an ARN.')
  }
  return namedChangeSet(stackToChange(stackName, caller, cf), nameOrId, cf)
}

export function namedChangeSet(
  stack: StackRecord,
  name: string,
  cf: CloudFormationService,
): ChangeSetRecord | undefined {
  return cf.store.changeSets(stack).find((changeSet) => changeSet.name === name)
}

/** The stack a request's permission is about. */
export function stackNameOf(
  input: { readonly StackName?: string | undefined; readonly ChangeSetName: string },
  caller: Caller,
  cf: CloudFormationService,
): string {
  return input.StackName ?? cf.store.changeSet(caller, input.ChangeSetName)?.stackId ?? '*'
}

export function changeSetArn(caller: Caller, name: string, { ids }: CloudFormationService): string {
  return formatArn({
    service: 'cloudformation',
    region: caller.region,
    account: caller.account,
    resource: `changeSet/${name}/${ids.uuid()}`,
  })
}
