/** What is asked: whether one principal may make one call, and everything that is known about that call. */
import { parseArn } from '../../core/arn.ts'
import { isAccountId } from '../../core/account.ts'
import { UserError } from '../../core/user-error.ts'
import type { ContextValue, Outcome } from '../../policy/model.ts'
import type { FunctionReference } from '../crossing.ts'

/** How Lambda is called: `invoke-async` is the deprecated API with an action of its own. */
export type CallType = 'sync' | 'async' | 'invoke-async'

export interface Question {
  /** A function calls with its execution role's session. */
  readonly caller: { readonly function: FunctionReference } | { readonly principal: string }
  readonly action: string
  readonly resource: string
  /** Of the resource; of the caller where the ARN has none. */
  readonly resourceAccount: string
  readonly type?: CallType
  /** The call asks for the last lines of the log (`LogType=Tail`). */
  readonly wantsLog?: boolean
  /** The function was named without an account, so that AWS looked for it in the caller's. */
  readonly isBareName?: boolean
  /** Condition keys in lower case, as the asker gave them. */
  readonly context: ReadonlyMap<string, ContextValue>
  /** What AWS, or Isthmus, answered to this call. */
  readonly answered?: Answered
}

/** The answer that a call was given, from its record or from the message that was pasted. */
export interface Answered {
  /** Undefined where only the message is known. */
  readonly requestId?: string
  readonly outcome: Outcome
  /** The policy type that the denial blames, in AWS's words: `resource-based policy`. */
  readonly blames?: string
  readonly error?: string
  readonly session?: RecordedSession
  /** The record has every condition key there was, so that one which is not there was absent. */
  readonly isContextComplete: boolean
}

/** Of a session, what no API of AWS tells. */
export interface RecordedSession {
  /** Documents as text; managed ones have an ARN. */
  readonly policies: readonly { readonly document: string; readonly arn?: string }[]
  readonly tags: Readonly<Record<string, string>>
}

export const ACTIONS: Readonly<Record<CallType, string>> = {
  sync: 'lambda:InvokeFunction',
  async: 'lambda:InvokeFunction',
  'invoke-async': 'lambda:InvokeAsync',
}

/** `key=value` pairs; a key that is given several times has several values. Throws `UserError`. */
export function parseContext(pairs: readonly string[]): ReadonlyMap<string, ContextValue> {
  const context = new Map<string, ContextValue>()
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals <= 0) throw new UserError(`\`${pair}\` is not key=value, expected a condition key and its value`)
    const key = pair.slice(0, equals).toLowerCase()
    const value = pair.slice(equals + 1)
    const earlier = context.get(key)
    context.set(key, earlier === undefined ? value : [earlier, value].flat())
  }
  return context
}

/** The account of an ARN, undefined for AWS services and for what belongs to no account. */
export function accountOfArn(arn: string): string | undefined {
  const account = parseArn(arn)?.account
  return account !== undefined && isAccountId(account) ? account : undefined
}
