/** Conditions as people write them, and the figures they are held against. */
import { describe, expect, it } from 'vitest'

import { judge, measuredText, parseThreshold } from './threshold.ts'

const figures = {
  values: new Map([
    ['latency.p99', 48.2],
    ['endToEnd.p50', 1500],
    ['errors', 3],
    ['throttles', 0],
    ['cause(Sandbox.Timedout)', 3],
    ['rate', 99.5],
  ]),
  sent: 2000,
}

const held = (text: string) => judge(parseThreshold(text), figures)

describe('a threshold', () => {
  it.each([
    ['p99<50ms', 48.2, true],
    ['latency.p99 <= 0.0482s', 48.2, true],
    ['p99<48ms', 48.2, false],
    ['endToEnd.p50>=1500ms', 1500, true],
    ['errors<0.1%', 0.0015, false],
    ['errors<0.2%', 0.0015, true],
    ['errors<=3', 3, true],
    ['throttles==0', 0, true],
    ['throttles!=0', 0, false],
    ['rate>99/s', 99.5, true],
    ['cause(Sandbox.Timedout)<3', 3, false],
    ['cause(Never.Seen)==0', 0, true],
  ])('%s measures %d: %s', (text, value, ok) => {
    expect(held(text)).toEqual({ expression: text, value, ok })
  })

  it('on what was not measured is missed', () => {
    expect(held('cold.p99<1s')).toEqual({ expression: 'cold.p99<1s', value: null, ok: false })
  })

  it.each([
    ['p99', 'is not a threshold'],
    ['p99<fast', 'is not a threshold'],
    ['p98<5ms', 'is about `p98`, which is not measured'],
    ['latency.p98<5ms', 'which is not measured'],
    ['p99<50', 'compares p99 with `50`, expected a duration'],
    ['throttles<5ms', 'compares throttles with `5ms`, expected a number or a percentage'],
    ['rate>5%', 'compares rate with `5%`, expected a number'],
  ])('%s is refused', (text, why) => {
    expect(() => parseThreshold(text)).toThrow(why)
  })

  it('is shown in the unit it is written in', () => {
    const texts = [
      ['p99<50ms', 48.2],
      ['p50<2ms', 1.234],
      ['errors<0.1%', 0.0015],
      ['errors<3', 3],
      ['rate>99', 99.52],
      ['p99<1s', null],
    ] as const
    expect(texts.map(([expression, value]) => measuredText({ expression, value }))).toEqual([
      '48.2 ms',
      '1.23 ms',
      '0.150 %',
      '3',
      '99.5',
      'not measured',
    ])
  })
})
