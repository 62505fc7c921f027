/** What may be subscribed to. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { subscriptionOf } from './subscription.ts'

const RIGHT = {
  schemaVersion: '2022-12-13',
  types: ['platform'],
  destination: { protocol: 'HTTP', URI: 'http://sandbox.localdomain:8080/sink?a=b' },
}
const subscribed = (changes: object) =>
  subscriptionOf('telemetry', Buffer.from(JSON.stringify({ ...RIGHT, ...changes })))
const LIMITS = [
  ['maxItems', 1000, 10_000],
  ['maxBytes', 262_144, 1_048_576],
  ['timeoutMs', 25, 30_000],
] as const

describe('a subscription', () => {
  it('has AWS’s defaults', () => {
    expect(subscribed({})).toEqual({
      api: 'telemetry',
      schemaVersion: '2022-12-13',
      types: ['platform'],
      destination: { protocol: 'HTTP', port: 8080, path: '/sink?a=b', method: 'POST' },
      buffering: { maxItems: 10_000, maxBytes: 262_144, timeoutMs: 1000 },
    })
    expect(subscribed({ destination: { protocol: 'TCP', port: 80 } })).toMatchObject({
      destination: { protocol: 'TCP', port: 80 },
    })
  })

  it.each(LIMITS)('takes a %s from %i to %i and refuses any other, by name', (name, min, max) => {
    fc.assert(
      fc.property(fc.integer({ min: -1, max: max * 2 }), (value) => {
        const result = subscribed({ buffering: { [name]: value } })
        if (value >= min && value <= max) expect(result).toMatchObject({ buffering: { [name]: value } })
        else expect(result).toBe(`${name} should be between ${min} and ${max}`)
      }),
    )
  })

  it.each([
    [
      { types: [], destination: { protocol: 'HTTP', URI: 'http://sandbox' } },
      'URI port is not provided; types should not be empty',
    ],
    [{ types: ['metrics'] }, 'types should be of platform, function, extension'],
    [{ schemaVersion: '2020-08-15' }, 'schemaVersion is not supported'],
    [{ destination: { protocol: 'HTTP', URI: 'http://example.com:80' } }, 'URI host should be sandbox.localdomain'],
    [{ destination: { protocol: 'HTTP', URI: 'https://sandbox:443' } }, 'URI is not valid'],
    [{ destination: { protocol: 'TCP', port: 9001 } }, 'port 9001 is reserved'],
    [{ destination: { protocol: 'UDP', port: 1 } }, 'protocol should be HTTP or TCP'],
  ])('%j is refused', (changes, problem) => {
    expect(subscribed(changes)).toBe(problem)
  })
})
