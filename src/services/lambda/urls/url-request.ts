/** What a request to a function URL is, for the server that receives it and the operation that answers it. */
import type { WireRequest } from '../../../wire/message.ts'
import type { FunctionUrlRecord } from './url-store.ts'

export interface FunctionUrlRequest {
  readonly url: FunctionUrlRecord
  readonly request: WireRequest
  /** The path the function is to see, still percent-encoded. */
  readonly rawPath: string
}
