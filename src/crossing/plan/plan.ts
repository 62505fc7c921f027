/**
 * A capacity plan: the load is simulated twice, once let in whole, which shows what it needs and when each limit alone would be met, and once
 * with all limits, which shows what a load test would see. Formulas say the same in another way. Pure.
 */
import { formatDuration } from '../load/duration.ts'
import { PRICES } from '../load/prices.ts'
import { durationOf, wholeProfile } from '../load/profile.ts'
import { costOf } from './cost.ts'
import { percentileOf } from './simulation/durations.ts'
import { concurrencyLimits } from './limits/concurrency.ts'
import { connectionLimits } from './limits/connections.ts'
import { hostVerdict } from './limits/host.ts'
import { networkLimits } from './limits/network.ts'
import { unmetLimits, type UnmetLimit } from './limits/vpc-connection.ts'
import type { FunctionPlan, HostVerdict, Plan, PlannedTime } from './plan-data.ts'
import { provisionedOf, type PlannedFunction, type PlanOrder, type Simulated, type Timed } from './plan-order.ts'
import { simulate } from './simulation/simulate.ts'
import type { SimulatedFunction, Source } from './simulation/simulation.ts'

export function makePlan(order: PlanOrder): Plan {
  const unmet = unmetLimits(order)
  const functions = order.functions.map((fn, index) => simulatedFunction(fn, unmet[index]))
  const sources = order.crossings.map((crossing): Source => {
    const facts = order.functions[crossing.fn]?.facts
    return {
      fn: crossing.fn,
      ...crossing.version,
      isSynchronous: crossing.type === 'RequestResponse',
      weight: crossing.weight,
      eventAgeMs: facts?.eventAgeMs.value ?? 0,
    }
  })
  const { profile, spacing, seed, thinkTimeMs, answerMs } = order
  const run = (limits: 'apply' | 'ignored') =>
    simulate({ profile, spacing, seed, thinkTimeMs, answerMs, functions, sources, limits })
  const simulated: Simulated = { order, unmet, demand: run('ignored'), limited: run('apply') }
  const limits = [...concurrencyLimits(simulated), ...networkLimits(simulated), ...connectionLimits(simulated)]
  const unjudged = order.functions.flatMap(({ facts: { to, unread } }) =>
    unread.map((fact) => ({ of: to.unqualifiedArn, ...fact })),
  )
  const { demand, limited } = simulated
  const host = hostVerdict(simulated)
  const verdict = verdictOf(limits, unjudged)
  return {
    evidence: 'evaluated',
    ok: verdict === 'holds',
    verdict,
    limitsOf: order.isToBeDeployed ? 'new-account' : 'account',
    profile,
    spacing,
    seed,
    functions: order.functions.map((fn, index) => functionPlan(fn, index, simulated)),
    limits,
    ...(host && { host }),
    unjudged,
    cost: costOf(
      order.functions.map(({ facts, init }, index) => ({
        memoryMb: facts.memoryMb,
        architecture: facts.architecture,
        provisioned: provisionedOf(order, index),
        initMs: init.durations.meanMs,
        ...(demand.totals[index] ?? { invocations: 0, busyMs: 0, provisionedBusyMs: 0, coldStarts: 0 }),
      })),
      durationOf(wholeProfile(profile)),
      PRICES,
    ),
    seconds: limited.seconds,
    sliceMs: limited.sliceMs,
    notes: [...order.notes, ...coarseness(simulated), ...(host ? [hostNote(host)] : [])],
  }
}

function verdictOf(limits: Plan['limits'], unjudged: Plan['unjudged']): Plan['verdict'] {
  if (limits.some(({ holds }) => !holds)) return 'breaks'
  return unjudged.length > 0 || limits.some(({ source }) => source === 'default') ? 'assumed' : 'holds'
}

/** What the stated error of slices does not cover. */
function coarseness({ order, limited }: Simulated): readonly string[] {
  const shortest = Math.min(...order.functions.map(({ duration }) => duration.durations.meanMs))
  if (limited.sliceMs <= shortest / SLICES_PER_DURATION_MIN) return []
  return [
    `arrivals within ${formatDuration(limited.sliceMs)} were simulated together, which is long for functions that take ${formatDuration(shortest)}: a shorter profile is more exact`,
  ]
}

const SLICES_PER_DURATION_MIN = 20

function hostNote({ environmentsMax, needed, cause, refused, firstSecond }: HostVerdict): string {
  const met =
    firstSecond === undefined
      ? 'a load test here has to wait for them'
      : `a load test here meets ${cause} at ${firstSecond} s, ${refused} times or more`
  return `this machine has ${environmentsMax} execution environments at once, and ${needed} are needed: ${met}. AWS has no such limit`
}

function simulatedFunction(
  { facts, duration, init }: PlannedFunction,
  unmet: UnmetLimit | undefined,
): SimulatedFunction {
  const { to, accountLimit, unreserved, environmentsPerInterval, reserved } = facts
  return {
    scope: `${to.account}/${to.region}`,
    name: to.name,
    accountLimit: accountLimit.value,
    unreserved: unreserved.value,
    ...(reserved !== undefined && { reserved }),
    environmentsPerInterval: environmentsPerInterval.value,
    isUnconnected: unmet !== undefined && !facts.isActive,
    duration: duration.durations,
    init: init.durations,
  }
}

function functionPlan(
  { facts, duration, init }: PlannedFunction,
  fn: number,
  { order, demand, limited }: Simulated,
): FunctionPlan {
  const seconds = limited.seconds.filter((second) => second.fn === fn)
  const sum = (of: (second: (typeof seconds)[number]) => number) => seconds.reduce((total, one) => total + of(one), 0)
  const ramping = seconds.filter(({ throttled }) => throttled.scaling > 0)
  const [first, last] = [ramping[0], ramping.at(-1)]
  const isAsync = order.crossings.some((crossing) => crossing.fn === fn && crossing.type === 'Event')
  return {
    arn: facts.to.unqualifiedArn,
    account: facts.to.account,
    duration: plannedTime(duration),
    init: plannedTime(init),
    memoryMb: facts.memoryMb,
    arrived: sum(({ arrived }) => arrived),
    served: sum(({ served }) => served),
    throttled: sum(({ throttled }) => throttled.reserved + throttled.account + throttled.rate + throttled.scaling),
    unconnected: sum(({ unconnected }) => unconnected),
    coldStarts: sum(({ coldStarts }) => coldStarts),
    concurrencyPeak: limited.peaks[fn]?.running ?? 0,
    concurrencyNeeded: demand.peaks[fn]?.running ?? 0,
    ...(first &&
      last && {
        ramp: {
          fromSecond: first.second,
          untilSecond: last.second,
          throttled: ramping.reduce((total, { throttled }) => total + throttled.scaling, 0),
        },
      }),
    ...(isAsync && {
      queue: {
        longest: Math.max(0, ...seconds.map(({ queuedMax }) => queuedMax)),
        oldestSeconds: Math.max(0, ...seconds.map(({ ageMaxMs }) => ageMaxMs)) / 1000,
        expired: sum(({ expired }) => expired),
        emptyAtSecond: (seconds.findLast(({ ageMaxMs }) => ageMaxMs > 0)?.second ?? -1) + 1,
      },
    }),
  }
}

function plannedTime({ durations, source }: Timed): PlannedTime {
  return { meanMs: durations.meanMs, p99Ms: percentileOf(durations, 0.99), source }
}
