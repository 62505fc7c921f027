/**
 * Messages whose borders are known: a managed runtime writes each console call as one frame, so that a message of several lines is one
 * log event. The layout is that of AWS's runtime clients: type (4 bytes), length (4), microseconds since the epoch (8), message.
 */
import type { LogEvent } from '../compute.ts'

const HEADER_BYTES = 16
const FRAME_TYPE = 0xa55a0000

/** What is left of the bytes after the whole frames; bytes that are no frame are dropped, for a function may write to any descriptor. */
export function takeFrames(bytes: Buffer, take: (event: LogEvent) => void): Buffer {
  let start = 0
  while (bytes.length - start >= HEADER_BYTES) {
    if ((bytes.readUInt32BE(start) & 0xffff0000) >>> 0 !== FRAME_TYPE) return Buffer.alloc(0)
    const end = start + HEADER_BYTES + bytes.readUInt32BE(start + 4)
    if (end > bytes.length) break
    const timestampMs = Math.floor(Number(bytes.readBigUInt64BE(start + 8)) / 1000)
    take({ timestampMs, message: bytes.toString('utf8', start + HEADER_BYTES, end) })
    start = end
  }
  return bytes.subarray(start)
}
