/** The permissions of operations that ask for one action on the function they name. */
import type { Caller } from '../caller.ts'
import type { Permission } from '../operation.ts'
import { functionPermission, type LambdaService } from './service.ts'
import { targetOf, unqualifiedTarget } from './target.ts'

type Permissions<Input> = (input: Input, caller: Caller, lambda: LambdaService) => readonly Permission[]

/** With the qualifier that the request gave. */
export function onQualifier(
  action: string,
): Permissions<{ readonly FunctionName: string; readonly Qualifier?: string | undefined }> {
  return ({ FunctionName, Qualifier }, caller, lambda) => [
    functionPermission(action, targetOf(caller, FunctionName, Qualifier), caller, lambda),
  ]
}

/** Of operations that know no qualifier. */
export function onFunction(action: string): Permissions<{ readonly FunctionName: string }> {
  return ({ FunctionName }, caller, lambda) => [
    functionPermission(action, unqualifiedTarget(caller, FunctionName), caller, lambda),
  ]
}
