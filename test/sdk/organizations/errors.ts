/** What a refused call is expected to say. */
import { expect } from 'vitest'

/** Resolves when the call is refused with exactly this error; `reason` is the member Organizations gives to its broader errors. */
export async function expectRefusal(
  call: Promise<unknown>,
  name: string,
  message: string,
  reason?: string,
): Promise<void> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ name, message, ...(reason !== undefined && { Reason: reason }) })
}
