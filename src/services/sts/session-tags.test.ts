/** Session tags pass on through a chain and are refused in AWS's words. */
import { describe, expect, test } from 'vitest'

import type { Session } from '../caller.ts'
import { sessionTags } from './session-tags.ts'

const calling: Session = {
  issuedAtMs: 0,
  expiresAtMs: 1,
  policies: [],
  tags: { Team: 'red', Shift: 'night' },
  transitiveTagKeys: ['team'],
  chained: false,
}

describe('session tags', () => {
  test('inherit only the transitive ones of the calling session, which stay transitive', () => {
    expect(sessionTags([{ Key: 'Shift', Value: 'day' }], ['Shift'], calling)).toEqual({
      tags: { Team: 'red', Shift: 'day' },
      transitiveTagKeys: ['Team', 'Shift'],
    })
  })

  test('cannot override an inherited one, in whatever case', () => {
    expect(() => sessionTags([{ Key: 'TEAM', Value: 'blue' }], [], calling)).toThrow(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    )
  })

  test('cannot repeat a key in another case', () => {
    const tags = [
      { Key: 'a', Value: '1' },
      { Key: 'A', Value: '2' },
    ]
    expect(() => sessionTags(tags, [], undefined)).toThrow(
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    )
  })

  test('must contain every key that is to be transitive', () => {
    expect(() => sessionTags([], ['a'], undefined)).toThrow(
      'The specified transitive tag key must be included in the requested tags.',
    )
  })
})
