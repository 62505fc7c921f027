/**
 * What functions write goes to CloudWatch Logs as their execution role, so a role without permission has no logs, as on AWS.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
 */
import type { FunctionImage, LogEvent } from '../../compute/compute.ts'
import type { Clock } from '../../core/clock.ts'
import type { Caller } from '../caller.ts'
import { isAwsError, unlessExists } from '../call-errors.ts'
import type { CallOperation } from '../cloud-service.ts'

export interface FunctionLogs {
  /** Returns at once; events are sent in batches and dropped when the role may not write them. */
  write(image: FunctionImage, stream: string, events: readonly LogEvent[]): void
  /** Resolves when everything written so far has been sent or dropped. */
  flush(): Promise<void>
}

const FLUSH_MS = 15
/** Of PutLogEvents. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const BATCH_EVENTS_MAX = 10_000
const BATCH_BYTES_MAX = 1_048_576
const EVENT_OVERHEAD_BYTES = 26
/** Of one stream, waiting to be sent; what comes on top is dropped. */
const WAITING_EVENTS_MAX = 100_000
/** Streams that are known to exist. */
const KNOWN_STREAMS_MAX = 10_000
const NOTICED_FUNCTIONS_MAX = 10_000

interface Stream {
  readonly image: FunctionImage
  readonly name: string
  readonly key: string
  waiting: LogEvent[]
  sending: Promise<void> | undefined
}

export function createFunctionLogs(options: {
  readonly call: CallOperation
  readonly clock: Clock
  /** The execution role's own session; undefined once the role is gone. */
  readonly callerOf: (image: FunctionImage) => Caller | undefined
  readonly notice: (message: string) => void
}): FunctionLogs {
  const { call, clock } = options
  const streams = new Map<string, Stream>()
  const known = new Set<string>()
  const noticed = new Set<string>()
  const pauses = new Set<() => void>()

  /** A moment in which more events may join the batch; `flush` cuts it short. */
  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        timer.cancel()
        pauses.delete(end)
        resolve()
      }
      const timer = clock.after(FLUSH_MS, end)
      pauses.add(end)
    })
  }

  async function send(stream: Stream): Promise<void> {
    await pause()
    for (let batch = takeBatch(stream); batch.length > 0; batch = takeBatch(stream)) {
      try {
        await put(stream, batch)
      } catch (error) {
        stream.waiting = []
        noticeDropped(stream.image, error)
      }
    }
    streams.delete(stream.key)
  }

  /** Once per function: the reason names the stream, which differs every time. */
  function noticeDropped({ account, region, functionName }: FunctionImage, error: unknown): void {
    const name = `${functionName} in ${account}, ${region}`
    if (noticed.has(name)) return
    if (noticed.size < NOTICED_FUNCTIONS_MAX) noticed.add(name)
    options.notice(
      `The logs of the function ${name} are dropped: ${error instanceof Error ? error.message : String(error)}`,
    )
  }

  async function put(stream: Stream, events: readonly LogEvent[]): Promise<void> {
    const caller = options.callerOf(stream.image)
    if (!caller) throw new Error(`the role ${stream.image.roleArn} does not exist`)
    const names = { logGroupName: stream.image.logGroup, logStreamName: stream.name }
    const write = async () => {
      await ensureStream(caller, stream.key, names)
      await call(caller, 'logs', 'PutLogEvents', {
        ...names,
        logEvents: events.map(({ timestampMs, message }) => ({ timestamp: timestampMs, message })),
      })
    }
    try {
      await write()
    } catch (error) {
      // Somebody deleted the group or the stream meanwhile: it is made anew.
      if (!isAwsError(error, 'ResourceNotFoundException') || !known.delete(stream.key)) throw error
      await write()
    }
  }

  /** AWS makes the group only where it is missing, so a role for an existing group need not be allowed to. */
  async function ensureStream(
    caller: Caller,
    key: string,
    names: { readonly logGroupName: string; readonly logStreamName: string },
  ): Promise<void> {
    if (known.has(key)) return
    try {
      await unlessExists(call(caller, 'logs', 'CreateLogStream', names))
    } catch (error) {
      if (!isAwsError(error, 'ResourceNotFoundException')) throw error
      await unlessExists(call(caller, 'logs', 'CreateLogGroup', { logGroupName: names.logGroupName }))
      await unlessExists(call(caller, 'logs', 'CreateLogStream', names))
    }
    if (known.size >= KNOWN_STREAMS_MAX) known.clear()
    known.add(key)
  }

  return {
    write(image, name, events) {
      const key = `${image.account}/${image.region}/${image.logGroup}/${name}`
      let stream = streams.get(key)
      if (!stream) streams.set(key, (stream = { image, name, key, waiting: [], sending: undefined }))
      const room = WAITING_EVENTS_MAX - stream.waiting.length
      for (const event of room < events.length ? events.slice(0, room) : events) stream.waiting.push(event)
      stream.sending ??= send(stream)
    },
    async flush() {
      for (const end of pauses) end()
      await Promise.all([...streams.values()].map(({ sending }) => sending ?? Promise.resolve()))
    },
  }
}

function takeBatch(stream: Stream): readonly LogEvent[] {
  let bytes = 0
  let count = 0
  for (const { message } of stream.waiting) {
    bytes += Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES
    if (count >= BATCH_EVENTS_MAX || (count > 0 && bytes > BATCH_BYTES_MAX)) break
    count++
  }
  const batch = stream.waiting.slice(0, count)
  stream.waiting = stream.waiting.slice(count)
  return batch
}
