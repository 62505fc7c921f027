/**
 * The one error an AWS client is meant to see: thrown anywhere, turned into the protocol's own form once, by the server's pipeline.
 *
 * `name` is the shape's name in the SDK's model (`ResourceNotFoundException`, `NoSuchEntityException`); the wire layer takes the HTTP
 * status, the query-protocol code and the casing of the message member from that shape. A code that no model declares (EC2 has almost
 * none, and AWS's common errors are outside the models) is sent as it stands, with `status`.
 */
export interface AwsErrorOptions {
  /** HTTP status for a code that the service's model does not declare; 400 when absent. */
  readonly status?: number
  /** Further members of the error's shape: `Type`, `Reason`, `retryAfterSeconds`. */
  readonly fields?: Readonly<Record<string, string | number | undefined>>
  readonly cause?: unknown
}

export class AwsError extends Error {
  readonly status: number | undefined
  readonly fields: Readonly<Record<string, string | number | undefined>>

  constructor(name: string, message: string, options: AwsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = name
    this.status = options.status
    this.fields = options.fields ?? {}
  }
}
