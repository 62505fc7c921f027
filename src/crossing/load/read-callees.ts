/** What is read in the callees' accounts around a run: their logs, and the metrics of what no log has. What cannot be read is noted. */
import { ResourceNotFoundException } from '@aws-sdk/client-cloudwatch-logs'

import type { Clients } from '../access.ts'
import type { EngineResult } from './engine.ts'
import type { EventFailure } from './event-failures.ts'
import { givenUpCause, watchGivenUpEvents, type GivenUpEvents } from './given-up-events.ts'
import { journalOf } from './journal.ts'
import type { PreparedLoad } from './load-test.ts'
import { mayLackPort, portErrorsText, readPortErrors } from './port-errors.ts'
import { readLogs, type LogResult } from './read-logs.ts'
import { untoldFailures, type FollowedCallee } from './untold-errors.ts'

/** CloudWatch Logs shows a line seconds after it was written. */
const LOG_PATIENCE_MS = { local: 3_000, aws: 60_000 } as const
/** And counts minutes after. */
const METRIC_PATIENCE_MS = { local: 5_000, aws: 180_000 } as const
const LOG_POLL_MS = { local: 150, aws: 2_000 } as const

/** By crossing: who tells of events that are given up. Undefined: it has none, they are not followed, or nobody here may know. */
export async function watchEvents(
  { settings, crossings }: PreparedLoad,
  note: (text: string) => void,
): Promise<readonly (GivenUpEvents | undefined)[]> {
  if (settings.drainMs === undefined) return []
  return Promise.all(
    crossings.map(async ({ to, type, calleeClients }) => {
      if (!calleeClients || type !== 'Event') return undefined
      try {
        return await watchGivenUpEvents(calleeClients, to)
      } catch (error) {
        note(`${to.arn}: which of its events were given up is not known: ${textOf(error)}`)
        return undefined
      }
    }),
  )
}

/** Of every crossing whose callee's log may be read. */
export async function readAllLogs(
  { access, settings, crossings }: PreparedLoad,
  { journals, startedAtEpochMs, givenUp }: EngineResult & { readonly givenUp: readonly (GivenUpEvents | undefined)[] },
  note: (text: string) => void,
): Promise<readonly LogResult[]> {
  const place = access.endpoint === undefined ? 'aws' : 'local'
  const results: LogResult[] = []
  for (const [crossing, { to, type, callee, calleeClients }] of crossings.entries()) {
    const isAsync = type === 'Event'
    const events = givenUp[crossing]
    const journal = journalOf(journals, crossing)
    if (!calleeClients || callee.logGroup === undefined || journal.size === 0) continue
    if (isAsync && settings.drainMs === undefined) continue
    try {
      const read = await readLogs({
        logs: calleeClients.logs,
        logGroup: callee.logGroup,
        crossing,
        journal,
        startedAtEpochMs,
        isAsync,
        ...(events && { givenUp: { events, cause: givenUpCause(callee.concurrencyLimit?.value === 0) } }),
        patienceMs: isAsync ? (settings.drainMs ?? 0) : LOG_PATIENCE_MS[place],
        pollMs: LOG_POLL_MS[place],
      })
      results.push(read)
      const lacking = read.figures.requests - read.figures.reports
      if (lacking > 0 && !isAsync) {
        note(
          `${to.arn}: \`${callee.logGroup}\` has REPORT lines of ${read.figures.reports} of ${read.figures.requests} invocations`,
        )
      }
    } catch (error) {
      const reason = error instanceof ResourceNotFoundException ? 'there is no such group' : textOf(error)
      note(`${to.arn}: its log \`${callee.logGroup}\` could not be read, so cold starts are not known: ${reason}`)
    }
  }
  return results
}

/** Errors of the events that were followed in the logs, beyond what those tell. */
export function readUntoldErrors(
  prepared: PreparedLoad,
  logs: readonly LogResult[],
  load: Pick<EngineResult, 'seconds' | 'startedAtEpochMs'>,
  note: (text: string) => void,
): Promise<readonly EventFailure[]> {
  return untoldFailures(followedCallees(prepared, logs), load, note)
}

/** Of the crossings whose events were followed: each callee once. */
function followedCallees({ access, crossings }: PreparedLoad, logs: readonly LogResult[]): readonly FollowedCallee[] {
  const place = access.endpoint === undefined ? 'aws' : 'local'
  const callees = new Map<string, FollowedCallee>()
  for (const log of logs) {
    const { to, type, callee, calleeClients } = crossings[log.figures.crossing] ?? {}
    if (!to || !calleeClients || type !== 'Event') continue
    callees.set(to.arn, {
      to,
      runtime: callee?.runtime,
      cloudWatch: calleeClients.cloudWatch,
      logs: [...(callees.get(to.arn)?.logs ?? []), log],
      patienceMs: METRIC_PATIENCE_MS[place],
      pollMs: LOG_POLL_MS[place],
    })
  }
  return [...callees.values()]
}

/** Asked only where connections of a function in a VPC timed out. */
export async function notePortErrors(
  { access, crossings }: PreparedLoad,
  { seconds, startedAtEpochMs }: Pick<EngineResult, 'seconds' | 'startedAtEpochMs'>,
  note: (text: string) => void,
): Promise<void> {
  const place = access.endpoint === undefined ? 'aws' : 'local'
  const clientsOf = new Map<string, Clients>()
  for (const [crossing, { callee, calleeClients }] of crossings.entries()) {
    const timedOut = seconds.some(
      (record) => record.crossing === crossing && record.causes.some(({ cause }) => mayLackPort(cause)),
    )
    if (timedOut && calleeClients && callee.vpcId !== undefined) clientsOf.set(callee.vpcId, calleeClients)
  }
  for (const [vpcId, clients] of clientsOf) {
    const wait = { patienceMs: LOG_PATIENCE_MS[place], pollMs: LOG_POLL_MS[place] }
    try {
      const errors = await readPortErrors(clients, vpcId, { fromMs: startedAtEpochMs, ...wait })
      for (const found of errors) note(portErrorsText(found))
    } catch (error) {
      note(`${vpcId}: whether its NAT gateways had ports enough could not be read: ${textOf(error)}`)
    }
  }
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
