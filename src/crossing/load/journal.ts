/**
 * Which request was when and how long, so that it can be found again in the callee's log: six numbers a request, in one piece of memory that
 * a worker can hand over whole.
 */

export interface JournalRow {
  readonly crossing: number
  /** In which it was to start, from the end of the warm-up: clocks of the wall do not tell it to the millisecond. */
  readonly second: number
  readonly intendedEpochMs: number
  readonly latencyMs: number
  readonly succeeded: boolean
}

/** Of a request id's 128 bits, as many as a number holds: enough to tell a million apart. */
const KEY_HEX_DIGITS = 13
const FIELDS = 6
const ROWS_AT_FIRST = 1024

export function requestKey(requestId: string): number {
  return Number.parseInt(requestId.replaceAll('-', '').slice(0, KEY_HEX_DIGITS), 16)
}

export class Journal {
  #cells = new Float64Array(ROWS_AT_FIRST * FIELDS)
  #rows = 0
  readonly #rowsMax: number

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax
  }

  write(requestId: string, { crossing, second, intendedEpochMs, latencyMs, succeeded }: JournalRow): void {
    if (this.#rows >= this.#rowsMax) return
    const at = this.#rows++ * FIELDS
    if (at === this.#cells.length) {
      const larger = new Float64Array(this.#cells.length * 2)
      larger.set(this.#cells)
      this.#cells = larger
    }
    this.#cells[at] = requestKey(requestId)
    this.#cells[at + 1] = crossing
    this.#cells[at + 2] = intendedEpochMs
    this.#cells[at + 3] = latencyMs
    this.#cells[at + 4] = succeeded ? 1 : 0
    this.#cells[at + 5] = second
  }

  cells(): Float64Array<ArrayBuffer> {
    return this.#cells.slice(0, this.#rows * FIELDS)
  }
}

/** Request key → row, of one crossing. */
export function journalOf(parts: readonly Float64Array[], crossing: number): Map<number, JournalRow> {
  const rows = new Map<number, JournalRow>()
  for (const cells of parts) {
    for (let at = 0; at < cells.length; at += FIELDS) {
      const [key = 0, of = 0, intendedEpochMs = 0, latencyMs = 0, succeeded = 0, second = 0] = cells.subarray(
        at,
        at + FIELDS,
      )
      if (of === crossing) rows.set(key, { crossing, second, intendedEpochMs, latencyMs, succeeded: succeeded === 1 })
    }
  }
  return rows
}
