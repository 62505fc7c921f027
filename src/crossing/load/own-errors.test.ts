/** Which invocation an error in the log is of, whichever line comes first. */
import { expect, it } from 'vitest'

import { createOwnErrors } from './own-errors.ts'

const ID = '3f2c1a10-0000-4000-8000-000000000001'
const report = (requestId: string, durationMs: number) =>
  ({ kind: 'report', requestId, durationMs, billedMs: durationMs }) as const
const error = (errorType: string, requestId?: string) =>
  ({ kind: 'own-error', errorType, errorMessage: '', ...(requestId !== undefined && { requestId }) }) as const

it('is of the request that it names, wherever and whenever it was written', () => {
  const errors = createOwnErrors()
  errors.add(error('OrderRejected', ID), 99_000, 'b')
  expect(errors.of(report(ID, 5), 1000, 'a')).toMatchObject({ errorType: 'OrderRejected' })
  expect(errors.of(report(ID.replace('3f2c', '4f2c'), 5), 1000, 'a')).toBeUndefined()
})

it('is else of the request that its stream had then', () => {
  const errors = createOwnErrors()
  errors.add(error('First'), 1004, 'a')
  errors.add(error('Second'), 2000, 'a')
  const of = (durationMs: number, timestampMs: number, stream: string) =>
    errors.of(report(ID, durationMs), timestampMs, stream)?.errorType
  expect([of(5, 1005, 'a'), of(10, 2003, 'a'), of(400, 1500, 'a'), of(5, 1005, 'b')]).toEqual([
    'First',
    'Second',
    undefined,
    undefined,
  ])
})
