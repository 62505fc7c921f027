/** What the measurements are held to: ratios within one run where a figure alone would measure the machine. */
import { formatTable } from '../src/cli/terminal/table.ts'
import type { Results } from './results.ts'

export interface Verdict {
  readonly what: string
  readonly budget: string
  readonly measured: string
  readonly met: boolean
}

const INVOKE_RATIO_MIN = 0.5
const INVOKE_P50_MS_MAX = 2
const DECISIONS_PER_SECOND_MIN = 100_000
const COLD_START_RATIO_MAX = 0.5
const BURST_MS_MAX = 3000
const FIRST_ANSWER_MS_MAX = 500
const IDLE_MB_MAX = 120

export function verdictsOn({ invoke, policy, coldStart, startUp }: Results): readonly Verdict[] {
  const single = invoke.find(({ concurrency }) => concurrency === 1)
  const [typical] = policy
  return [
    ...invoke
      .filter(({ concurrency }) => concurrency > 1)
      .map(({ concurrency, ratio }) =>
        atLeast(
          `warm Invoke, ${concurrency} connections, to bare node:http`,
          INVOKE_RATIO_MIN,
          ratio,
          (value) => `${value.toFixed(2)} ×`,
        ),
      ),
    atMost(
      'warm Invoke, 1 connection, p50',
      INVOKE_P50_MS_MAX,
      single?.isthmus.p50Ms ?? Number.NaN,
      (value) => `${value.toFixed(2)} ms`,
    ),
    atLeast(
      'typical policy decisions',
      DECISIONS_PER_SECOND_MIN,
      typical?.perSecond ?? Number.NaN,
      (value) => `${value.toLocaleString('en-US')} /s`,
    ),
    atMost(
      'cold start, to bare node',
      COLD_START_RATIO_MAX,
      coldStart.coldMs / coldStart.bareNodeMs,
      (value) => `${value.toFixed(2)} ×`,
    ),
    atMost('100 cold starts at once', BURST_MS_MAX, coldStart.burstMs, milliseconds),
    atMost('up to the first answered call', FIRST_ANSWER_MS_MAX, startUp.firstAnswerMs, milliseconds),
    atMost('memory when idle', IDLE_MB_MAX, startUp.idleMb, (value) => `${value.toFixed(0)} MB`),
  ]
}

type Format = (value: number) => string

function atLeast(what: string, min: number, measured: number, format: Format): Verdict {
  return { what, budget: `≥ ${format(min)}`, measured: format(measured), met: measured >= min }
}

function atMost(what: string, max: number, measured: number, format: Format): Verdict {
  return { what, budget: `≤ ${format(max)}`, measured: format(measured), met: measured <= max }
}

function milliseconds(value: number): string {
  return `${value.toFixed(0)} ms`
}

export function tableOf(verdicts: readonly Verdict[]): string[] {
  return formatTable(
    [{ title: 'BUDGET' }, { title: 'LIMIT', align: 'right' }, { title: 'MEASURED', align: 'right' }, { title: '' }],
    verdicts.map(({ what, budget, measured, met }) => [what, budget, measured, met ? 'met' : 'MISSED']),
  )
}
