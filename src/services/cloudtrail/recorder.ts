/** Takes calls as they end and makes records of them in batches, off their path. */
import type { EventHistory } from './event-history.ts'
import { eventKind } from './event-kinds.ts'
import { eventRecords, managementContents, type RecordSources } from './event-record.ts'
import { withoutPayloads, type NetworkInterfaceOf } from './invoke-event.ts'
import { createInvokeLines } from './invoke-lines.ts'
import { BATCH_CALLS, WAITING_CALLS_MAX } from './limits.ts'
import type { SeenCall } from './seen-call.ts'
import type { TrailFiles } from './trail-files.ts'

/** CloudTrail as the pipeline sees it. */
export interface Trail {
  /**
   * Cheap: what is made of the call is made later. FIDELITY: AWS records some of the requests that it refuses before it authorizes them; here they
   * have no record. Where nothing is authorized (`--auth off`), management events do not tell resources, nor owners in other accounts.
   */
  record(call: SeenCall): void
}

export interface Recorder extends Trail {
  /** Makes records of all calls that wait. */
  flush(): void
  /** Forgets them. */
  clear(): void
}

export function createRecorder(options: {
  readonly history: EventHistory
  readonly files: TrailFiles
  readonly sources: RecordSources
  readonly networkInterfaceOf: NetworkInterfaceOf
  readonly onLost: () => void
  /** A bug: a call has no record. */
  readonly onError: (error: unknown) => void
}): Recorder {
  const { history, files, sources } = options
  const invokeLines = createInvokeLines(sources, options.networkInterfaceOf)
  let waiting: SeenCall[] = []
  let next = 0
  let scheduled = false

  function writeDown(call: SeenCall): void {
    if (eventKind(call.service, call.operation) === 'invoke') {
      for (const { account, pieces } of invokeLines(call)) files.append(account, pieces)
      return
    }
    for (const record of eventRecords(call, managementContents(call), sources)) {
      const text = JSON.stringify(record)
      files.append(record.recipientAccountId, [text])
      history.add(record, text)
    }
  }

  function writeSome(callsMax: number): void {
    for (let count = 0; count < callsMax; count++) {
      const call = waiting[next]
      if (!call) break
      next++
      try {
        writeDown(call)
      } catch (error) {
        options.onError(error)
      }
    }
    if (next < waiting.length) return
    waiting = []
    next = 0
  }

  function work(): void {
    writeSome(BATCH_CALLS)
    if (waiting.length > 0) setImmediate(work)
    else scheduled = false
  }

  return {
    record(call) {
      const kind = eventKind(call.service, call.operation)
      if (kind === 'unrecorded') return
      if (waiting.length - next >= WAITING_CALLS_MAX) return options.onLost()
      waiting.push(kind === 'invoke' ? withoutPayloads(call) : call)
      if (scheduled) return
      scheduled = true
      // After the answer has been sent.
      setImmediate(work)
    },
    flush: () => writeSome(Number.POSITIVE_INFINITY),
    clear() {
      waiting = []
      next = 0
    },
  }
}
