/** What is seen of a load test while it runs: a live view on a terminal, lines of text otherwise, JSON lines for a machine. */
import { Histogram } from '../crossing/load/histogram.ts'
import { formatDuration } from '../crossing/load/duration.ts'
import { mergeCauses } from '../crossing/load/figures.ts'
import type { PreparedLoad } from '../crossing/load/load-test.ts'
import { durationOf, isOpen, levelAt, wholeProfile } from '../crossing/load/profile.ts'
import type { SecondRecord } from '../crossing/load/recorder.ts'
import { sparkline } from './terminal/live.ts'
import type { Output } from './terminal/output.ts'

export interface LoadProgress {
  second(second: number, records: readonly SecondRecord[]): void
  reading(): void
  end(): void
}

/** Of a run without a person watching. */
const SECONDS_PER_LINE = 5
const SPARK_WIDTH = 60

/** The figures of one second over all crossings. */
interface SecondFigures {
  readonly second: number
  readonly sent: number
  readonly succeeded: number
  readonly failed: number
  readonly throttled: number
  readonly dropped: number
  readonly inFlight: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export function createProgress(prepared: PreparedLoad, output: Output, json: boolean): LoadProgress {
  if (json) return jsonProgress(output)
  return output.live ? liveProgress(prepared, output, output.live) : plainProgress(output)
}

function figuresOf(second: number, records: readonly SecondRecord[]): SecondFigures {
  const sum = (of: (record: SecondRecord) => number) => records.reduce((total, record) => total + of(record), 0)
  const causes = mergeCauses(records.flatMap((record) => record.causes))
  const latency = Histogram.of(...records.map((record) => record.latency))
  return {
    second,
    sent: sum(({ sent }) => sent),
    succeeded: sum(({ succeeded }) => succeeded),
    failed: causes.reduce((total, { count }) => total + count, 0),
    throttled: causes.filter(({ cause }) => cause.kind === 'throttle').reduce((total, { count }) => total + count, 0),
    dropped: sum(({ dropped }) => dropped),
    inFlight: sum(({ inFlightMax }) => inFlightMax),
    p50Ms: latency.percentile(0.5),
    p99Ms: latency.percentile(0.99),
  }
}

function jsonProgress(output: Output): LoadProgress {
  const nothing = () => undefined
  return {
    second: (second, records) => output.line(JSON.stringify(figuresOf(second, records))),
    reading: nothing,
    end: nothing,
  }
}

function plainProgress(output: Output): LoadProgress {
  let kept: SecondFigures[] = []
  return {
    second(second, records) {
      kept.push(figuresOf(second, records))
      if ((second + 1) % SECONDS_PER_LINE !== 0) return
      const sum = (of: (figures: SecondFigures) => number) => kept.reduce((total, figures) => total + of(figures), 0)
      const worst = Math.max(...kept.map(({ p99Ms }) => p99Ms))
      const where = second < 0 ? 'warm-up' : `${second + 1} s`
      output.note(
        `  ${where.padStart(7)}  ${(sum(({ sent }) => sent) / kept.length).toFixed(0)}/s, ` +
          `p99 at most ${worst.toFixed(1)} ms, ${Math.max(...kept.map(({ inFlight }) => inFlight))} in flight, ` +
          `${sum(({ failed }) => failed)} failed (${sum(({ throttled }) => throttled)} throttled), ` +
          `${sum(({ dropped }) => dropped)} dropped`,
      )
      kept = []
    },
    reading: () => output.note("  reading the callees' logs"),
    end: () => undefined,
  }
}

function liveProgress(prepared: PreparedLoad, output: Output, live: NonNullable<Output['live']>): LoadProgress {
  const { profile } = prepared.settings
  const whole = wholeProfile(profile)
  const totalMs = durationOf(whole)
  const limits = prepared.crossings.flatMap(({ callee }) => callee.concurrencyLimit?.value ?? [])
  const limit = limits.length === 1 ? ` of ${limits[0]}` : ''
  const history: SecondFigures[] = []
  let [failed, throttled, dropped, sent] = [0, 0, 0, 0]
  const dim = (text: string) => output.paint('dim', text)
  const row = (name: string, value: string, values: readonly number[]) => {
    const width = Math.max(0, Math.min(SPARK_WIDTH, output.columns - 42))
    return `  ${dim(name.padEnd(12))}${value.padEnd(26)}${output.paint('cyan', sparkline(values, width))}`
  }
  const alarming = (count: number) => (count === 0 ? '0' : output.paint('red', String(count)))
  return {
    second(second, records) {
      const figures = figuresOf(second, records)
      history.push(figures)
      if (second >= 0) {
        failed += figures.failed
        throttled += figures.throttled
        dropped += figures.dropped
        sent += figures.sent
      }
      const passedMs = Math.min(totalMs, (second + 1) * 1000 + profile.warmUpMs)
      const level = levelAt(whole, passedMs - 1)
      const wanted = isOpen(profile) ? `of ${level.toFixed(0)}/s` : `by ${level.toFixed(0)} users`
      const phase = second < 0 ? 'warming up' : `${formatDuration(passedMs)} of ${formatDuration(totalMs)}`
      live.draw([
        `  ${progressBar(passedMs / totalMs, 24)} ${phase}, ${sent} sent`,
        row(
          'rate',
          `${figures.sent}/s ${wanted}`,
          history.map((past) => past.sent),
        ),
        row(
          'latency',
          `p50 ${figures.p50Ms.toFixed(1)}  p99 ${figures.p99Ms.toFixed(1)} ms`,
          history.map((past) => past.p99Ms),
        ),
        row(
          'concurrency',
          `${figures.inFlight} in flight${limit}`,
          history.map((past) => past.inFlight),
        ),
        row(
          'throttled',
          `${figures.throttled}/s`,
          history.map((past) => past.throttled),
        ),
        `  ${dim('so far'.padEnd(12))}${alarming(failed)} failed, ${alarming(throttled)} of them throttled; ${alarming(dropped)} dropped`,
      ])
    },
    reading: () => live.draw(["  reading the callees' logs"]),
    end: () => live.clear(),
  }
}

function progressBar(part: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, part)) * width)
  return `${'━'.repeat(filled)}${'─'.repeat(width - filled)}`
}
