/** The limits of Lambda itself: concurrency, request rate, scaling rate, and how long an event may wait. Pure. */
import {
  REQUESTS_PER_SECOND_PER_ENVIRONMENT,
  SCALING_INTERVAL_MS,
  type AdmissionLimit,
} from '../../core/lambda-admission.ts'
import { formatDuration } from '../load/duration.ts'
import { durationOf, isOpen, peakOf, wholeProfile } from '../load/profile.ts'
import { arrivedBy, backlog, erlangB, firstAbove, firstEmpty, highest, inside, littlesLaw, rampMs } from './formulas.ts'
import type { Formula, LimitVerdict } from './plan-data.ts'
import type { PlannedFunction, Simulated } from './plan.ts'
import { QUOTAS } from './quotas.ts'
import type { SimulatedSecond } from './simulation.ts'

const { serviceCode, quotaCode } = QUOTAS.concurrency
const RAISE_ACCOUNT = { how: `Service Quotas ${quotaCode}`, serviceCode, quotaCode }
const RAISE_RESERVATION = { how: 'PutFunctionConcurrency' }

export function concurrencyLimits(simulated: Simulated): readonly LimitVerdict[] {
  const { functions } = simulated.order
  return [
    ...accountLimits(simulated),
    ...functions.flatMap((fn, index) => [
      ...reservedLimit(fn, index, simulated),
      ...rateLimit(fn, index, simulated),
      scalingLimit(fn, index, simulated),
      ...eventAge(fn, index, simulated),
    ]),
  ]
}

/** What functions without a reservation share, account by account. */
function accountLimits(simulated: Simulated): readonly LimitVerdict[] {
  const { order, demand } = simulated
  const scopes = new Map<string, number[]>()
  for (const [index, { facts }] of order.functions.entries()) {
    if (facts.reserved !== undefined) continue
    const scope = `${facts.to.account}/${facts.to.region}`
    scopes.set(scope, [...(scopes.get(scope) ?? []), index])
  }
  return [...scopes].flatMap(([scope, members]) => {
    const facts = order.functions[members[0] ?? 0]?.facts
    if (!facts) return []
    const needed = demand.sharedPeaks.get(scope) ?? 0
    const ahead = members.reduce((sum, index) => sum + (order.functions[index]?.facts.provisioned ?? 0), 0)
    const formula = concurrencyFormula(simulated, members, { places: facts.unreserved.value, ahead })
    return [
      verdict(simulated, members, 'account', {
        kind: 'account-concurrency',
        of: facts.to.account,
        limit: facts.unreserved.value,
        unit: '',
        source: facts.unreserved.source,
        needed,
        cause: 'ConcurrentInvocationLimitExceeded',
        ...(formula && { formula }),
        raise: RAISE_ACCOUNT,
      }),
    ]
  })
}

function reservedLimit({ facts }: PlannedFunction, fn: number, simulated: Simulated): readonly LimitVerdict[] {
  if (facts.reserved === undefined) return []
  const formula = concurrencyFormula(simulated, [fn], { places: facts.reserved, ahead: 0 })
  return [
    verdict(simulated, [fn], 'reserved', {
      kind: 'reserved-concurrency',
      of: facts.to.unqualifiedArn,
      limit: facts.reserved,
      unit: '',
      source: 'read',
      needed: simulated.demand.peaks[fn]?.running ?? 0,
      cause: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      ...(formula && { formula }),
      raise: RAISE_RESERVATION,
    }),
  ]
}

function rateLimit({ facts }: PlannedFunction, fn: number, simulated: Simulated): readonly LimitVerdict[] {
  const share = shareOf(simulated, fn, 'RequestResponse')
  if (share === 0) return []
  const limit = REQUESTS_PER_SECOND_PER_ENVIRONMENT * (facts.reserved ?? facts.accountLimit.value)
  const { profile } = simulated.order
  const peak = peakOf(wholeProfile(profile)) * share
  const atMs =
    isOpen(profile) &&
    firstEmpty(scaled(simulated, share), { tokens: limit, perSecond: limit }, durationOf(wholeProfile(profile)))
  return [
    verdict(simulated, [fn], 'rate', {
      kind: 'request-rate',
      of: facts.to.unqualifiedArn,
      limit,
      unit: '/s',
      source: facts.reserved === undefined ? facts.accountLimit.source : 'read',
      needed: simulated.demand.peaks[fn]?.requestsPerSecond ?? 0,
      cause:
        facts.reserved === undefined
          ? 'FunctionInvocationRateLimitExceeded'
          : 'ReservedFunctionInvocationRateLimitExceeded',
      ...(isOpen(profile) && {
        formula: {
          text: `10 × the concurrency of ${facts.reserved ?? facts.accountLimit.value}, with a second's worth at hand, against ${number(peak)}/s`,
          needed: peak,
          ...secondOf(simulated, atMs === false ? undefined : atMs),
        },
      }),
      raise: facts.reserved === undefined ? RAISE_ACCOUNT : RAISE_RESERVATION,
    }),
  ]
}

function scalingLimit({ facts, duration, init }: PlannedFunction, fn: number, simulated: Simulated): LimitVerdict {
  const limit = facts.environmentsPerInterval.value
  const needed = simulated.demand.peaks[fn]?.startsAtOnce ?? 0
  const running = simulated.demand.peaks[fn]?.running ?? 0
  const ramp = rampMs(running, limit, SCALING_INTERVAL_MS)
  const { profile } = simulated.order
  const untilMs = durationOf(wholeProfile(profile))
  const insideNow = inside(scaled(simulated, shareOf(simulated, fn)), duration.durations.meanMs + init.durations.meanMs)
  // Environments are needed as concurrency grows, and the allowance grows with time.
  const atMs = firstAbove(
    (at) => insideNow(at) - (limit * at) / SCALING_INTERVAL_MS,
    limit + facts.provisioned,
    untilMs,
  )
  return verdict(simulated, [fn], 'scaling', {
    kind: 'scaling-rate',
    of: facts.to.unqualifiedArn,
    limit,
    unit: '',
    source: facts.environmentsPerInterval.source,
    needed,
    cause: 'ConcurrentInvocationLimitExceeded',
    ...(isOpen(profile) && {
      formula: {
        text:
          ramp === 0
            ? `${number(limit)} environments at once, and ${number(limit / 10)} a second`
            : `${number(limit)} environments at once, and ${number(limit / 10)} a second: ${number(running)} take ${formatDuration(ramp)}`,
        needed: highest((at) => insideNow(at) - (limit * at) / SCALING_INTERVAL_MS, untilMs),
        ...secondOf(simulated, atMs),
      },
    }),
    raise: { how: 'cannot be raised: provisioned concurrency, or a slower ramp' },
  })
}

function eventAge({ facts, duration }: PlannedFunction, fn: number, simulated: Simulated): readonly LimitVerdict[] {
  const share = shareOf(simulated, fn, 'Event')
  if (share === 0) return []
  const seconds = simulated.limited.seconds.filter((second) => second.fn === fn)
  const expired = seconds.find((second) => second.expired > 0)
  const refused = seconds.reduce((sum, second) => sum + second.expired, 0)
  const needed = Math.max(0, ...seconds.map(({ ageMaxMs }) => ageMaxMs)) / 1000
  const places = facts.reserved ?? facts.unreserved.value
  const perSecond = (places * 1000) / Math.max(1, duration.durations.meanMs)
  const { profile } = simulated.order
  const queue = isOpen(profile) ? backlog(scaled(simulated, share), perSecond, profile) : undefined
  const limit = facts.eventAgeMs / 1000
  return [
    {
      kind: 'event-age',
      of: facts.to.unqualifiedArn,
      limit,
      unit: 's',
      source: 'read',
      needed,
      headroom: limit - needed,
      holds: expired === undefined,
      ...(expired && { firstSecond: expired.second, refused }),
      cause: facts.reserved === 0 ? 'ZeroReservedConcurrency' : 'EventAgeExceeded',
      ...(queue && {
        formula: {
          text: `${places} at once serve ${number(perSecond)}/s: at most ${number(queue.most)} events wait, ${formatDuration(queue.longestMs)} if they were taken at once`,
          needed: queue.longestMs / 1000,
        },
      }),
      ...(needed > 0 && {
        remark:
          'an event that is throttled is tried again after 1, 2, 4 … 300 s, so it waits longer than the queue takes',
      }),
      raise: { how: 'more concurrency, or MaximumEventAgeInSeconds up to 21600' },
    },
  ]
}

/** What is the same for the limits that the simulation applies. */
function verdict(
  { demand, limited }: Simulated,
  members: readonly number[],
  limit: AdmissionLimit,
  of: Omit<LimitVerdict, 'headroom' | 'holds' | 'firstSecond' | 'aloneSecond' | 'refused'>,
): LimitVerdict {
  const first = (simulation: Simulated['demand']) => {
    const times = simulation.firstMet.filter((met) => met.limit === limit && members.includes(met.fn))
    return times.length === 0 ? undefined : Math.floor(Math.min(...times.map(({ atMs }) => atMs)) / 1000)
  }
  const [aloneSecond, firstSecond] = [first(demand), first(limited)]
  const refused = limited.seconds.reduce(
    (sum: number, second: SimulatedSecond) => sum + (members.includes(second.fn) ? second.throttled[limit] : 0),
    0,
  )
  return {
    ...of,
    headroom: of.limit - of.needed,
    holds: aloneSecond === undefined && firstSecond === undefined,
    ...(firstSecond !== undefined && { firstSecond }),
    ...(aloneSecond !== undefined && { aloneSecond }),
    ...(refused > 0 && { refused }),
  }
}

/** Little's law, and when it exceeds the limit: at the beginning of a load everything starts cold. */
function concurrencyFormula(
  simulated: Simulated,
  members: readonly number[],
  { places, ahead }: { readonly places: number; readonly ahead: number },
): Formula | undefined {
  const { order } = simulated
  const { profile } = order
  const whole = wholeProfile(profile)
  const untilMs = durationOf(whole)
  if (!isOpen(profile)) {
    const users = peakOf(whole)
    return { text: `no more than the ${number(users)} virtual users`, needed: users }
  }
  const stays = members.map((fn) => {
    const one = order.functions[fn]
    const warmMs = one?.duration.durations.meanMs ?? 0
    const initMs = (one?.facts.provisioned ?? 0) > 0 ? 0 : (one?.init.durations.meanMs ?? 0)
    return { arrived: scaled(simulated, shareOf(simulated, fn)), warmMs, coldMs: warmMs + initMs }
  })
  const warm = (atMs: number) => stays.reduce((sum, { arrived, warmMs }) => sum + inside(arrived, warmMs)(atMs), 0)
  const cold = (atMs: number) => stays.reduce((sum, { arrived, coldMs }) => sum + inside(arrived, coldMs)(atMs), 0)
  const [steady, most] = [highest(warm, untilMs), highest(cold, untilMs)]
  const peak = peakOf(whole)
  const offered =
    members.length === 1 ? littlesLaw(peak * shareOf(simulated, members[0] ?? 0), stays[0]?.warmMs ?? 0) : steady
  const how =
    members.length === 1
      ? `${number(peak * shareOf(simulated, members[0] ?? 0))}/s × ${formatDuration(stays[0]?.warmMs ?? 0)} = ${number(offered)}`
      : `the sum of rate × duration is ${number(offered)}`
  const lost = order.spacing === 'poisson' ? erlangB(Math.max(0, places + ahead), offered) : 0
  const loss = lost >= 0.0001 ? `; random arrivals find all taken ${percent(lost)} of the time (Erlang B)` : ''
  return {
    text: `Little's law: ${how}, and ${number(most)} while all start cold${loss}`,
    needed: Math.max(0, most - ahead),
    ...secondOf(simulated, firstAbove(cold, places + ahead, untilMs)),
  }
}

/** The part of the profile's arrivals that is a function's. */
function shareOf({ order }: Simulated, fn: number, type?: 'RequestResponse' | 'Event'): number {
  const total = order.crossings.reduce((sum, { weight }) => sum + weight, 0)
  const own = order.crossings.filter((crossing) => crossing.fn === fn && (type === undefined || crossing.type === type))
  return own.reduce((sum, { weight }) => sum + weight, 0) / total
}

function scaled({ order }: Simulated, share: number): (atMs: number) => number {
  const arrived = arrivedBy(order.profile)
  return (atMs) => arrived(atMs) * share
}

function secondOf({ order }: Simulated, atMs: number | undefined): { readonly firstSecond?: number } {
  return atMs === undefined ? {} : { firstSecond: Math.floor((atMs - order.profile.warmUpMs) / 1000) }
}

export function number(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 })
}

function percent(part: number): string {
  return `${(part * 100).toFixed(part < 0.01 ? 2 : 1)} %`
}
