/** The figures of a simulation, second by second and function by function. */
import type { AdmissionLimit } from '../../../core/lambda-admission.ts'
import type { SimulatedSecond } from './simulation.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export interface Cell extends Mutable<Omit<SimulatedSecond, 'throttled'>> {
  readonly throttled: Record<AdmissionLimit, number>
}

export interface Tally {
  /** Of the second that `atMs` of the whole profile is in. Moments come in order. */
  at(fn: number, atMs: number): Cell
  seconds(): readonly SimulatedSecond[]
}

/** `runningOf`: invocations of a function, before what happens at the moment that is counted. */
export function createTally(functions: number, warmUpMs: number, runningOf: (fn: number) => number): Tally {
  const cells: Cell[] = []
  const current: (Cell | undefined)[] = Array.from({ length: functions })
  return {
    at(fn, atMs) {
      const second = Math.floor((atMs - warmUpMs) / 1000)
      const latest = current[fn]
      if (latest?.second === second) return latest
      const cell: Cell = {
        second,
        fn,
        arrived: 0,
        served: 0,
        throttled: { reserved: 0, account: 0, rate: 0, scaling: 0 },
        unconnected: 0,
        coldStarts: 0,
        runningMax: runningOf(fn),
        running: runningOf(fn),
        queuedMax: 0,
        ageMaxMs: 0,
        expired: 0,
      }
      current[fn] = cell
      cells.push(cell)
      return cell
    },
    seconds: () => cells,
  }
}
