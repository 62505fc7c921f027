/** State against the real store in a temporary folder. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { UserError } from '../core/user-error.ts'
import { createState, scopeOf } from './state.ts'
import { openStore } from './store.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'state-test-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

const SCOPE = scopeOf('111122223333', 'us-east-1')

describe('state', () => {
  it('is there again when the store is opened again', async () => {
    const first = createState(openStore(directory))
    const shelf = first.collection<{ n: number }>('things').in(SCOPE)
    shelf.put('a', { n: 1 })
    shelf.put('b', { n: 2 })
    shelf.put('a', { n: 3 })
    shelf.delete('b')
    await first.commit()
    first.close()

    const second = createState(openStore(directory))
    expect(second.collection('things').in(SCOPE).values()).toEqual([{ n: 3 }])
    expect(second.collection('things').scopes()).toEqual([SCOPE])
    second.close()
  })

  it('keeps the order in which items were first put, over a restart too', async () => {
    const first = createState(openStore(directory))
    const shelf = first.collection<number>('things').in(SCOPE)
    for (const key of ['c', 'a', 'b']) shelf.put(key, 0)
    shelf.put('a', 1)
    await first.commit()
    first.close()
    const second = createState(openStore(directory))
    expect(second.collection<number>('things').in(SCOPE).values()).toEqual([0, 1, 0])
    second.close()
  })

  it('refuses a folder that another process or state has open', () => {
    const store = openStore(directory)
    expect(() => openStore(directory)).toThrow(UserError)
    expect(() => openStore(directory)).toThrow(/in use by another isthmus/)
    store.close()
    openStore(directory).close()
  })

  it('is replaced by a snapshot and emptied by a reset', async () => {
    const state = createState(openStore(directory))
    const shelf = state.collection<string>('things').in(SCOPE)
    shelf.put('a', 'before')
    const snapshot = state.snapshot()
    shelf.put('a', 'after')
    shelf.put('b', 'new')
    state.restore(snapshot)
    expect(shelf.values()).toEqual(['before'])
    state.reset()
    expect(shelf.values()).toEqual([])
    state.restore(snapshot)
    await state.commit()
    state.close()
    const again = createState(openStore(directory))
    expect(again.snapshot()).toEqual(snapshot)
    again.close()
  })

  it('holds after any puts and deletes what a plain map holds', async () => {
    const key = fc.constantFrom('a', 'b', 'c')
    const step = fc.oneof(
      fc.record({ key, value: fc.jsonValue() }),
      fc.record({ key, deleted: fc.constant(true) }),
      fc.constant('commit' as const),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        rmSync(directory, { recursive: true, force: true })
        const expected = new Map<string, unknown>()
        const state = createState(openStore(directory))
        const shelf = state.collection<unknown>('things').in(SCOPE)
        for (const done of steps) {
          if (done === 'commit') await state.commit()
          else if ('deleted' in done) {
            shelf.delete(done.key)
            expected.delete(done.key)
          } else {
            shelf.put(done.key, done.value)
            expected.set(done.key, done.value)
          }
        }
        await state.commit()
        state.close()
        const again = createState(openStore(directory))
        const found = again.collection<unknown>('things').in(SCOPE)
        for (const name of ['a', 'b', 'c']) {
          const plain = expected.has(name) ? (JSON.parse(JSON.stringify(expected.get(name))) as unknown) : undefined
          expect(found.get(name)).toEqual(plain)
        }
        again.close()
      }),
      { numRuns: 30 },
    )
  })
})
