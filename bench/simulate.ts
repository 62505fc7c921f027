/**
 * How fast a plan simulates: a minute of load at internet scale, let in by Lambda's rules. Budget: a million requests a second, in five seconds.
 * Run directly: `npx tsx bench/simulate.ts`.
 */
import { pathToFileURL } from 'node:url'
import { formatTable } from '../src/cli/terminal/table.ts'
import { constantly, durationsOf, type Durations } from '../src/crossing/plan/simulation/durations.ts'
import { simulate } from '../src/crossing/plan/simulation/simulate.ts'

export interface SimulationMeasurement {
  readonly name: string
  readonly requestsPerSecond: number
  readonly arrived: number
  /** Of CPU time: other processes take none of it. */
  readonly seconds: number
}

const LOAD_MS = 60_000
const MEAN_MS = 100
const INIT_MS = 300
const LIMIT = 200_000
const QUANTILES = 100
/** What a budget is about. */
export const INTERNET_SCALE = 1_000_000

export function run(): Promise<SimulationMeasurement[]> {
  const exponential = durationsOf(
    Array.from({ length: QUANTILES }, (_, index) => -MEAN_MS * Math.log(1 - (index + 0.5) / QUANTILES)),
  )
  return Promise.resolve([
    measure('one by one', 3000, constantly(MEAN_MS)),
    measure('all take as long', 100_000, constantly(MEAN_MS)),
    measure('all take as long', INTERNET_SCALE, constantly(MEAN_MS)),
    measure('durations exponential', 100_000, exponential),
    measure('durations exponential', INTERNET_SCALE, exponential),
  ])
}

function measure(name: string, requestsPerSecond: number, duration: Durations): SimulationMeasurement {
  const startCpu = process.cpuUsage()
  const { seconds } = simulate({
    profile: {
      executor: 'constant-arrival-rate',
      start: requestsPerSecond,
      stages: [{ durationMs: LOAD_MS, target: requestsPerSecond }],
      warmUpMs: 0,
    },
    spacing: 'poisson',
    seed: 1,
    functions: [
      {
        scope: 'account/us-east-1',
        name: 'callee',
        accountLimit: LIMIT,
        unreserved: LIMIT,
        // So that the rate and the concurrency decide, and not how fast it grows.
        environmentsPerInterval: LIMIT,
        duration,
        init: constantly(INIT_MS),
      },
    ],
    sources: [{ fn: 0, version: '1', provisioned: 0, isSynchronous: true, weight: 1, eventAgeMs: 0 }],
    limits: 'apply',
    thinkTimeMs: 0,
    answerMs: 0,
  })
  const { user, system } = process.cpuUsage(startCpu)
  const arrived = seconds.reduce((sum, second) => sum + second.arrived, 0)
  return { name, requestsPerSecond, arrived, seconds: (user + system) / 1e6 }
}

export function tableOf(measurements: readonly SimulationMeasurement[]): string[] {
  return formatTable(
    [
      { title: 'A MINUTE OF LOAD, SIMULATED' },
      { title: 'REQUESTS/S', align: 'right' },
      { title: 'ARRIVALS', align: 'right' },
      { title: 'S OF CPU', align: 'right' },
    ],
    measurements.map(({ name, requestsPerSecond, arrived, seconds }) => [
      name,
      requestsPerSecond.toLocaleString('en-US'),
      arrived.toLocaleString('en-US'),
      seconds.toFixed(2),
    ]),
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(tableOf(await run()).join('\n'))
