/**
 * Logs across restarts: one file of JSON lines per group, appended in batches and read when the group is first asked for. Best effort: what was
 * logged in the last moments before a kill may be missing.
 */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { appendFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Clock } from '../../core/clock.ts'
import type { LogEntry } from './group-log.ts'
import { FILE_FLUSH_DELAY_MS, FILE_PENDING_CHARACTERS_MAX, GROUP_FILE_BYTES_MAX } from './limits.ts'

export interface LogFiles {
  /** What was appended to the group before, in another process perhaps. */
  load(groupId: string): readonly LogEntry[]
  append(groupId: string, entries: readonly LogEntry[]): void
  /** True when the group's file should be replaced. */
  isOversized(groupId: string): boolean
  replace(groupId: string, entries: Iterable<LogEntry>): void
  remove(groupId: string): void
  /** Removes the files of groups that are no more. */
  retain(groupIds: ReadonlySet<string>): void
  /** Writes what is still waiting. */
  close(): void
}

export const noLogFiles: LogFiles = {
  load: () => [],
  append: () => {},
  isOversized: () => false,
  replace: () => {},
  remove: () => {},
  retain: () => {},
  close: () => {},
}

const EXTENSION = '.jsonl'

type Pending =
  | { readonly kind: 'append' | 'replace'; readonly chunks: string[] }
  /** INVARIANT: group ids are never used again, so nothing follows a removal. */
  | { readonly kind: 'remove' }

export function createLogFiles(directory: string, clock: Clock, onError: (error: unknown) => void): LogFiles {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const pathOf = (groupId: string) => join(directory, `${groupId}${EXTENSION}`)
  let pending = new Map<string, Pending>()
  let pendingCharacters = 0
  /** Characters in the file, and how many there were after it was last written afresh. */
  const sizes = new Map<string, { now: number; fresh: number }>()
  let flushing = false
  let scheduled = false

  function schedule(): void {
    if (scheduled || flushing) return
    scheduled = true
    clock.after(FILE_FLUSH_DELAY_MS, () => {
      scheduled = false
      void flush()
    })
  }

  function takePending(): ReadonlyMap<string, Pending> {
    const batch = pending
    pending = new Map()
    pendingCharacters = 0
    return batch
  }

  async function flush(): Promise<void> {
    flushing = true
    const batch = takePending()
    for (const [groupId, work] of batch) {
      try {
        await perform(pathOf(groupId), work)
      } catch (error) {
        onError(error)
      }
    }
    flushing = false
    if (pending.size > 0) schedule()
  }

  function write(groupId: string, line: string): void {
    let work = pending.get(groupId)
    if (work?.kind === 'remove') return
    if (pendingCharacters + line.length > FILE_PENDING_CHARACTERS_MAX) {
      onError(new Error('the disk is too slow'))
      return
    }
    pendingCharacters += line.length
    if (!work) pending.set(groupId, (work = { kind: 'append', chunks: [] }))
    work.chunks.push(line)
    const size = sizes.get(groupId)
    if (size) size.now += line.length
    else sizes.set(groupId, { now: line.length, fresh: 0 })
    schedule()
  }

  return {
    load(groupId) {
      const text = readIfThere(pathOf(groupId))
      sizes.set(groupId, { now: text.length, fresh: 0 })
      // What follows a line that a kill cut short must not be lost with it.
      if (text !== '' && !text.endsWith('\n')) write(groupId, '\n')
      return parseLines(text)
    },
    append: (groupId, entries) => {
      for (const entry of entries) write(groupId, `${JSON.stringify(entry)}\n`)
    },
    isOversized(groupId) {
      const size = sizes.get(groupId)
      return size !== undefined && size.now > GROUP_FILE_BYTES_MAX && size.now > 2 * size.fresh
    },
    replace(groupId, entries) {
      const chunks = Array.from(entries, (entry) => `${JSON.stringify(entry)}\n`)
      const fresh = chunks.reduce((sum, line) => sum + line.length, 0)
      sizes.set(groupId, { now: fresh, fresh })
      pending.set(groupId, { kind: 'replace', chunks })
      schedule()
    },
    remove(groupId) {
      sizes.delete(groupId)
      pending.set(groupId, { kind: 'remove' })
      schedule()
    },
    retain(groupIds) {
      for (const name of readdirSync(directory)) {
        const isKept = name.endsWith(EXTENSION) && groupIds.has(name.slice(0, -EXTENSION.length))
        if (!isKept) rmSync(join(directory, name), { force: true })
      }
    },
    close() {
      const batch = takePending()
      for (const [groupId, work] of batch) performNow(pathOf(groupId), work)
    },
  }
}

async function perform(path: string, work: Pending): Promise<void> {
  switch (work.kind) {
    case 'append':
      return appendFile(path, work.chunks.join(''), { mode: 0o600 })
    case 'replace':
      await writeFile(`${path}.partial`, work.chunks.join(''), { mode: 0o600 })
      return rename(`${path}.partial`, path)
    case 'remove':
      return rm(path, { force: true })
  }
}

function performNow(path: string, work: Pending): void {
  switch (work.kind) {
    case 'append':
      return appendFileSync(path, work.chunks.join(''), { mode: 0o600 })
    case 'replace':
      return writeFileSync(path, work.chunks.join(''), { mode: 0o600 })
    case 'remove':
      return rmSync(path, { force: true })
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

/** A line cut short by a kill is left out. */
function* linesOf(text: string): Generator<LogEntry> {
  for (const line of text.split('\n')) {
    if (line === '') continue
    try {
      yield JSON.parse(line) as LogEntry
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
  }
}

function parseLines(text: string): readonly LogEntry[] {
  return [...linesOf(text)]
}
