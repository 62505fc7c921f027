/**
 * Engine and reference model on a hundred thousand situations. `ISTHMUS_CASES` asks for more, `ISTHMUS_SEED` repeats a run. What they once
 * disagreed about is, in its smallest form, a case in `test/policy-cases/reference-model.yaml`.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Outcome } from '../../src/policy/model.ts'
import { engineVerdict } from './engine.ts'
import { referenceVerdict } from './model.ts'
import { SituationArbitrary } from './situations.ts'

const CASES = Number(process.env['ISTHMUS_CASES'] ?? 100_000)
const SEED = process.env['ISTHMUS_SEED']
/** It takes half a minute of one core; other work may have most of that core. */
const TIMEOUT_MS = 300_000 * Math.max(1, CASES / 100_000)
/** Below it a histogram says that the generator hardly tests that outcome. */
const SHARE_MIN = 0.15

test(
  `the engine decides ${CASES} situations as the reference model does, and names the same layer`,
  () => {
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
        expect(actual).toEqual(expected)
      }),
      { numRuns: CASES, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
    )
    const share = (key: string): number => (seen.get(key) ?? 0) / CASES
    const lines = [...seen.keys()].sort().map((key) => `${(share(key) * 100).toFixed(1).padStart(5)} %  ${key}`)
    process.stdout.write(`${CASES} situations\n${lines.join('\n')}\n`)
    for (const outcome of ['allow', 'implicit_deny', 'explicit_deny'] satisfies Outcome[]) {
      expect(share(outcome), outcome).toBeGreaterThanOrEqual(SHARE_MIN)
    }
  },
  TIMEOUT_MS,
)
