/**
 * Temporary credentials of a user do not open IAM: a federated user's never, a GetSessionToken session's only with MFA.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html#stsapi_comparison
 */
import { AwsError } from '../../core/aws-error.ts'
import type { Caller } from '../caller.ts'
import type { BoundOperations } from '../operation.ts'

/** The same operations, closed to such sessions in AWS's words. */
export function closedToUserSessions(operations: BoundOperations): BoundOperations {
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      {
        ...operation,
        permissions(input: object, caller: Caller) {
          refuseUserSession(caller)
          return operation.permissions(input, caller)
        },
      },
    ]),
  )
}

function refuseUserSession({ principal, session }: Caller): void {
  const isClosed =
    principal.kind === 'federated-user' ||
    (principal.kind === 'user' && session !== undefined && session.multiFactorAuthenticated !== true)
  if (!isClosed) return
  throw new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', { status: 403 })
}
