/** Cuts what comes out of a pipe into lines. */

/** AWS's limit for one log event; a longer line without an end is cut here. */
const LINE_BYTES_MAX = 262_144
const NEW_LINE = 0x0a

export interface LineSplitter {
  /** Each line keeps its end. */
  push(chunk: Buffer): void
  /** Hands on a line that has no end. */
  finish(): void
}

export function createLineSplitter(take: (line: string) => void): LineSplitter {
  let held = Buffer.alloc(0)
  return {
    push(chunk) {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      let start = 0
      for (let end = bytes.indexOf(NEW_LINE); end >= 0; end = bytes.indexOf(NEW_LINE, start)) {
        take(bytes.toString('utf8', start, end + 1))
        start = end + 1
      }
      held = Buffer.from(bytes.subarray(start))
      if (held.length >= LINE_BYTES_MAX) this.finish()
    },
    finish() {
      if (held.length === 0) return
      const line = held.toString()
      held = Buffer.alloc(0)
      take(line)
    },
  }
}
