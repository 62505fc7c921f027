/** Bodies that clients compress: PutMetricData's, from 10 KB on. https://smithy.io/2.0/spec/behavior-traits.html#requestcompression-trait */
import { gunzipSync } from 'node:zlib'

import { header, type WireRequest } from './message.ts'

/** A request of 1 MB is the largest that AWS takes; one that unpacks to more than this is not unpacked. */
const UNPACKED_BYTES_MAX = 8 * 1_048_576

/** The body as it was before it was compressed. Undefined: it is not what its header says, or too large. */
export function plainBody(request: Pick<WireRequest, 'headers' | 'body'>): Buffer | undefined {
  if (header(request, 'content-encoding') !== 'gzip') return request.body
  try {
    return gunzipSync(request.body, { maxOutputLength: UNPACKED_BYTES_MAX })
  } catch {
    return undefined
  }
}
