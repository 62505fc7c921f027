/** Whatever comes and goes: no limit is exceeded, everything that leaves makes room again, and the reason given is the limit that was met. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createAdmission, type Admission, type Arrival, type Ticket } from './lambda-admission.ts'

const ACCOUNT = 10

function arrival(functionName: string, more: Partial<Arrival> = {}): Arrival {
  return {
    scope: 'a/us-east-1',
    functionName,
    version: '1',
    isSynchronous: false,
    accountLimit: ACCOUNT,
    reserved: undefined,
    provisioned: 0,
    unreserved: { floor: 0, count: () => ACCOUNT },
    ...more,
  }
}

const reasonOf = (admission: Admission, one: Arrival, nowMs = 0) => {
  const verdict = admission.arrive(one, nowMs)
  return 'reason' in verdict ? verdict.reason : undefined
}

test('no sequence of arrivals and departures exceeds a limit', () => {
  const step = fc.record({
    fn: fc.constantFrom('reserved', 'stopped', 'free', 'ahead'),
    leaves: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const admission = createAdmission()
      const inside: Record<string, Ticket[]> = { reserved: [], stopped: [], free: [], ahead: [] }
      const shared = ACCOUNT - 4 - 2
      for (const { fn, leaves } of steps) {
        const tickets = inside[fn] ?? []
        if (leaves) {
          const ticket = tickets.shift()
          if (ticket) admission.leave(ticket, 0)
          continue
        }
        const unreserved = [...(inside['free'] ?? []), ...(inside['ahead'] ?? [])].filter(
          ({ runsIn }) => runsIn === 'unreserved',
        ).length
        const aheadIdle = (inside['ahead'] ?? []).filter(({ runsIn }) => runsIn === 'provisioned').length < 2
        const isFull =
          fn === 'reserved'
            ? tickets.length >= 4
            : fn === 'stopped' || (!(fn === 'ahead' && aheadIdle) && unreserved >= shared)
        const verdict = admission.arrive(
          arrival(fn, {
            reserved: { reserved: 4, stopped: 0 }[fn as string],
            provisioned: fn === 'ahead' ? 2 : 0,
            unreserved: { floor: 0, count: () => shared },
          }),
          0,
        )
        expect('reason' in verdict).toBe(isFull)
        if ('ticket' in verdict) tickets.push(verdict.ticket)
      }
    }),
  )
})

test('a throttled invocation is told which limit it met', () => {
  const admission = createAdmission()
  expect(reasonOf(admission, arrival('stopped', { reserved: 0 }))).toBe(
    'ReservedFunctionConcurrentInvocationLimitExceeded',
  )
  expect(reasonOf(admission, arrival('free', { unreserved: { floor: 0, count: () => 0 } }))).toBe(
    'ConcurrentInvocationLimitExceeded',
  )
})

test('Regions and accounts do not share a limit', () => {
  const admission = createAdmission()
  const one = arrival('f', { unreserved: { floor: 0, count: () => 1 } })
  expect(reasonOf(admission, one)).toBeUndefined()
  expect(reasonOf(admission, one)).toBe('ConcurrentInvocationLimitExceeded')
  expect(reasonOf(admission, { ...one, scope: 'b/us-east-1' })).toBeUndefined()
})

test('what provisioned environments take is not taken from the rest', () => {
  const admission = createAdmission()
  const one = arrival('f', { provisioned: 1, unreserved: { floor: 0, count: () => 1 } })
  const runsIn = () => {
    const verdict = admission.arrive(one, 0)
    return 'ticket' in verdict ? verdict.ticket.runsIn : verdict.reason
  }
  expect([runsIn(), runsIn(), runsIn()]).toEqual(['provisioned', 'unreserved', 'ConcurrentInvocationLimitExceeded'])
})

/** Runs one invocation after the other, each gone before the next. */
function served(admission: Admission, one: Arrival, count: number, nowMs: number): number {
  let through = 0
  for (let index = 0; index < count; index++) {
    const verdict = admission.arrive(one, nowMs)
    if ('reason' in verdict) continue
    through++
    admission.leave(verdict.ticket, nowMs)
  }
  return through
}

test('synchronous requests have ten times the concurrency as their rate, asynchronous ones none', () => {
  const admission = createAdmission()
  const one = arrival('f', { reserved: 2, isSynchronous: true })
  expect(served(admission, one, 50, 0)).toBe(20)
  expect(admission.arrive(one, 0)).toEqual({
    reason: 'ReservedFunctionInvocationRateLimitExceeded',
    limit: 'rate',
    retryAfterSeconds: 1,
  })
  expect(served(admission, one, 50, 500)).toBe(10)
  expect(served(admission, one, 50, 10_000)).toBe(20)
  expect(served(admission, { ...one, isSynchronous: false }, 50, 10_000)).toBe(50)
  const free = arrival('g', { isSynchronous: true })
  expect(served(admission, free, 150, 0)).toBe(100)
  expect(reasonOf(admission, free)).toBe('FunctionInvocationRateLimitExceeded')
})

test('a function grows by a thousand environments in ten seconds, and keeps those it has', () => {
  const admission = createAdmission()
  const one = arrival('f', { unreserved: { floor: 5000, count: () => 5000 } })
  const arrive = (count: number, nowMs: number) =>
    Array.from({ length: count }, () => admission.arrive(one, nowMs)).flatMap((verdict) =>
      'ticket' in verdict ? [verdict.ticket] : [],
    )
  const first = arrive(1500, 0)
  expect(first).toHaveLength(1000)
  expect(arrive(500, 5000)).toHaveLength(500)
  for (const ticket of first) admission.leave(ticket, 5000)
  // The environments are still there.
  expect(arrive(1000, 5000)).toHaveLength(1000)
  expect(arrive(1, 5000)).toHaveLength(0)
})

test('many that arrive at once are let in and refused as one after the other', () => {
  const step = fc.record({
    fn: fc.constantFrom('reserved', 'free', 'ahead', 'slow'),
    count: fc.integer({ min: 1, max: 40 }),
    afterMs: fc.constantFrom(0, 0, 1, 250, 5000, 400_000),
    leaves: fc.boolean(),
    isSynchronous: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const [single, many] = [createAdmission(), createAdmission()]
      const inside: Ticket[] = []
      let nowMs = 0
      for (const { fn, count, afterMs, leaves, isSynchronous } of steps) {
        nowMs += afterMs
        if (leaves) {
          for (const [ticket, times] of grouped(inside.splice(0, count))) {
            for (let turn = 0; turn < times; turn++) single.leave(ticket, nowMs)
            many.leave(ticket, nowMs, times)
          }
          continue
        }
        const one = arrival(fn, {
          isSynchronous,
          reserved: { reserved: 7 }[fn as string],
          provisioned: fn === 'ahead' ? 3 : 0,
          unreserved: { floor: 5, count: () => 12 },
          ...(fn === 'slow' && { environmentsPerInterval: 4 }),
        })
        const verdicts = Array.from({ length: count }, () => single.arrive(one, nowMs))
        const tickets = verdicts.flatMap((verdict) => ('ticket' in verdict ? [verdict.ticket] : []))
        const { admitted, refused } = many.arriveMany(one, count, nowMs)
        expect(admitted.flatMap((group) => Array.from({ length: group.count }, () => group.ticket))).toEqual(tickets)
        const last = verdicts.at(-1)
        expect(refused).toEqual(last && 'reason' in last ? { ...last, count: count - tickets.length } : undefined)
        inside.push(...tickets)
      }
    }),
  )
})

function grouped(tickets: readonly Ticket[]): ReadonlyMap<Ticket, number> {
  const counts = new Map<string, [Ticket, number]>()
  for (const ticket of tickets) {
    const key = JSON.stringify(ticket)
    counts.set(key, [ticket, (counts.get(key)?.[1] ?? 0) + 1])
  }
  return new Map(counts.values())
}
