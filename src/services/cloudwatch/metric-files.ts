/**
 * Metrics across restarts: one file of JSON lines, to which every minute's buckets are appended once the minute is over. Best effort: a kill
 * loses what came after. A later line takes the place of an earlier one of the same bucket.
 */
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { appendFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import type { Clock, Timer } from '../../core/clock.ts'
import { createBucket, type Bucket } from './bucket.ts'
import { FILE_BYTES_MAX, MINUTE_MS } from './limits.ts'
import type { Held } from './metric-store.ts'
import { RESOLUTION_MS } from './series.ts'
import type { MetricName } from '../metrics.ts'

/** What a line says. */
export type Saved = Omit<Held, 'series'> & { readonly metric: MetricName }

export interface MetricFiles {
  /** The bucket gets values. */
  changed(held: Held): void
  /** What another process left; asked for once, before anything is written. */
  load(): Iterable<Saved>
  clear(): void
  /** Resolves when everything has been written. */
  close(): Promise<void>
}

export function createMetricFiles(options: {
  readonly path: string
  readonly clock: Clock
  /** Makes sure that `load` has been called. */
  readonly beforeWriting: () => void
  /** All there is, for a file that has grown too large. */
  readonly all: () => readonly Held[]
  readonly onError: (error: unknown) => void
}): MetricFiles {
  const { path, clock } = options
  const waiting = new Map<Bucket, Held>()
  let timer: Timer | undefined
  let writing = Promise.resolve()
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })

  function schedule(): void {
    timer ??= clock.after(MINUTE_MS, () => {
      timer = undefined
      write(clock.now())
      if (waiting.size > 0) schedule()
    })
  }

  /** Those that nothing more will be added to; late values bring a bucket back. */
  function write(nowMs: number): void {
    const over = [...waiting.values()].filter(
      ({ bucket, resolution }) => bucket.startMs + RESOLUTION_MS[resolution] <= nowMs,
    )
    if (over.length === 0) return
    options.beforeWriting()
    for (const { bucket } of over) waiting.delete(bucket)
    writing = writing.then(() => perform(over)).catch(options.onError)
  }

  async function perform(held: readonly Held[]): Promise<void> {
    // What follows a line that a kill cut short must not be lost with it.
    if (sizeOf(path) <= FILE_BYTES_MAX) return appendFile(path, `\n${textOf(held)}`, { mode: 0o600 })
    await writeFile(`${path}.partial`, textOf(options.all()), { mode: 0o600 })
    return rename(`${path}.partial`, path)
  }

  return {
    changed(held) {
      waiting.set(held.bucket, held)
      schedule()
    },
    load: () => savedIn(sizeOf(path) === 0 ? '' : readFileSync(path, 'utf8')),
    clear() {
      waiting.clear()
      rmSync(path, { force: true })
    },
    close() {
      timer?.cancel()
      write(Number.POSITIVE_INFINITY)
      return writing
    },
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function textOf(held: readonly Held[]): string {
  return held
    .map(({ scope, series: { metric }, resolution, bucket }) => {
      const { startMs, count, sum, min, max, hasSets, values } = bucket
      const line = { scope, metric, resolution, startMs, count, sum, min, max, hasSets, values: values && [...values] }
      return `${JSON.stringify(line)}\n`
    })
    .join('')
}

type Line = Pick<Saved, 'scope' | 'metric' | 'resolution'> &
  Omit<Bucket, 'values' | 'isDropped'> & { readonly values?: readonly (readonly [number, number])[] }

/** The last of each bucket; a line that a kill cut short is left out. */
function savedIn(text: string): Iterable<Saved> {
  const saved = new Map<string, Saved>()
  for (const line of text.split('\n')) {
    const parsed = lineFrom(line)
    if (!parsed) continue
    const { scope, metric, resolution, values, ...rest } = parsed
    const bucket = { ...createBucket(rest.startMs), ...rest, values: values && new Map(values) }
    saved.set(JSON.stringify([scope, metric, resolution, rest.startMs]), { scope, metric, resolution, bucket })
  }
  return saved.values()
}

function lineFrom(text: string): Line | undefined {
  if (!text.endsWith('}')) return undefined
  try {
    return JSON.parse(text) as Line
  } catch {
    return undefined
  }
}
