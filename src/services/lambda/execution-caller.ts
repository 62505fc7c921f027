/** Lambda acting as a function's execution role: writing its logs, telling its destinations. */
import { parseAccountId } from '../../core/account.ts'
import type { Clock } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import { parseRegion } from '../../core/region.ts'
import type { Caller } from '../caller.ts'
import type { IdentityDirectory, SessionDirectory } from '../directories.ts'
import { functionArn } from './function-name.ts'
import { ENVIRONMENT_SESSION_SECONDS } from './limits.ts'

export interface ExecutingFunction {
  readonly account: string
  readonly region: string
  readonly functionName: string
  readonly roleArn: string
}

/** Undefined once the role is gone. */
export type ExecutionCaller = (fn: ExecutingFunction) => Caller | undefined

export function createExecutionCaller(options: {
  readonly identities: IdentityDirectory
  readonly sessions: SessionDirectory
  readonly clock: Clock
  readonly ids: Ids
}): ExecutionCaller {
  const { identities, sessions, clock, ids } = options
  return ({ account, region, functionName, roleArn }) => {
    const role = identities.role(roleArn)
    if (!role) return undefined
    const now = clock.now()
    return {
      principal: sessions.rolePrincipal(role, sessionName(functionName)),
      account: role.account,
      region: parseRegion(region),
      requestId: ids.uuid(),
      session: {
        issuedAtMs: now,
        expiresAtMs: now + ENVIRONMENT_SESSION_SECONDS * 1000,
        policies: [],
        tags: {},
        transitiveTagKeys: [],
        chained: false,
        sourceFunctionArn: functionArn({
          account: parseAccountId(account),
          region: parseRegion(region),
          name: functionName,
        }),
      },
    }
  }
}

/** Session names have at least two characters. */
export function sessionName(functionName: string): string {
  return functionName.length > 1 ? functionName : `${functionName}@lambda_function`
}
