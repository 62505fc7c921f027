/** What a runtime may say, and when. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { mayBecome, type RuntimeState } from './runtime-state.ts'
import { Session } from './session.ts'

const STATES: readonly RuntimeState[] = [
  'Blank',
  'Started',
  'Ready',
  'Running',
  'InvocationResponse',
  'InvocationErrorResponse',
  'InitError',
]

describe('a session', () => {
  it('moves only as the table says, whatever a runtime asks for', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STATES)), (wishes) => {
        const session = new Session('Blank')
        for (const wish of wishes) {
          const from = session.state
          const allowed = mayBecome(from, wish)
          expect(session.become(wish)).toBe(allowed)
          expect(session.state).toBe(allowed ? wish : from)
        }
      }),
    )
  })

  it('answers an invocation once', () => {
    const session = new Session('Started')
    expect(session.become('InvocationResponse')).toBe(false)
    for (const state of ['Ready', 'Running', 'InvocationResponse'] as const) expect(session.become(state)).toBe(true)
    expect(session.become('InvocationErrorResponse')).toBe(false)
    expect(session.become('Ready')).toBe(true)
  })
})
