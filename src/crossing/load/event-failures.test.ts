/** Events that fail after the 202: what they are called, and how they change the figures. */
import { expect, it } from 'vitest'

import { failureOf, samplesOf, withEventFailures, type EventFailure } from './event-failures.ts'
import { Histogram } from './histogram.ts'
import type { SecondRecord } from './recorder.ts'

it.each([
  [{}, undefined],
  [{ error: { errorType: 'OrderRejected', errorMessage: 'no' } }, ['function-error', 'OrderRejected', undefined, 'no']],
  [
    { error: { errorType: 'Error', errorMessage: 'connect ECONNREFUSED 10.0.0.7:5432' } },
    ['network', 'Error', 'ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.7:5432'],
  ],
  [{ status: 'timeout' }, ['timeout', 'Sandbox.Timedout', 'handler', '']],
  [{ status: 'error', errorType: 'Runtime.ExitError' }, ['function-error', 'Runtime.ExitError', undefined, '']],
  [{ status: 'error' }, ['function-error', 'Unhandled', undefined, '']],
] as const)('%j is called %j', (outcome, expected) => {
  const found = failureOf(outcome)
  expect(found && [found.cause.kind, found.cause.name, found.cause.detail, found.message]).toEqual(expected)
})

const CAUSE = { kind: 'function-error', name: 'OrderRejected' } as const

function failure(second: number, crossing: number): EventFailure {
  return { second, crossing, cause: CAUSE, message: 'no', requestId: `${second}-${crossing}`, atEpochMs: 0 }
}

function record(second: number, crossing: number): SecondRecord {
  const causes = [{ cause: { kind: 'throttle', name: 'TooManyRequests' } as const, count: 1 }]
  return {
    second,
    crossing,
    sent: 5,
    succeeded: 4,
    dropped: 0,
    inFlightMax: 1,
    latency: new Histogram().toData(),
    causes,
  }
}

it('they are no successes of their second and crossing, and of no other', () => {
  const records = withEventFailures(
    [record(0, 0), record(0, 1), record(1, 0)],
    [failure(0, 1), failure(1, 0), failure(0, 1)],
  )
  expect(records.map(({ succeeded, causes }) => [succeeded, causes.map(({ count }) => count)])).toEqual([
    [4, [1]],
    [2, [1, 2]],
    [3, [1, 1]],
  ])
})

it('a few of each cause and crossing are kept to look into', () => {
  const samples = samplesOf([...Array.from({ length: 9 }, () => failure(0, 0)), failure(3, 1)])
  expect(samples.map(({ crossing }) => crossing)).toEqual([0, 0, 0, 1])
  expect(samples[3]).toEqual({ crossing: 1, cause: CAUSE, message: 'no', requestId: '3-1', atEpochMs: 0 })
})
