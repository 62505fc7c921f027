/** A response on its way from the function to who reads it: what the data plane writes is read at the reader's pace. */
import { PassThrough } from 'node:stream'

import type { InvocationResult, ResponseSink } from '../../../compute/compute.ts'

export interface StreamedResponse {
  /** As the function says; absent when it has ended without a byte. */
  readonly contentType?: string
  /** To be read to its end. Breaks off with an error when the environment was lost. */
  readonly chunks: AsyncIterable<Buffer>
  /** Once all chunks have been read. */
  readonly result: Promise<InvocationResult>
}

/** Resolves when the function begins to write, or has ended. Rejects as `run` does before that. */
export async function streamedResponse(
  run: (sink: ResponseSink) => Promise<InvocationResult>,
): Promise<StreamedResponse> {
  const chunks = new PassThrough()
  let begun: (contentType: string) => void = () => {}
  const beginning = new Promise<string>((resolve) => (begun = resolve))
  const result = run({
    begin: (contentType) => begun(contentType),
    write: (chunk) => chunks.write(chunk),
    drained: (proceed) => void chunks.once('drain', proceed),
  })
  result.then(
    () => chunks.end(),
    (error: Error) => chunks.destroy(error),
  )
  // Who never reads the chunks hears of a failure from the result.
  chunks.on('error', () => {})
  const contentType = await Promise.race([beginning, result.then(() => undefined)])
  return { ...(contentType !== undefined && { contentType }), chunks, result }
}
