/** How much the store of metrics holds, and what it holds on to. */
import { expect, it } from 'vitest'

import { systemClock } from '../../core/clock.ts'
import { MINUTE_MS } from './limits.ts'
import { MetricStore } from './metric-store.ts'

const PLACE = { account: '111122223333', region: 'us-east-1' }
const SCOPE = `${PLACE.account}/${PLACE.region}`
const now = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS
const named = (name: string) => ({ namespace: 'n', name, dimensions: [], unit: 'None' })

function countsOf(store: MetricStore, name: string): number[] {
  return store.find(SCOPE, named(name)).flatMap((series) => Array.from(series.buckets('minute'), ({ count }) => count))
}

it('drops the buckets that were made first, and their metrics with the last of them', () => {
  const store = new MetricStore(systemClock, { cellsMax: 3 })
  for (const [index, name] of ['a', 'a', 'b', 'b', 'c'].entries())
    store.metric(PLACE, named(name)).add(1, now + index * MINUTE_MS)
  expect(store.all(SCOPE).map(({ metric }) => metric.name)).toEqual(['b', 'c'])
  expect(countsOf(store, 'b')).toEqual([1, 1])
})

it('counts different values, of which a bucket may have many', () => {
  const store = new MetricStore(systemClock, { cellsMax: 50 })
  store.metric(PLACE, named('early')).add(1, now)
  const metric = store.metric(PLACE, named('varied'))
  for (let value = 0; value < 60; value++) metric.add(value, now)
  store.metric(PLACE, named('late')).add(1, now)
  expect(store.all(SCOPE).map(({ metric: { name } }) => name)).toEqual(['late'])
  // A metric that was asked for before finds itself a new bucket.
  metric.add(1, now)
  expect(countsOf(store, 'varied')).toEqual([1])
})

it('is one metric, however often and by whomever it is asked for', () => {
  const store = new MetricStore(systemClock)
  const ordered = (names: readonly string[]) => ({
    ...named('m'),
    dimensions: names.map((name) => ({ name, value: 'v' })),
  })
  const [first, second] = [store.metric(PLACE, ordered(['a', 'b'])), store.metric(PLACE, ordered(['b', 'a']))]
  first.add(1, now)
  second.add(1, now)
  expect(store.all(SCOPE)).toHaveLength(1)
  expect(store.find(SCOPE, ordered(['b', 'a']))).toHaveLength(1)
})
