/** The recent requests with the decisions that were made about them, found again by request id. */
import type { Caller } from '../services/caller.ts'
import type { CheckedPermission } from './authorize.ts'

export interface RecordedRequest {
  readonly requestId: string
  readonly timeMs: number
  readonly service: string
  readonly operation: string
  readonly caller: Caller
  readonly checked: readonly CheckedPermission[]
  /** The error's name, when the request failed. */
  readonly error?: string
  /** True when `--auth soft` let a denied request pass. */
  readonly passedDenial?: boolean
}

export interface DecisionLog {
  record(request: RecordedRequest): void
  find(requestId: string): RecordedRequest | undefined
}

const RECORDED_REQUESTS_MAX = 10_000

/** A ring: the oldest request is forgotten when the log is full. */
export function createDecisionLog(capacity = RECORDED_REQUESTS_MAX): DecisionLog {
  const byId = new Map<string, RecordedRequest>()
  /** Beside the map, whose own order costs a walk over everything forgotten since it last grew. */
  const requestIds: string[] = []
  let oldest = 0
  return {
    record(request) {
      const { requestId } = request
      if (!byId.has(requestId)) {
        const forgotten = requestIds[oldest]
        if (forgotten !== undefined) byId.delete(forgotten)
        requestIds[oldest] = requestId
        oldest = (oldest + 1) % capacity
      }
      byId.set(requestId, request)
    },
    find: (requestId) => byId.get(requestId),
  }
}
