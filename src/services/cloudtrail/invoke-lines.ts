/**
 * The lines of Invoke's records. Those of one caller and one function in one second differ only in their ids, and there may be thousands of them:
 * so the first is made, and the others are made of it.
 */
import { eventRecords, type EventRecord, type RecordSources } from './event-record.ts'
import { invokeContents, invokeParameters, type NetworkInterfaceOf } from './invoke-event.ts'
import type { SeenCall } from './seen-call.ts'

export interface RecordLine {
  readonly account: string
  /** JSON, in pieces that follow each other. */
  readonly pieces: readonly string[]
}

/** A line without its ids. */
interface Template {
  readonly account: string
  readonly beforeRequestId: string
  readonly beforeEventId: string
  readonly beforeSharedId: string
  /** Absent of a record that no other account has. */
  readonly end: string | undefined
}

const MS_PER_SECOND = 1000
/** Of one second. */
const TEMPLATES_MAX = 1000

export function createInvokeLines(
  sources: RecordSources,
  interfaceOf: NetworkInterfaceOf,
): (call: SeenCall) => readonly RecordLine[] {
  const { ids } = sources
  let second = 0
  let templates = new Map<string, readonly Template[]>()

  function recordsOf(call: SeenCall) {
    return eventRecords(call, invokeContents(call, interfaceOf), sources).map((record) => ({
      record,
      text: JSON.stringify(record),
    }))
  }

  return (call) => {
    const key = keyOf(call)
    if (key === undefined) return recordsOf(call).map(lineOf)
    const now = Math.floor(call.timeMs / MS_PER_SECOND)
    if (now !== second || templates.size >= TEMPLATES_MAX) {
      second = now
      templates = new Map()
    }
    const known = templates.get(key)
    if (known) {
      const { requestId } = call.caller
      const sharedId = known[0]?.end === undefined ? '' : ids.uuid()
      return known.map((template) => ({
        account: template.account,
        pieces: filled(template, requestId, ids.uuid(), sharedId),
      }))
    }
    const made = recordsOf(call)
    templates.set(
      key,
      made.map(({ record, text }) => {
        const [beforeRequestId = '', rest = ''] = text.split(record.requestID)
        const [beforeEventId = '', tail = ''] = rest.split(record.eventID)
        const [beforeSharedId = '', end] =
          record.sharedEventID === undefined ? [tail] : tail.split(record.sharedEventID)
        return { account: record.recipientAccountId, beforeRequestId, beforeEventId, beforeSharedId, end }
      }),
    )
    return made.map(lineOf)
  }
}

function lineOf({ record, text }: { readonly record: EventRecord; readonly text: string }): RecordLine {
  return { account: record.recipientAccountId, pieces: [text] }
}

function filled(template: Template, requestId: string, eventId: string, sharedId: string): readonly string[] {
  const { beforeRequestId, beforeEventId, beforeSharedId, end } = template
  const pieces = [beforeRequestId, requestId, beforeEventId, eventId, beforeSharedId]
  return end === undefined ? pieces : [...pieces, sharedId, end]
}

/** Everything that the line tells of the call, but its time and its ids. Undefined of calls that are rare, or whose callers are no two alike. */
function keyOf({ caller, operation, input, output, error }: SeenCall): string | undefined {
  const { accessKeyId, sourceIp, endpoint, userAgent, calledVia, region } = caller
  if (error !== undefined || accessKeyId === undefined || calledVia) return undefined
  const { FunctionName, Qualifier, InvocationType, LogType } = invokeParameters(input)
  const { ExecutedVersion } = invokeParameters(output ?? {})
  const from = endpoint ? `${endpoint.vpcEndpointId} ${endpoint.sourceIp}` : sourceIp
  return `${accessKeyId}|${region}|${from}|${userAgent}|${operation}|${FunctionName}|${Qualifier}|${InvocationType}|${LogType}|${ExecutedVersion}`
}
