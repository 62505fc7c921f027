/** Logs across restarts, on a real folder. */
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { systemClock } from '../../core/clock.ts'
import type { LogEntry } from './group-log.ts'
import { createLogFiles } from './log-files.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'isthmus-logs-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

const failures: unknown[] = []
const open = () => createLogFiles(directory, systemClock, (error) => failures.push(error))

const ENTRIES: readonly LogEntry[] = [
  ['stream', 's', 1],
  ['event', 's', 2, 3, 'two\nlines'],
]

it('reads back what was appended before it was closed', () => {
  const files = open()
  files.append('g', ENTRIES.slice(0, 1))
  files.append('g', ENTRIES.slice(1))
  files.close()
  expect(open().load('g')).toEqual(ENTRIES)
  expect(open().load('other')).toEqual([])
})

it('writes by itself after a moment', async () => {
  const files = open()
  files.append('g', ENTRIES)
  for (let waited = 0; waited < 200 && open().load('g').length < ENTRIES.length; waited++) await delay(20)
  expect(open().load('g')).toEqual(ENTRIES)
  files.append('g', [['deleted', 's']])
  files.close()
  expect(open().load('g')).toEqual([...ENTRIES, ['deleted', 's']])
  expect(failures).toEqual([])
})

it('leaves out a line that a kill cut short', () => {
  const files = open()
  files.append('g', ENTRIES)
  files.close()
  appendFileSync(join(directory, 'g.jsonl'), '["event","s",4,')
  expect(open().load('g')).toEqual(ENTRIES)
})

it('goes on after a line that was cut short', () => {
  appendFileSync(join(directory, 'g.jsonl'), '["event","s",4,')
  const files = open()
  files.load('g')
  files.append('g', ENTRIES)
  files.close()
  expect(open().load('g')).toEqual(ENTRIES)
})

it('replaces and removes whole files', () => {
  const files = open()
  files.append('g', ENTRIES)
  files.append('h', ENTRIES)
  files.close()
  files.replace('g', ENTRIES.slice(0, 1))
  files.remove('h')
  files.close()
  expect(open().load('g')).toEqual(ENTRIES.slice(0, 1))
  expect(readdirSync(directory)).toEqual(['g.jsonl'])
})

it('removes the files of groups that are no more', () => {
  const files = open()
  files.append('g', ENTRIES)
  files.append('h', ENTRIES)
  files.close()
  open().retain(new Set(['h']))
  expect(readdirSync(directory)).toEqual(['h.jsonl'])
})
