/** The engine against the plain transcription of AWS's pages, on random worlds. `POLICY_RUNS` sets how many. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide } from '../../src/policy/decide.ts'
import { decideByTheBook } from './reference.ts'
import { policiesOf, request, world } from './worlds.ts'

const RUNS = Number(process.env['POLICY_RUNS'] ?? 2000)

test('the engine decides as the pages say', () => {
  fc.assert(
    fc.property(request, world, (asked, from) => {
      expect(decide(asked, policiesOf(from)).outcome).toBe(decideByTheBook(asked, from))
    }),
    { numRuns: RUNS },
  )
})
