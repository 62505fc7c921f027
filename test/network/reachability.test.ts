/** The reachability cases against the evaluator. The kernel runs the very same ones with real packets. */
import { describe, expect, test } from 'vitest'

import { createReach } from '../../src/network/plan/reach.ts'
import { asExpected, loadReachabilityWorlds } from './reachability-cases.ts'

const worlds = loadReachabilityWorlds()

describe.each(worlds)('$name', ({ model, cases }) => {
  const reach = createReach(model)

  test.each(cases)('$name', ({ flow, expected }) => {
    expect(asExpected(reach(flow))).toEqual(expected)
  })
})

test('there are at least 120 cases, each with a name of its own', () => {
  const names = worlds.flatMap(({ cases }) => cases.map(({ name }) => name))
  expect(names.length).toBeGreaterThanOrEqual(120)
  expect(new Set(names).size).toBe(names.length)
})
