/**
 * Engine and reference model on a hundred thousand situations, in shares that run beside each other. `ISTHMUS_CASES` asks for another number,
 * `ISTHMUS_SEED` repeats a run. What they once disagreed about is, in its smallest form, a case in `test/policy-cases/reference-model.yaml`.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Outcome } from '../../src/policy/model.ts'
import { engineVerdict } from './engine.ts'
import { referenceVerdict } from './model.ts'
import { SituationArbitrary } from './situations.ts'

const ALL_CASES = Number(process.env['ISTHMUS_CASES'] ?? 100_000)
const SEED = process.env['ISTHMUS_SEED']
/** A hundred thousand take half a minute of one core; other work may have most of that core. */
const TIMEOUT_MS = 300_000 * Math.max(1, ALL_CASES / 100_000)
/** Below it a histogram says that the generator hardly tests that outcome. */
const SHARE_MIN = 0.15

/** The test of one of `shares` equal shares; `share` counts from 0. A seed is that of one share. */
export function testShare(share: number, shares: number): void {
  const cases = Math.ceil(ALL_CASES / shares)
  test(
    `the engine decides ${cases} situations as the reference model does, and names the same layer (share ${share + 1} of ${shares})`,
    () => compare(cases),
    TIMEOUT_MS,
  )
}

function compare(cases: number): void {
  const seen = new Map<string, number>()
  const count = (key: string): void => void seen.set(key, (seen.get(key) ?? 0) + 1)
  let shrinking = false
  fc.assert(
    fc.property(new SituationArbitrary(), (situation) => {
      const expected = referenceVerdict(situation)
      const actual = engineVerdict(situation)
      if (!shrinking) {
        count(expected.outcome)
        count(`${expected.outcome} by ${expected.blockedBy ?? 'nothing'}`)
      }
      shrinking ||= expected.outcome !== actual.outcome || expected.blockedBy !== actual.blockedBy
      if (shrinking) expect(actual).toEqual(expected)
    }),
    { numRuns: cases, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
  )
  const shareOf = (key: string): number => (seen.get(key) ?? 0) / cases
  const lines = [...seen.keys()].sort().map((key) => `${(shareOf(key) * 100).toFixed(1).padStart(5)} %  ${key}`)
  process.stdout.write(`${cases} situations\n${lines.join('\n')}\n`)
  for (const outcome of ['allow', 'implicit_deny', 'explicit_deny'] satisfies Outcome[]) {
    expect(shareOf(outcome), outcome).toBeGreaterThanOrEqual(SHARE_MIN)
  }
}
