/** One small run as the summary, the table, the comparison and the page have it. */
import { describe, expect, it } from 'vitest'

import type { Cause } from './cause.ts'
import { compareRuns, differencesOfLoad } from './compare.ts'
import { csvOf } from './csv.ts'
import { judgeRun } from './figures.ts'
import { Histogram } from './histogram.ts'
import { loadReport } from './report/page.ts'
import type { SecondRecord } from './recorder.ts'
import { parseRun, RUN_VERSION, type RunData } from './run-data.ts'
import { summaryOf } from './summary.ts'
import { parseThreshold } from './threshold.ts'

const THROTTLE: Cause = { kind: 'throttle', name: 'ReservedFunctionConcurrentInvocationLimitExceeded' }
const TIMEOUT: Cause = { kind: 'timeout', name: 'Sandbox.Timedout', detail: 'handler' }
const CALLEE = 'arn:aws:lambda:us-east-1:444455556666:function:callee:prod'

function data(...values: readonly number[]) {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram.toData()
}

function second(second: number, latencies: readonly number[], more: Partial<SecondRecord> = {}): SecondRecord {
  const failed = (more.causes ?? []).reduce((sum, { count }) => sum + count, 0)
  return {
    second,
    crossing: 0,
    sent: latencies.length + failed,
    succeeded: latencies.length,
    dropped: 0,
    inFlightMax: 2,
    latency: data(...latencies),
    causes: [],
    ...more,
  }
}

const RUN: RunData = {
  version: RUN_VERSION,
  startedAt: '2026-11-30T12:00:00.000Z',
  endpoint: 'http://127.0.0.1:4566',
  region: 'us-east-1',
  profile: { executor: 'constant-arrival-rate', start: 5, stages: [{ durationMs: 2000, target: 5 }], warmUpMs: 1000 },
  spacing: 'even',
  seed: 1,
  inFlightMax: 10,
  timeoutMs: 15_000,
  workers: 1,
  crossings: [
    {
      from: 'source:caller',
      to: CALLEE,
      account: '444455556666',
      type: 'RequestResponse',
      weight: 1,
      signedBy: 'arn:aws:sts::111122223333:assumed-role/caller-role/caller',
      evidence: 'executed',
      callee: { concurrencyLimit: { kind: 'reserved', value: 2 } },
    },
  ],
  seconds: [
    second(-1, [999, 999], { causes: [{ cause: THROTTLE, count: 7 }] }),
    second(0, [10, 20, 30], { causes: [{ cause: THROTTLE, count: 2 }] }),
    second(1, [40], { causes: [{ cause: TIMEOUT, count: 3 }], dropped: 1, inFlightMax: 5 }),
    second(2, [], { inFlightMax: 4 }),
  ],
  service: data(9, 19, 29, 39),
  lateness: data(0.5, 0.7),
  samples: [{ cause: THROTTLE, crossing: 0, requestId: 'r-1', message: 'Rate "Exceeded", <b>', atEpochMs: 0 }],
  logs: [
    {
      crossing: 0,
      reports: 7,
      requests: 7,
      coldStarts: 2,
      cold: data(40),
      warm: data(10, 20, 30),
      init: data(100, 110),
      duration: data(1, 2),
      billed: data(2, 2),
      coldBySecond: [[1, 2]],
      runningBySecond: [[0, 2]],
      initTimeouts: 1,
    },
  ],
  notes: ['a note'],
}

describe('the summary', () => {
  const thresholds = ['p99<30ms', 'errors<60%', 'throttles==2', 'coldStarts<=2', 'timeouts<3', 'rate>=2'].map(
    parseThreshold,
  )
  const summary = summaryOf(RUN, judgeRun(RUN, thresholds))

  it('leaves the warm-up out, counts what was dropped apart, and names causes', () => {
    expect(summary).toMatchObject({
      summary: true,
      sent: 9,
      succeeded: 4,
      dropped: 1,
      coldStarts: 2,
      inFlightMax: 5,
      latencyMs: { p50: 20.031, p90: 40, p99: 40, p999: 40, max: 40 },
      generatorLatenessMs: { p99: 0.7 },
      accounts: [{ account: '444455556666', sent: 9, succeeded: 4, throttles: 2 }],
      notes: ['a note'],
    })
  })

  it('tells a timeout of init by the log, and gives a request to look into', () => {
    expect(summary.causes).toEqual([
      { cause: 'Sandbox.Timedout', kind: 'timeout', count: 2, detail: 'handler' },
      { cause: THROTTLE.name, kind: 'throttle', count: 2, requestId: 'r-1', message: 'Rate "Exceeded", <b>' },
      { cause: 'Sandbox.Timedout', kind: 'timeout', count: 1, detail: 'init' },
    ])
  })

  it('judges the thresholds', () => {
    expect(summary.thresholds.map(({ value, ok }) => [value, ok])).toEqual([
      [40, false],
      [5 / 9, true],
      [2, true],
      [2, true],
      [3, false],
      [2, true],
    ])
  })
})

it('the table has every second, crossing and cause', () => {
  const [head, ...rows] = csvOf(RUN).trimEnd().split('\r\n')
  expect(head).toBe(
    `second,to,account,from,type,sent,succeeded,failed,dropped,inFlightMax,coldStarts,p50Ms,p90Ms,p99Ms,p999Ms,maxMs,${THROTTLE.name},Sandbox.Timedout (handler)`,
  )
  expect(rows).toEqual([
    `0,${CALLEE},444455556666,source:caller,RequestResponse,5,3,2,0,2,0,20.031,30.000,30.000,30.000,30.000,2,0`,
    `1,${CALLEE},444455556666,source:caller,RequestResponse,4,1,3,1,5,2,40.000,40.000,40.000,40.000,40.000,0,3`,
    `2,${CALLEE},444455556666,source:caller,RequestResponse,0,0,0,0,4,0,,,,,,0,0`,
  ])
})

describe('a comparison', () => {
  it('of a run with itself finds no change', () => {
    expect(compareRuns(RUN, RUN).filter(({ change }) => change !== undefined && change !== 0)).toEqual([])
    expect(differencesOfLoad(RUN, RUN)).toEqual([])
  })

  it('says how much a figure changed, and what was not the same load', () => {
    // A cloud of its own has another port every time; AWS is another place.
    const slower = { ...RUN, seconds: [second(0, [20, 40, 60])], endpoint: 'http://127.0.0.1:9' }
    const row = compareRuns(RUN, slower).find(({ name }) => name === 'latency.p90')
    expect(row).toMatchObject({ before: 40, after: 60, change: 0.5, worse: 'more' })
    const { endpoint: _, ...onAws } = slower
    expect([slower, onAws].map((run) => differencesOfLoad(RUN, run))).toEqual([[], ['place']])
  })
})

describe('the page', () => {
  const page = loadReport(RUN, judgeRun(RUN, [parseThreshold('p99<30ms')]), RUN)

  it('needs nothing else, and has nothing in it that is not its own', () => {
    expect(page).not.toMatch(/<script|<link|<img|src=|href=|url\(|@import/)
    expect(page).toContain('Rate &quot;Exceeded&quot;, &lt;b&gt;')
    expect(page).not.toContain('<b>,')
  })

  it('has a plot of each thing, and balanced markup', () => {
    for (const title of [
      'Latency from the intended start',
      'Invocations a second',
      'Concurrency',
      'Causes of what did not succeed',
      'Cold starts',
      'How often which latency was measured',
      'Compared with the run of 2026-11-30 12:00',
    ]) {
      expect(page).toContain(title)
    }
    const open: string[] = []
    for (const [, close, name = ''] of page.matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
      if (name === 'meta') continue
      if (close === '') open.push(name)
      else expect(open.pop()).toBe(name)
    }
    expect(open).toEqual([])
    expect(page).not.toMatch(/NaN|undefined|Infinity/)
  })
})

it('a saved run is read again, and nothing else is', () => {
  expect(parseRun(JSON.stringify(RUN), 'run.json')).toEqual(RUN)
  expect(() => parseRun('{', 'run.json')).toThrow('is not JSON')
  expect(() => parseRun('{"version":99}', 'run.json')).toThrow('is not a run of version 1')
})
