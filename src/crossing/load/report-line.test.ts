/** Lambda's own lines, as they were recorded, and the concurrency they add up to. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { mostAtOnce } from './read-logs.ts'
import { parseReportLine } from './report-line.ts'

const ID = '3f2c1a10-0000-4000-8000-000000000001'

describe('a line', () => {
  it.each([
    [
      `REPORT RequestId: ${ID}\tDuration: 1.69 ms\tBilled Duration: 132 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tInit Duration: 130.10 ms\t\n`,
      { kind: 'report', requestId: ID, durationMs: 1.69, billedMs: 132, initMs: 130.1 },
    ],
    [
      `REPORT RequestId: ${ID}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 1024 MB\tMax Memory Used: 64 MB\tStatus: timeout\n`,
      { kind: 'report', requestId: ID, durationMs: 3000, billedMs: 3000, status: 'timeout' },
    ],
    [
      `REPORT RequestId: ${ID}\tDuration: 20.09 ms\tBilled Duration: 21 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tStatus: error\tError Type: Runtime.ExitError\n`,
      {
        kind: 'report',
        requestId: ID,
        durationMs: 20.09,
        billedMs: 21,
        status: 'error',
        errorType: 'Runtime.ExitError',
      },
    ],
    [
      `2026-11-30T20:13:54.411Z\t${ID}\tERROR\tInvoke Error \t{"errorType":"OrderRejected","errorMessage":"no","stack":["OrderRejected: no"]}\n`,
      { kind: 'own-error', requestId: ID, errorType: 'OrderRejected', errorMessage: 'no' },
    ],
    [
      '[ERROR] ValueError: bad order\nTraceback (most recent call last):\n\u00a0\u00a0File "/var/task/app.py", line 2, in handler\n',
      { kind: 'own-error', errorType: 'ValueError', errorMessage: 'bad order' },
    ],
    [
      `{"timestamp":"2026-11-30T20:13:54.411Z","level":"ERROR","requestId":"${ID}","message":{"errorType":"OrderRejected","errorMessage":"no","stackTrace":[]}}`,
      { kind: 'own-error', requestId: ID, errorType: 'OrderRejected', errorMessage: 'no' },
    ],
    [
      `{"timestamp":"2026-11-30T20:13:54Z","level":"ERROR","errorMessage":"bad","errorType":"ValueError","requestId":"${ID}","stackTrace":[]}`,
      { kind: 'own-error', requestId: ID, errorType: 'ValueError', errorMessage: 'bad' },
    ],
    [
      'INIT_REPORT Init Duration: 9999.79 ms\tPhase: init\tStatus: timeout\n',
      { kind: 'init-report', status: 'timeout' },
    ],
    [
      'INIT_REPORT Init Duration: 99.65 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError\n',
      { kind: 'init-report', status: 'error' },
    ],
    [
      `{"time":"2026-01-12T15:37:12.000Z","type":"platform.report","record":{"requestId":"${ID}","metrics":{"durationMs":4.5,"billedDurationMs":90,"memorySizeMB":128,"maxMemoryUsedMB":40,"initDurationMs":85.1},"status":"success"}}`,
      { kind: 'report', requestId: ID, durationMs: 4.5, billedMs: 90, initMs: 85.1 },
    ],
    [
      '{"type":"platform.initReport","record":{"status":"timeout","phase":"init"}}',
      { kind: 'init-report', status: 'timeout' },
    ],
  ])('%j is read', (line, expected) => {
    expect(parseReportLine(line)).toEqual(expected)
  })

  it.each([
    `START RequestId: ${ID} Version: 1\n`,
    '{"type":"platform.start","record":{}}',
    '{"report',
    'REPORT of sales\n',
    `[ERROR]\t2026-11-30T20:13:54.411Z\t${ID}\tan order was late\n`,
    `2026-11-30T20:13:54.411Z\t${ID}\tERROR\tInvoke Error of another\n`,
    `{"timestamp":"2026-11-30T20:13:54.411Z","level":"ERROR","requestId":"${ID}","message":"an order was late"}`,
    'null',
  ])('%j is none of them', (line) => {
    expect(parseReportLine(line)).toBeUndefined()
  })
})

describe('the most that ran at once', () => {
  it('is second by second what overlaps in it', () => {
    const spans = [
      { fromMs: 100, untilMs: 300 },
      { fromMs: 200, untilMs: 2500 },
      { fromMs: 300, untilMs: 400 },
    ]
    expect(mostAtOnce(spans, 0)).toEqual([
      [0, 2],
      [1, 1],
      [2, 1],
    ])
  })

  it('leaves out what ends as a second begins', () => {
    const spans = [0, 0, 500].map((fromMs) => ({ fromMs, untilMs: 1000 }))
    expect(mostAtOnce(spans, 0)).toEqual([
      [0, 3],
      [1, 0],
    ])
  })

  it('is what counting at every moment finds', () => {
    const span = fc
      .tuple(fc.integer({ min: -2000, max: 5000 }), fc.integer({ min: 1, max: 3000 }))
      .map(([fromMs, lasts]) => ({ fromMs, untilMs: fromMs + lasts }))
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 12 }), (spans) => {
        for (const [second, most] of mostAtOnce(spans, 0)) {
          // Between two changes the count stays: halves of milliseconds see every count there is.
          let counted = 0
          for (let atMs = second * 1000 + 0.5; atMs < (second + 1) * 1000; atMs++) {
            counted = Math.max(counted, spans.filter(({ fromMs, untilMs }) => fromMs < atMs && atMs < untilMs).length)
          }
          expect(most).toBe(counted)
        }
      }),
      { numRuns: 40 },
    )
  })
})
