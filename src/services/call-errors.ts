/** What a service makes of the errors of another that it calls. */
import { AwsError } from '../core/aws-error.ts'

export function isAwsError(error: unknown, name: string): boolean {
  return error instanceof AwsError && error.name === name
}

/** What was to be made may be there already. */
export async function unlessExists(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!isAwsError(error, 'ResourceAlreadyExistsException')) throw error
  }
}
