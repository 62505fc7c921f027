/** The limits of Lambda itself: concurrency, request rate, scaling rate, and how long an event may wait. Pure. */
import {
  REQUESTS_PER_SECOND_PER_ENVIRONMENT,
  SCALING_INTERVAL_MS,
  type AdmissionLimit,
} from '../../../core/lambda-admission.ts'
import { formatDuration } from '../../load/duration.ts'
import { durationOf, isOpen, peakOf, wholeProfile } from '../../load/profile.ts'
import { firstStepAbove, flow, levels, most, together, type Flow } from './fluid.ts'
import { arrivedBy, backlog, erlangB, firstEmpty, littlesLaw, rampMs } from './formulas.ts'
import type { Formula, LimitVerdict } from '../plan-data.ts'
import { origin, READ } from './origin.ts'
import { provisionedOf, type PlannedFunction, type Simulated } from '../plan-order.ts'
import { QUOTAS } from './quotas.ts'
import type { SimulatedSecond } from '../simulation/simulation.ts'

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
    const ahead = members.reduce((sum, index) => sum + provisionedOf(order, index), 0)
    const formula = concurrencyFormula(simulated, members, { places: facts.unreserved.value, ahead })
    return [
      verdict(simulated, members, 'account', {
        kind: 'account-concurrency',
        of: facts.to.account,
        limit: facts.unreserved.value,
        unit: '',
        ...origin(facts.unreserved),
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
      ...(facts.reserved === undefined ? origin(facts.accountLimit) : READ),
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

function scalingLimit({ facts }: PlannedFunction, fn: number, simulated: Simulated): LimitVerdict {
  const limit = facts.environmentsPerInterval.value
  const needed = simulated.demand.peaks[fn]?.startsAtOnce ?? 0
  return verdict(simulated, [fn], 'scaling', {
    kind: 'scaling-rate',
    of: facts.to.unqualifiedArn,
    limit,
    unit: '',
    ...origin(facts.environmentsPerInterval),
    needed,
    cause: 'ConcurrentInvocationLimitExceeded',
    ...(isOpen(simulated.order.profile) && { formula: scalingFormula(simulated, fn, limit) }),
    raise: { how: 'provisioned concurrency, or a slower ramp: AWS raises this rate for nobody' },
  })
}

function scalingFormula(simulated: Simulated, fn: number, limit: number): Formula {
  const running = simulated.demand.peaks[fn]?.running ?? 0
  const ramp = rampMs(running, limit, SCALING_INTERVAL_MS)
  const { started, stepMs } = flowOf(simulated, fn)
  const perMs = limit / SCALING_INTERVAL_MS
  const bucket = levels(started, perMs, stepMs)
  const allowance = `${number(limit)} environments at once, and ${number(perMs * 1000)} a second`
  return {
    text: ramp === 0 ? allowance : `${allowance}: ${number(running)} from nothing take ${formatDuration(ramp)}`,
    needed: most(bucket),
    ...secondOf(simulated, firstStepAbove(bucket, limit, stepMs)),
  }
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
  const limit = facts.eventAgeMs.value / 1000
  return [
    {
      kind: 'event-age',
      of: facts.to.unqualifiedArn,
      limit,
      unit: 's',
      ...origin(facts.eventAgeMs),
      needed,
      headroom: limit - needed,
      holds: expired === undefined,
      ...(expired && { firstSecond: expired.second, refused }),
      cause: facts.reserved === 0 ? 'ZeroReservedConcurrency' : 'EventAgeExceeded',
      ...(queue && {
        formula: {
          text: `${places} at once serve ${number(perSecond)}/s: at most ${number(queue.most)} events wait, ${formatDuration(queue.longestMs)} if room were never left unused`,
          needed: queue.longestMs / 1000,
        },
      }),
      ...(needed > 0 && {
        remark:
          'the next is taken when one of them ends; while none runs one is tried after 1, 2, 4 … 300 s. AWS promises only the latter, so there it may take longer',
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

/** Little's law, and when the flow exceeds the limit, cold starts included. */
function concurrencyFormula(
  simulated: Simulated,
  members: readonly number[],
  { places, ahead }: { readonly places: number; readonly ahead: number },
): Formula | undefined {
  const { order } = simulated
  const peak = peakOf(wholeProfile(order.profile))
  if (!isOpen(order.profile)) return { text: `no more than the ${number(peak)} virtual users`, needed: peak }
  const means = members.map((fn) => ({
    perSecond: peak * shareOf(simulated, fn),
    warmMs: order.functions[fn]?.duration.durations.meanMs ?? 0,
  }))
  const offered = means.reduce((sum, { perSecond, warmMs }) => sum + littlesLaw(perSecond, warmMs), 0)
  const { running, stepMs } = together(members.map((fn) => flowOf(simulated, fn)))
  const [only] = means
  const how =
    only && means.length === 1
      ? `${number(only.perSecond)}/s × ${formatDuration(only.warmMs)} = ${number(offered)}`
      : `the sum of rate × duration is ${number(offered)}`
  const lost = order.spacing === 'poisson' ? erlangB(places + ahead, offered) : 0
  const loss = lost >= LOSS_MIN ? `; random arrivals find all taken ${percent(lost)} of the time (Erlang B)` : ''
  return {
    text: `Little's law: ${how}, ${number(most(running))} with cold starts${loss}`,
    needed: Math.max(0, most(running) - ahead),
    ...secondOf(simulated, firstStepAbove(running, places + ahead, stepMs)),
  }
}

/** Less is not worth a word. */
const LOSS_MIN = 0.0001

function flowOf(simulated: Simulated, fn: number): Flow {
  const { profile, functions } = simulated.order
  const warmMs = functions[fn]?.duration.durations.meanMs ?? 0
  const coldMs = warmMs + (functions[fn]?.init.durations.meanMs ?? 0)
  const stay = { warmMs, coldMs, ahead: provisionedOf(simulated.order, fn) }
  return flow(scaled(simulated, shareOf(simulated, fn)), stay, durationOf(wholeProfile(profile)))
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
