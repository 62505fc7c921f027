/** `results.json`: what was measured, by what command, on what machine. */
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { DrainMeasurements } from './async-drain.ts'
import type { AsyncMeasurements } from './async-invoke.ts'
import type { Verdict } from './budgets.ts'
import type { ColdStartMeasurements } from './cold-start.ts'
import type { EnvironmentMemory } from './environment-memory.ts'
import type { OperationMeasurement } from './control-plane.ts'
import type { InvokeMeasurement } from './invoke.ts'
import type { NetworkMeasurements } from './network.ts'
import type { LoadGeneratorMeasurements } from './load-generator.ts'
import type { Measurement as PolicyMeasurement } from './policy.ts'
import type { SimulationMeasurement } from './simulate.ts'
import type { StartUpMeasurements } from './start-up.ts'
import type { VpcFunctionMeasurements } from './vpc-functions.ts'

export interface Results {
  readonly policy: readonly PolicyMeasurement[]
  readonly startUp: StartUpMeasurements
  readonly coldStart: ColdStartMeasurements
  readonly environmentMemory: EnvironmentMemory
  readonly invoke: readonly InvokeMeasurement[]
  readonly controlPlane: readonly OperationMeasurement[]
  readonly asyncInvoke: AsyncMeasurements
  readonly asyncDrain: DrainMeasurements
  /** Undefined where the machine has no namespaces for us. */
  readonly network: NetworkMeasurements | undefined
  readonly vpcFunctions: VpcFunctionMeasurements | undefined
  readonly loadGenerator: LoadGeneratorMeasurements
  readonly simulation: readonly SimulationMeasurement[]
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
  /** The load average of the minute before the run: above zero, somebody else was at work. */
  readonly loadBefore: number
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.versions.node,
    loadBefore: loadavg()[0] ?? 0,
  }
}

export async function writeResults(machine: Machine, results: Results, verdicts: readonly Verdict[]): Promise<void> {
  const run = { command: 'npm run bench', date: new Date().toISOString(), commit: commit(), machine }
  const text = JSON.stringify({ ...run, verdicts, ...results }, rounded, 2)
  await writeFile(join(import.meta.dirname, 'results.json'), `${text}\n`)
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

/** More digits than the measurement has would only make every run a larger difference. */
export function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value
}
