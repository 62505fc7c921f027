/** One thread's share of the load: sends what is due, and records what comes back. Runs in a worker, or wherever it is called. */
import { createSigningKeyCache } from '../../core/signature-v4/signing-key.ts'
import type { AccessKeys } from '../access.ts'
import type { InvocationType } from '../crossing.ts'
import { pickByWeight, type Spacing } from './arrivals.ts'
import { CLIENT_TIMEOUT, causeOf, causeOfSilence, messageOf, type Answer, type Cause, type CauseKind } from './cause.ts'
import { createConnections, type Exchanged, type Host } from './connections.ts'
import { headerOf } from './http-answer.ts'
import { createRequests } from './invoke-request.ts'
import { Journal } from './journal.ts'
import { runArrivals } from './open-loop.ts'
import { compilePayload, type PayloadSource } from './payload.ts'
import { isOpen, type LoadProfile } from './profile.ts'
import { type Batch, Recorder } from './recorder.ts'
import { seededRandom } from './seeded-random.ts'
import { runVirtualUsers } from './virtual-users.ts'

export interface GeneratorCrossing {
  readonly functionArn: string
  readonly type: InvocationType
  readonly payload: PayloadSource
  readonly weight: number
  readonly keys: AccessKeys
}

export interface GeneratorOrder {
  readonly profile: LoadProfile
  readonly spacing: Spacing
  readonly seed: number
  /** Between an answer and the next invocation of a virtual user. */
  readonly thinkTimeMs: number
  /** This thread's share: every `of`-th invocation or virtual user, from the `index`-th. */
  readonly share: { readonly index: number; readonly of: number }
  readonly crossings: readonly GeneratorCrossing[]
  readonly host: Host
  readonly isLocal: boolean
  readonly region: string
  readonly inFlightMax: number
  readonly timeoutMs: number
  /** The share of the hard cap. */
  readonly invocationsMax: number
  readonly journalRowsMax: number
}

export interface Generator {
  /** Resolves when everything that was sent has been answered or given up. `atMs` is on `sharedNow`'s clock. */
  run(atMs: number): Promise<void>
  /** No more is sent; what is in flight is waited for. */
  stop(): void
  renew(crossing: number, keys: AccessKeys): void
  take(): Batch
  journal(): Float64Array<ArrayBuffer>
}

/** What a loop decides when to do. */
export interface Sending {
  /**
   * `intendedMs` is from the beginning of the whole profile; `answered` is called when the answer is in, never before this returns.
   * `dropped`: too many are in flight. `over`: nothing more is to be sent.
   */
  send(sequence: number, intendedMs: number, answered?: () => void): 'sent' | 'dropped' | 'over'
  /** From the beginning of the whole profile. */
  now(): number
  readonly isStopped: boolean
}

const SWEEP_MS = 50
/** What becomes of an invocation that ran, and has a line in the log. */
const RAN: ReadonlySet<CauseKind> = new Set(['function-error', 'timeout', 'network', 'downstream-connections'])
const START_OF_THREAD_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** Milliseconds on a clock that all threads of the process share. */
export function sharedNow(): number {
  return performance.now() + START_OF_THREAD_MS
}

export async function createGenerator(order: GeneratorOrder): Promise<Generator> {
  const { profile, crossings, region } = order
  const makers = await Promise.all(crossings.map(({ payload }) => compilePayload(payload)))
  const requests = crossings.map(({ functionArn, type }) => createRequests({ functionArn, type, host: order.host }))
  const cache = createSigningKeyCache()
  const signings = crossings.map(({ keys }) => ({ keys, region, service: 'lambda', cache }))
  const weights = crossings.map(({ weight }) => weight)
  const connections = createConnections(order.host)
  const recorder = new Recorder(crossings.length)
  const journal = new Journal(order.journalRowsMax)
  const inFlight = crossings.map(() => 0)
  let inFlightTotal = 0
  let sentTotal = 0
  let stopped = false
  let beginMs = 0
  let drained: (() => void) | undefined

  const secondOf = (ms: number) => Math.floor((ms - profile.warmUpMs) / 1000)
  const now = () => sharedNow() - beginMs

  const send: Sending['send'] = (sequence, intendedMs, answered) => {
    const crossing = pickByWeight(sequence, weights)
    const second = secondOf(intendedMs)
    if (sentTotal >= order.invocationsMax) stopped = true
    if (stopped) return 'over'
    if (inFlightTotal >= order.inFlightMax) {
      recorder.dropped(second, crossing)
      return 'dropped'
    }
    const make = makers[crossing]
    const build = requests[crossing]
    const signing = signings[crossing]
    if (!make || !build || !signing) throw new Error(`there is no crossing ${crossing}`)
    const payload = make({ sequence, random: seededRandom(order.seed + sequence) })
    const request = build(payload, signing, Date.now())
    const sentMs = now()
    sentTotal++
    inFlightTotal++
    inFlight[crossing] = (inFlight[crossing] ?? 0) + 1
    recorder.sent(second, crossing, sentMs - intendedMs)
    recorder.inFlight(secondOf(sentMs), crossing, inFlight[crossing])
    connections.exchange(request, sentMs + order.timeoutMs, (exchanged) => {
      inFlightTotal--
      inFlight[crossing] = (inFlight[crossing] ?? 0) - 1
      record({ exchanged, crossing, second, intendedMs, sentMs })
      answered?.()
      if (inFlightTotal === 0) drained?.()
    })
    return 'sent'
  }

  interface Finished {
    readonly exchanged: Exchanged
    readonly crossing: number
    readonly second: number
    readonly intendedMs: number
    readonly sentMs: number
  }

  const record = ({ exchanged, crossing, second, intendedMs, sentMs }: Finished): void => {
    const nowMs = now()
    const latencyMs = nowMs - intendedMs
    const { requestId, cause, message } = readExchange(exchanged, order.isLocal)
    const intendedEpochMs = Date.now() - latencyMs
    if (requestId !== '' && second >= 0 && (cause === undefined || RAN.has(cause.kind))) {
      journal.write(requestId, { crossing, second, intendedEpochMs, latencyMs, succeeded: cause === undefined })
    }
    if (cause === undefined) recorder.succeeded(second, crossing, latencyMs, nowMs - sentMs)
    else recorder.failed(second, crossing, cause, () => ({ requestId, message: message(), atEpochMs: intendedEpochMs }))
  }

  return {
    async run(atMs) {
      beginMs = atMs
      const sweeper = setInterval(() => {
        const nowMs = now()
        connections.sweep(nowMs)
        for (const [crossing, count] of inFlight.entries()) {
          if (count > 0) recorder.inFlight(secondOf(nowMs), crossing, count)
        }
      }, SWEEP_MS)
      const sending: Sending = {
        send,
        now,
        get isStopped() {
          return stopped
        },
      }
      try {
        if (isOpen(profile)) await runArrivals(sending, order)
        else await runVirtualUsers(sending, order)
        if (inFlightTotal > 0) {
          await new Promise<void>((resolve) => {
            drained = resolve
          })
        }
      } finally {
        clearInterval(sweeper)
        connections.close()
      }
    },
    stop() {
      stopped = true
    },
    renew(crossing, keys) {
      signings[crossing] = { keys, region, service: 'lambda', cache }
    },
    take: () => recorder.take(),
    journal: () => journal.cells(),
  }
}

interface ReadExchange {
  readonly requestId: string
  readonly cause: Cause | undefined
  readonly message: () => string
}

function readExchange(exchanged: Exchanged, isLocal: boolean): ReadExchange {
  if ('failure' in exchanged) {
    const { failure } = exchanged
    const message = failure === CLIENT_TIMEOUT ? 'no answer came in time' : `the connection failed: ${failure}`
    return { requestId: '', cause: causeOfSilence(failure), message: () => message }
  }
  const { head, status, body } = exchanged.answer
  const answer: Answer = {
    status,
    errorType: headerOf(head, 'x-amzn-errortype'),
    functionError: headerOf(head, 'x-amz-function-error'),
    body,
  }
  return {
    requestId: headerOf(head, 'x-amzn-requestid') ?? '',
    cause: causeOf(answer, isLocal),
    message: () => messageOf(answer),
  }
}
