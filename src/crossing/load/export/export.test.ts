/** What other engines do not have is refused by name. */
import { describe, expect, it } from 'vitest'

import { parseThreshold } from '../threshold.ts'
import { artilleryFiles } from './artillery.ts'
import { k6Files } from './k6.ts'
import type { Scenario } from './scenario.ts'

const SCENARIO: Scenario = {
  profile: { executor: 'constant-arrival-rate', start: 5, stages: [{ durationMs: 2000, target: 5 }], warmUpMs: 0 },
  thinkTimeMs: 0,
  inFlightMax: 100,
  timeoutMs: 15_000,
  region: 'us-east-1',
  target: 'http://127.0.0.1:4566',
  crossings: [
    {
      functionArn: 'arn:aws:lambda:us-east-1:444455556666:function:callee:prod',
      type: 'RequestResponse',
      payload: { kind: 'texts', texts: ['{}'] },
      weight: 1,
    },
  ],
  thresholds: [],
}

describe.each([
  ['Artillery', artilleryFiles],
  ['k6', k6Files],
])('for %s', (engine, files) => {
  it('a threshold on what it does not measure', () => {
    const scenario = { ...SCENARIO, thresholds: [parseThreshold('cold.p99<1s')] }
    expect(() => files(scenario)).toThrow(`\`cold.p99<1s\` cannot be exported: ${engine} does not measure \`cold.p99\``)
  })

  it('a payload that a module makes', () => {
    const [crossing] = SCENARIO.crossings
    const crossings = crossing ? [{ ...crossing, payload: { kind: 'module' as const, path: '/p.mjs' } }] : []
    expect(() => files({ ...SCENARIO, crossings })).toThrow('The payload of `/p.mjs` cannot be exported')
  })
})

describe('for Artillery', () => {
  it('ramping virtual users', () => {
    const profile = { ...SCENARIO.profile, executor: 'ramping-vus' as const }
    expect(() => artilleryFiles({ ...SCENARIO, profile })).toThrow('Artillery has no ramping virtual users')
  })

  it('stages of no whole seconds', () => {
    const profile = { ...SCENARIO.profile, stages: [{ durationMs: 1500, target: 5 }] }
    expect(() => artilleryFiles({ ...SCENARIO, profile })).toThrow(
      "Artillery's phases last whole seconds, expected no stage of 1500 ms",
    )
  })
})
