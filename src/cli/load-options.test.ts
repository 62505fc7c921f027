/** What the options of `load` ask for, and which of them do not go together. */
import { describe, expect, it } from 'vitest'

import type { LoadCommandOptions } from './commands/load.ts'
import { settingsOf, thresholdsOf } from './load-options.ts'

const DEFAULTS: LoadCommandOptions = { seed: '1', state: '.isthmus' }
const EMPTY = { stages: [], thresholds: [] }

function profileOf(options: Partial<LoadCommandOptions>, section = {}) {
  return settingsOf({ ...DEFAULTS, ...options }, { ...EMPTY, ...section }).profile
}

describe('the profile', () => {
  it.each([
    [{}, { executor: 'constant-arrival-rate', start: 10, stages: [{ durationMs: 30_000, target: 10 }], warmUpMs: 0 }],
    [
      { rate: '0.5', duration: '2m', warmUp: '5s' },
      { executor: 'constant-arrival-rate', start: 0.5, stages: [{ durationMs: 120_000, target: 0.5 }], warmUpMs: 5000 },
    ],
    [
      { stage: ['10s:100', '0s:5', '1m:5'] },
      {
        executor: 'ramping-arrival-rate',
        start: 0,
        stages: [
          { durationMs: 10_000, target: 100 },
          { durationMs: 0, target: 5 },
          { durationMs: 60_000, target: 5 },
        ],
        warmUpMs: 0,
      },
    ],
    [{ vus: '3' }, { executor: 'constant-vus', start: 3, stages: [{ durationMs: 30_000, target: 3 }], warmUpMs: 0 }],
    [
      { vus: '1', stage: ['5s:9'] },
      { executor: 'ramping-vus', start: 1, stages: [{ durationMs: 5000, target: 9 }], warmUpMs: 0 },
    ],
  ] as const)('of %j is %j', (options, profile) => {
    expect(profileOf(options)).toEqual(profile)
  })

  it('is the project’s, unless an option says otherwise', () => {
    const section = { rate: 7, duration: '10s', warmUp: '1s' }
    expect(profileOf({}, section)).toMatchObject({
      start: 7,
      stages: [{ durationMs: 10_000, target: 7 }],
      warmUpMs: 1000,
    })
    expect(profileOf({ rate: '9' }, section)).toMatchObject({ start: 9, stages: [{ durationMs: 10_000, target: 9 }] })
    expect(profileOf({ vus: '2' }, section)).toMatchObject({ executor: 'constant-vus', start: 2 })
    const ramp = { stages: ['10s:50'] }
    expect(profileOf({}, ramp)).toMatchObject({ executor: 'ramping-arrival-rate', stages: [{ target: 50 }] })
    expect(profileOf({ duration: '5s', rate: '3' }, ramp)).toMatchObject({
      executor: 'constant-arrival-rate',
      start: 3,
    })
  })

  it.each([
    [{ rate: 'fast' }, '`fast` is not a number, as --rate expects'],
    [{ vus: '1.5' }, '`1.5` is not a whole number, as --vus expects'],
    [{ duration: '30' }, '`30` is not a duration'],
    [{ stage: ['30s'] }, '`30s` is not a stage, expected one such as 30s:200'],
    [{ executor: 'ramping-vus' }, 'ramping-vus needs at least one --stage'],
    [{ executor: 'constant-vus', rate: '5' }, '--rate does not go with constant-vus, expected --vus'],
    [{ executor: 'constant-arrival-rate', stage: ['1s:5'] }, '--stage does not go with constant-arrival-rate'],
    [{ vus: '2000' }, '`2000` virtual users cannot be in flight at once, expected at most 1000'],
    [{ rate: '0' }, 'The profile offers no load at all'],
    [{ endToEnd: true, type: 'sync' }, '--end-to-end goes with --type async'],
    [{ duration: '0s' }, 'The profile lasts no time at all'],
    [{ stage: ['5s:9'], duration: '5s' }, '--duration does not go with ramping-arrival-rate'],
    [{ rate: '5', thinkTime: '1s' }, '--think-time does not go with constant-arrival-rate, expected --vus'],
    [{ vus: '5', arrivals: 'poisson' }, '--arrivals does not go with constant-vus, expected --rate'],
    [{ maxInFlight: '0' }, '`0` is too few, as --max-in-flight expects at least 1'],
    [{ workers: '0' }, '`0` is too few, as --workers expects at least 1'],
    [{ maxInvocations: '0' }, '`0` is too few, as --max-invocations expects at least 1'],
    [{ timeout: '0s' }, '`0s` is no time at all, as --timeout expects'],
    [{ drain: '5s' }, '--drain goes with --end-to-end'],
    [{ out: 'k6' }, '--out goes with --export'],
    [{ profile: ['1=a'] }, '--profile goes with --aws'],
    [{ maxInFlight: '-1' }, '`-1` is not a whole number, as --max-in-flight expects'],
  ] as const)('of %j is refused: %s', (options, message) => {
    expect(() => profileOf(options)).toThrow(message)
  })
})

describe('the other settings', () => {
  it('cap what AWS is given, and nothing else', () => {
    const capOf = (options: Partial<LoadCommandOptions>) =>
      settingsOf({ ...DEFAULTS, ...options }, undefined).invocationsMax
    expect([capOf({}), capOf({ aws: true }), capOf({ aws: true, maxInvocations: '5' })]).toEqual([
      Number.MAX_SAFE_INTEGER,
      100_000,
      5,
    ])
  })

  it('judge by the options’ thresholds, else by the project’s', () => {
    const section = { ...EMPTY, thresholds: ['throttles==0'] }
    const expressions = (options: Partial<LoadCommandOptions>) =>
      thresholdsOf({ ...DEFAULTS, ...options }, section).map(({ expression }) => expression)
    expect([expressions({}), expressions({ threshold: ['p99<1s'] })]).toEqual([['throttles==0'], ['p99<1s']])
  })
})
