/** The order of an environment's phases. */
import { describe, expect, it } from 'vitest'

import { assertTransition, type EnvironmentState, NEXT } from './environment-state.ts'

describe('an execution environment', () => {
  it('refuses a phase out of turn, naming both', () => {
    expect(() => assertTransition('idle', 'init')).toThrow('may not go from `idle` to `init`')
  })

  it('may be shut down from every phase, and comes back from none', () => {
    const states = Object.keys(NEXT) as EnvironmentState[]
    expect(states.filter((state) => !NEXT[state].includes('shutdown'))).toEqual(['shutdown'])
    expect(NEXT.shutdown).toEqual([])
  })
})
