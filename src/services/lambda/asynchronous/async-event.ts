/** An asynchronous invocation on its way: what the state keeps from the 202 until its outcome has been delivered. */
import type { AccountId } from '../../../core/account.ts'
import type { Region } from '../../../core/region.ts'

export interface AsyncEvent {
  /** The request id, the same on every attempt. */
  readonly id: string
  readonly account: AccountId
  readonly region: Region
  readonly functionName: string
  /** As it was invoked; resolved at each attempt, so that an event runs with the code of its day. */
  readonly qualifier?: string
  readonly payloadBase64: string
  readonly traceId: string
  readonly acceptedAtMs: number
  /** How often the function has been given the event. */
  readonly attempts: number
  /** How often in a row it could not be for errors of the service; then, how often nobody could be told. */
  readonly refusals: number
  /** When it is tried next; absent: now. */
  readonly notBeforeMs?: number
  /** What came of the last attempt. */
  readonly last?: AttemptResult
  /** Set once no further attempt follows: what is left is to tell the destinations. */
  readonly condition?: Condition
}

export interface AttemptResult {
  readonly executedVersion: string
  readonly functionError?: string
  readonly payloadBase64: string
}

/** Why no further attempt follows, in AWS's words. */
export type Condition =
  | 'Success'
  | 'RetriesExhausted'
  | 'EventAgeExceeded'
  | 'ZeroReservedConcurrency'
  /** FIDELITY: AWS does not document what the record of a stopped loop says. */
  | 'RecursiveInvocation'
