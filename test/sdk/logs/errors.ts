/** What a refused call is expected to say. */
import { expect } from 'vitest'

/** Resolves when the call is refused with exactly this error. */
export async function expectRefusal(call: Promise<unknown>, name: string, message: string): Promise<void> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ name, message })
}

export const NO_GROUP = ['ResourceNotFoundException', 'The specified log group does not exist.'] as const
export const NO_STREAM = ['ResourceNotFoundException', 'The specified log stream does not exist.'] as const
