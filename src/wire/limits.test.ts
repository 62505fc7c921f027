/** The limits of Lambda’s front end, and how it words them. */
import { expect, test } from 'vitest'
import { requestBytesMax, requestTooLarge } from './limits.ts'

test('Lambda’s limits depend on the operation and how it is invoked', () => {
  expect(requestBytesMax('lambda', 'Invoke')).toBe(6_291_456)
  expect(requestBytesMax('lambda', 'Invoke', 'RequestResponse')).toBe(6_291_456)
  expect(requestBytesMax('lambda', 'Invoke', 'Event')).toBe(1_048_576)
  expect(requestBytesMax('lambda', 'CreateFunction')).toBe(70_167_211)
})

test('a request that is too large is refused in the words AWS was recorded to use', () => {
  expect(requestTooLarge('Invoke', 6_291_456)).toMatchObject({
    name: 'RequestEntityTooLargeException',
    status: 413,
    message: 'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
  })
  expect(requestTooLarge('CreateFunction', 70_167_211).message).toBe(
    'Request must be smaller than 70167211 bytes for the CreateFunction operation',
  )
})
