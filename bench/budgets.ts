/** What the measurements are held to: ratios within one run where a figure alone would measure the machine. */
import { formatTable } from '../src/cli/terminal/table.ts'
import type { Machine, Results } from './results.ts'
import { INTERNET_SCALE } from './simulate.ts'

export interface Verdict {
  readonly what: string
  readonly budget: string
  readonly measured: string
  /** `not judged`: a figure of this machine alone, and the machine was busy with other things. */
  readonly outcome: 'met' | 'missed' | 'not judged'
}

const INVOKE_RATIO_MIN = 0.5
const INVOKE_P50_MS_MAX = 2
const COLD_START_RATIO_MAX = 0.5
const BURST_MS_MAX = 3000
const FIRST_ANSWER_MS_MAX = 500
const IDLE_MB_MAX = 120
const LOAD_PER_SECOND_MIN = 5000
const SIMULATION_S_MAX = 5
/** Above it, what the run shows is mostly what others left of the machine. */
const LOAD_PER_CORE_MAX = 0.5

export function verdictsOn(
  { invoke, policy, coldStart, startUp, loadGenerator, vpcFunctions, simulation }: Results,
  machine: Machine,
): readonly Verdict[] {
  const alone = invoke.find(({ concurrency }) => concurrency === 1)?.isthmus.p50Ms ?? Number.NaN
  const isBusy = machine.loadBefore / machine.cores > LOAD_PER_CORE_MAX
  const onThisMachine = (verdict: Verdict): Verdict =>
    isBusy && verdict.outcome === 'missed' ? { ...verdict, outcome: 'not judged' } : verdict
  return [
    ...invoke.flatMap(({ concurrency, ratio }) => {
      const what = `warm Invoke to bare node:http, ${concurrency} connections`
      return concurrency === 1 ? [] : [atLeast(what, INVOKE_RATIO_MIN, ratio, times)]
    }),
    onThisMachine(atMost('warm Invoke, 1 connection, p50', INVOKE_P50_MS_MAX, alone, milliseconds)),
    ...policy.flatMap(({ name, budget, perSecond }) =>
      budget === undefined ? [] : [onThisMachine(atLeast(name, budget, perSecond, perSecondOfCpu))],
    ),
    atMost('cold start to bare node, p50', COLD_START_RATIO_MAX, coldStart.coldMs / coldStart.bareNodeMs, times),
    ...(vpcFunctions
      ? [
          atMost(
            'cold Invoke in a VPC to bare node, p50',
            COLD_START_RATIO_MAX,
            vpcFunctions.coldInsideMs / vpcFunctions.bareNodeMs,
            times,
          ),
        ]
      : []),
    onThisMachine(atMost('100 cold starts at once', BURST_MS_MAX, coldStart.burstMs, milliseconds)),
    onThisMachine(atMost('up to the first answered call', FIRST_ANSWER_MS_MAX, startUp.firstAnswerMs, milliseconds)),
    onThisMachine(
      atLeast('load, signed invocations a second', LOAD_PER_SECOND_MIN, loadGenerator.flatOut.perSecond, perSecond),
    ),
    ...simulation
      .filter(({ requestsPerSecond }) => requestsPerSecond === INTERNET_SCALE)
      .map(({ name, seconds: taken }) =>
        onThisMachine(atMost(`a minute of 1,000,000/s simulated, ${name}`, SIMULATION_S_MAX, taken, seconds)),
      ),
    atMost('memory when idle', IDLE_MB_MAX, startUp.idleMb, megabytes),
  ]
}

type Format = (value: number) => string

const times: Format = (value) => `${value.toFixed(2)} ×`
const milliseconds: Format = (value) => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`
const seconds: Format = (value) => `${value.toFixed(2)} s`
const megabytes: Format = (value) => `${value.toFixed(0)} MB`
const perSecond: Format = (value) => `${value.toFixed(0)} /s`
const perSecondOfCpu: Format = (value) => `${value.toLocaleString('en-US')} /s`

function atLeast(what: string, min: number, measured: number, format: Format): Verdict {
  return { what, budget: `≥ ${format(min)}`, measured: format(measured), outcome: measured >= min ? 'met' : 'missed' }
}

function atMost(what: string, max: number, measured: number, format: Format): Verdict {
  return { what, budget: `≤ ${format(max)}`, measured: format(measured), outcome: measured <= max ? 'met' : 'missed' }
}

export function tableOf(verdicts: readonly Verdict[]): string[] {
  return formatTable(
    [{ title: 'BUDGET' }, { title: 'LIMIT', align: 'right' }, { title: 'MEASURED', align: 'right' }, { title: '' }],
    verdicts.map(({ what, budget, measured, outcome }) => [what, budget, measured, outcome]),
  )
}
