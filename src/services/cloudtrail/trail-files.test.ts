/** The files of records, on a real folder. */
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { systemClock } from '../../core/clock.ts'
import { createTrailFiles } from './trail-files.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'isthmus-trail-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

const open = (bytesMax?: number) =>
  createTrailFiles(
    directory,
    systemClock,
    (error) => {
      throw error
    },
    bytesMax,
  )

it('has the lines of each account in their order, also those of a process before', async () => {
  const first = open()
  for (const index of [1, 2]) first.append('a', [`{"index":${index}}`])
  first.append('b', ['{}'])
  await first.close()
  // What a kill left of a line.
  appendFileSync(join(directory, 'a.jsonl'), '{"ind')
  const second = open()
  second.append('a', ['{"index":3}'])
  await second.close()
  expect(open().lines('a', '')).toEqual(['{"index":1}', '{"index":2}', '{"index":3}'])
  expect(open().lines('b', '')).toEqual(['{}'])
})

it('puts a full file aside, and keeps one of those', async () => {
  for (let index = 1; index <= 5; index++) {
    const files = open(20)
    files.append('a', [`{"index":${index}}`])
    await files.close()
  }
  expect(new Set(readdirSync(directory))).toEqual(new Set(['a.jsonl', 'a.1.jsonl']))
  expect(open().lines('a', '')).toEqual(['{"index":4}', '{"index":5}'])
})

it('is empty once it is cleared', async () => {
  const files = open()
  files.append('a', ['{}'])
  await files.close()
  files.clear()
  expect(existsSync(join(directory, 'a.jsonl'))).toBe(false)
})
