/**
 * Records as files: one of JSON lines per account, appended in batches, put aside once it is large. Best effort: what was recorded in the last
 * moments before a kill may be missing.
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Clock } from '../../core/clock.ts'
import { FILE_BYTES_MAX, FILE_WAITING_BYTES_MAX, WRITE_DELAY_MS } from './limits.ts'
import { LineBuffer } from './line-buffer.ts'

export interface TrailFiles {
  /** One line, in pieces that follow each other. */
  append(account: string, pieces: readonly string[]): void
  /** The lines of an account that contain a text, the oldest first. */
  lines(account: string, text: string): string[]
  /** Resolves when everything has been written. */
  close(): Promise<void>
  /** Removes all files. */
  clear(): void
}

const EXTENSION = '.jsonl'

export function createTrailFiles(
  directory: string,
  clock: Clock,
  onError: (error: unknown) => void,
  bytesMax = FILE_BYTES_MAX,
): TrailFiles {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const pathOf = (account: string) => join(directory, `${account}${EXTENSION}`)
  /** The file before the current one. */
  const asideOf = (account: string) => join(directory, `${account}.1${EXTENSION}`)
  const sizes = new Map<string, number>()
  /** What comes goes into one while the other is written. */
  let waiting = new Map<string, LineBuffer>()
  let written = new Map<string, LineBuffer>()
  let waitingBytes = 0
  let writing: Promise<void> | undefined
  let scheduled = false

  function take(): ReadonlyMap<string, LineBuffer> {
    const batch = waiting
    waiting = written
    written = batch
    waitingBytes = 0
    return batch
  }

  /** Where the account's next bytes go. */
  function pathFor(account: string, bytes: number): string {
    const path = pathOf(account)
    const size = sizes.get(account) ?? mended(path)
    const isFull = size > 0 && size + bytes > bytesMax
    if (isFull) renameSync(path, asideOf(account))
    sizes.set(account, (isFull ? 0 : size) + bytes)
    return path
  }

  function schedule(): void {
    if (scheduled || writing) return
    scheduled = true
    clock.after(WRITE_DELAY_MS, () => {
      scheduled = false
      write()
    })
  }

  function write(): void {
    writing ??= writeBatch().finally(() => {
      writing = undefined
      if (waitingBytes > 0) schedule()
    })
  }

  async function writeBatch(): Promise<void> {
    for (const [account, lines] of take()) {
      try {
        if (lines.length > 0) await appendFile(pathFor(account, lines.length), lines.bytes(), { mode: 0o600 })
      } catch (error) {
        onError(error)
      }
      lines.clear()
    }
  }

  return {
    append(account, pieces) {
      if (waitingBytes > FILE_WAITING_BYTES_MAX) {
        onError(new Error('the disk is too slow'))
        return
      }
      let lines = waiting.get(account)
      if (!lines) waiting.set(account, (lines = new LineBuffer()))
      const before = lines.length
      lines.add(pieces)
      waitingBytes += lines.length - before
      schedule()
    },
    lines: (account, text) =>
      [asideOf(account), pathOf(account)].flatMap((path) =>
        readIfThere(path)
          .split('\n')
          .filter((line) => line.includes(text) && isWhole(line)),
      ),
    async close() {
      await writing
      write()
      await writing
    },
    clear() {
      for (const lines of waiting.values()) lines.clear()
      waitingBytes = 0
      sizes.clear()
      for (const name of readdirSync(directory)) {
        if (name.endsWith(EXTENSION)) rmSync(join(directory, name), { force: true })
      }
    },
  }
}

/** Its size, once it ends with a whole line: what follows one that a kill cut short must not be lost with it. */
function mended(path: string): number {
  const size = sizeOf(path)
  if (size === 0) return size
  const file = openSync(path, 'r+')
  try {
    const last = Buffer.alloc(1)
    readSync(file, last, 0, 1, size - 1)
    return last.toString() === '\n' ? size : size + writeSync(file, '\n', size)
  } finally {
    closeSync(file)
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function readIfThere(path: string): string {
  return sizeOf(path) === 0 ? '' : readFileSync(path, 'utf8')
}

/** A line that a kill cut short is left out. */
function isWhole(line: string): boolean {
  if (!line.endsWith('}')) return false
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
