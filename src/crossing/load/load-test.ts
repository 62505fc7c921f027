/** A load test from end to end: finds out who signs and what the callees are, runs the load, and reads the callees' logs. */
import { createClients, type AwsAccess, type Clients, type Signer } from '../access.ts'
import type { FunctionReference, InvocationType } from '../crossing.ts'
import type { Spacing } from './arrivals.ts'
import { readCalleeFacts } from './callee-facts.ts'
import { runLoad, type EngineResult } from './engine.ts'
import type { Host } from './connections.ts'
import { samplesOf, withEventFailures } from './event-failures.ts'
import { estimateRun, type Estimate } from './estimate.ts'
import { Histogram } from './histogram.ts'
import { lambdaHost } from './lambda-host.ts'
import { requirePayload, type PayloadSource } from './payload.ts'
import { PRICES } from './prices.ts'
import type { LoadProfile } from './profile.ts'
import { notePortErrors, readAllLogs, readUntoldErrors, textOf, watchEvents } from './read-callees.ts'
import type { SecondRecord } from './recorder.ts'
import { RUN_VERSION, type CalleeFacts, type RunCrossing, type RunData } from './run-data.ts'
import { findSigner, type LoadSigner } from './who-signs.ts'

export interface LoadCrossing {
  /** ARN of a function or role, `account:function`, or the name of an account or profile. */
  readonly from: string
  readonly to: FunctionReference
  readonly type: InvocationType
  readonly payload: PayloadSource
  readonly weight: number
}

export interface LoadSettings {
  readonly profile: LoadProfile
  readonly spacing: Spacing
  readonly seed: number
  readonly thinkTimeMs: number
  readonly inFlightMax: number
  /** By the longest timeout of the callees when absent. */
  readonly timeoutMs?: number
  readonly invocationsMax: number
  readonly workers: number
  /** How long asynchronous events are waited for after the last was accepted; absent: they are not followed. */
  readonly drainMs?: number
}

export interface PreparedCrossing extends LoadCrossing {
  readonly signer: LoadSigner
  readonly callee: CalleeFacts
  /** Absent: nobody here may read in the callee's account. */
  readonly calleeClients: Clients | undefined
}

export interface PreparedLoad {
  readonly access: AwsAccess
  readonly settings: LoadSettings
  readonly timeoutMs: number
  readonly host: Host
  readonly crossings: readonly PreparedCrossing[]
  readonly estimate: Estimate
  readonly notes: readonly string[]
}

/** What a callee needs at most beyond its own timeout: to start, and to be reached. */
const TIMEOUT_MARGIN_MS = 15_000
export const TIMEOUT_MS_UNKNOWN = 60_000
/** Requests that can be found again in the log: 48 MB. */
const JOURNAL_ROWS_MAX = 1_000_000
/** A generator's p99 lateness that is worth a word: in itself, and beside the p99 of what it measures. */
const LATE_MS_MIN = 5
const LATE_PART_OF_SERVICE = 0.1

/** Reads only; throws `UserError`. */
export async function prepareLoad(
  access: AwsAccess,
  accounts: ReadonlyMap<string, string>,
  crossings: readonly LoadCrossing[],
  settings: LoadSettings,
): Promise<PreparedLoad> {
  for (const { payload } of crossings) await requirePayload(payload)
  const notes: string[] = []
  const prepared = await Promise.all(
    crossings.map(async (crossing): Promise<PreparedCrossing> => {
      const signer = await findSigner(access, crossing.from, accounts)
      if (signer.note !== undefined) notes.push(signer.note)
      const administrator = access.signers.get(crossing.to.account)
      const calleeClients = administrator && createClients(access, administrator)
      const callee = calleeClients
        ? await readCalleeFacts(calleeClients, crossing.to, (what, error) => {
            notes.push(`${crossing.to.arn}: ${what} could not be read: ${textOf(error)}`)
          })
        : {}
      if (!calleeClients) {
        notes.push(
          `${crossing.to.arn}: there are no credentials of its account, so its limits and its log are not read`,
        )
      }
      return { ...crossing, signer, callee, calleeClients }
    }),
  )
  const timeouts = prepared.map(({ callee }) => callee.timeoutMs)
  const longest = Math.max(...timeouts.map((timeoutMs) => timeoutMs ?? TIMEOUT_MS_UNKNOWN))
  return {
    access,
    settings,
    timeoutMs: settings.timeoutMs ?? longest + TIMEOUT_MARGIN_MS,
    host: await lambdaHost(access, anySigner(access, crossings)),
    crossings: prepared,
    estimate: estimateRun(settings.profile, prepared, { prices: PRICES, thinkTimeMs: settings.thinkTimeMs }),
    notes,
  }
}

/** Of the account that is called, or of any: they are profiles of one AWS. */
export function anySigner(access: AwsAccess, crossings: readonly LoadCrossing[]): Signer | undefined {
  const callee = crossings[0] && access.signers.get(crossings[0].to.account)
  return callee ?? access.signers.values().next().value
}

export interface RunWatch {
  readonly onSecond: (second: number, records: readonly SecondRecord[]) => void
  readonly onReading: () => void
  readonly signal: AbortSignal
}

export async function executeLoad(prepared: PreparedLoad, watch: RunWatch): Promise<RunData> {
  const { access, settings, crossings, timeoutMs, host } = prepared
  const notes = [...prepared.notes]
  const givenUp = await watchEvents(prepared, (note) => notes.push(note))
  const result = await runLoad({
    order: {
      profile: settings.profile,
      spacing: settings.spacing,
      seed: settings.seed,
      thinkTimeMs: settings.thinkTimeMs,
      host,
      isLocal: access.endpoint !== undefined,
      region: access.region,
      inFlightMax: settings.inFlightMax,
      timeoutMs,
      invocationsMax: settings.invocationsMax,
      journalRowsMax: JOURNAL_ROWS_MAX,
    },
    crossings: crossings.map(({ to, type, payload, weight, signer }) => ({
      functionArn: to.arn,
      type,
      payload,
      weight,
      keys: signer.keys,
    })),
    workers: settings.workers,
    onSecond: watch.onSecond,
    signal: watch.signal,
  })
  watch.onReading()
  const logs = await readAllLogs(prepared, { ...result, givenUp }, (note) => notes.push(note))
  const failures = logs.flatMap((log) => log.failures)
  const told = withEventFailures(result.seconds, failures)
  const untold = await readUntoldErrors(prepared, logs, { ...result, seconds: told }, (note) => notes.push(note))
  const seconds = withEventFailures(told, untold)
  await notePortErrors(prepared, { seconds, startedAtEpochMs: result.startedAtEpochMs }, (note) => notes.push(note))
  const sent = result.seconds.reduce((sum, record) => sum + record.sent, 0)
  const stoppedBy = watch.signal.aborted
    ? ('signal' as const)
    : sent >= settings.invocationsMax
      ? ('max-invocations' as const)
      : undefined
  const late = latenessNote(result)
  if (late !== undefined) notes.push(late)
  return {
    version: RUN_VERSION,
    startedAt: new Date(result.startedAtEpochMs).toISOString(),
    ...(access.endpoint !== undefined && { endpoint: access.endpoint }),
    region: access.region,
    profile: settings.profile,
    spacing: settings.spacing,
    thinkTimeMs: settings.thinkTimeMs,
    seed: settings.seed,
    inFlightMax: settings.inFlightMax,
    timeoutMs,
    workers: settings.workers,
    crossings: crossings.map(describeCrossing),
    seconds,
    service: result.service,
    lateness: result.lateness,
    samples: [...result.samples, ...samplesOf(failures)],
    logs: logs.map(({ figures }) => figures),
    ...(stoppedBy && { stoppedBy }),
    notes,
  }
}

/** Latency counts from the intended start, so a generator that is late is in it: nobody shall take that for the callee's. */
export function latenessNote({ lateness, service }: Pick<EngineResult, 'lateness' | 'service'>): string | undefined {
  const [late, took] = [Histogram.of(lateness).percentile(0.99), Histogram.of(service).percentile(0.99)]
  if (late < LATE_MS_MIN || late < took * LATE_PART_OF_SERVICE) return undefined
  return `the generator itself was ${late.toFixed(0)} ms late at p99, which is part of the latency: this machine has too much to do, so look at the times from sending to answer`
}

export function describeCrossing({ from, to, type, weight, signer, callee }: PreparedCrossing): RunCrossing {
  return {
    from,
    to: to.arn,
    account: to.account,
    type,
    weight,
    signedBy: signer.principal,
    evidence: signer.isTheNamedOne ? 'executed' : 'executed by another principal',
    callee,
  }
}
