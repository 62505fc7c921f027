/** A call as the pipeline saw it end, before anything is made of it. */
import type { OperationModel } from '../../wire/service-model.ts'
import type { Caller } from '../caller.ts'
import type { Permission } from '../operation.ts'

export interface SeenCall {
  readonly timeMs: number
  /** Signing name. */
  readonly service: string
  readonly operation: string
  readonly caller: Caller
  /** What was checked; its resources are what the call was about. Empty where nothing is. */
  readonly checked: readonly { readonly permission: Permission }[]
  readonly input: object
  readonly output?: object | undefined
  /** What it failed with, of whatever kind. */
  readonly error?: unknown
  /** The caller was not allowed. */
  readonly isDenied: boolean
  /** Absent where nobody needed the service's model yet. */
  readonly model?: OperationModel | undefined
}
