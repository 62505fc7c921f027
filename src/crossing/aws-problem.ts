/** What is wrong between a person and AWS, and not with Isthmus: credentials, and the way there. */
import { UserError } from '../core/user-error.ts'

const CREDENTIAL_PROBLEMS =
  /^(CredentialsProviderError|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|TokenRefresh)/
const NETWORK_PROBLEMS = /^(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/
/** As in cli/exit-codes.ts. */
const ENVIRONMENT_LACKS = 3

/** Of an error of the SDK; undefined: it is another's. `account`: whose principal was to sign. */
export function awsProblem(error: unknown, account?: string): UserError | undefined {
  if (!(error instanceof Error)) return undefined
  const { name, message, code } = error as Error & { readonly code?: unknown }
  if (CREDENTIAL_PROBLEMS.test(name)) {
    return new UserError(`Nobody can sign${account === undefined ? '' : ` for account \`${account}\``}: ${message}`, {
      hint: 'Name a profile that can with --profile account=profile',
      cause: error,
    })
  }
  if (typeof code === 'string' && NETWORK_PROBLEMS.test(code)) {
    return new UserError(`AWS cannot be reached: ${message}`, { exitCode: ENVIRONMENT_LACKS, cause: error })
  }
  return undefined
}
