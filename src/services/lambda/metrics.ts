/**
 * What Lambda tells CloudWatch: of every invocation, throttle and asynchronous event, in the account that owns the function.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
import type { Clock } from '../../core/clock.ts'
import { scopeOf } from '../../state/state.ts'
import type { Dimension, Metric, MetricSink } from '../metrics.ts'
import type { AccountConcurrency } from './concurrency/account-concurrency.ts'
import type { Target } from './target.ts'

const NAMESPACE = 'AWS/Lambda'
const COUNT = 'Count'
const MILLISECONDS = 'Milliseconds'

/** What was invoked. `executed` is known once a version has been chosen; it tells the versions of an alias apart. */
export interface Measured extends Target {
  readonly executed?: { readonly version: string; readonly isOfAlias: boolean }
}

/** How it was let in, in the words of admission. */
export interface Admitted {
  readonly runsIn: 'provisioned' | 'reserved' | 'unreserved'
  /** Environments that were initialised ahead. */
  readonly provisioned: number
}

export interface EndedInvocation {
  readonly durationMs: number
  readonly isError: boolean
}

export interface LambdaMetrics {
  /** The returned function is called when the invocation has left, with what came of it; with nothing when it never reached the function. */
  began(of: Measured, admitted: Admitted): (ended?: EndedInvocation) => void
  throttled(of: Measured): void
  /** Something of an asynchronous event or of a chain of requests. */
  counted(of: Measured, name: EventMetric): void
  /** Since the event was accepted, at each attempt. */
  eventAge(of: Measured, ageMs: number): void
  /** A request to a function URL has been answered, or its answer has begun. */
  urlAnswered(of: Measured, answer: { readonly status: number; readonly latencyMs: number }): void
}

export type EventMetric =
  | 'AsyncEventsReceived'
  | 'AsyncEventsDropped'
  | 'DeadLetterErrors'
  | 'DestinationDeliveryFailures'
  | 'RecursiveInvocationsDropped'

/** Metrics of more functions, aliases and versions than these are looked up again. */
const KNOWN_MAX = 10_000
const CLAIMED_INTERVAL_MS = 1000

export function createLambdaMetrics(options: {
  readonly sink: MetricSink
  readonly accountConcurrency: AccountConcurrency
  readonly clock: Clock
}): LambdaMetrics {
  const { sink, accountConcurrency, clock } = options
  const known = new Map<string, FunctionMetrics>()
  const places = new Map<string, PlaceMetrics>()

  function metricsOf(of: Measured): FunctionMetrics {
    const { account, region, name, qualifier = '', executed } = of
    const key = `${account}/${region}/${name}:${qualifier}/${executed?.isOfAlias ? executed.version : ''}`
    let found = known.get(key)
    if (!found) {
      if (known.size >= KNOWN_MAX) known.clear()
      known.set(key, (found = new FunctionMetrics(sink, placeOf(of), of)))
    }
    return found
  }

  function placeOf(of: Target): PlaceMetrics {
    const scope = scopeOf(of.account, of.region)
    let found = places.get(scope)
    if (!found) places.set(scope, (found = new PlaceMetrics(sink, of)))
    return found
  }

  return {
    began(of, { runsIn, provisioned }) {
      const metrics = metricsOf(of)
      const { place } = metrics
      const load = place.loadOf(of.name)
      const beganMs = clock.now()
      const isProvisioned = runsIn === 'provisioned'
      place.enter(load, runsIn, beganMs)
      if (beganMs >= place.claimedMs + CLAIMED_INTERVAL_MS) {
        place.claimedMs = beganMs
        place.claimed(accountConcurrency.limit(of) - accountConcurrency.unreserved(of), beganMs)
      }
      const versionLoad = isProvisioned ? place.loadOf(`${of.name}:${of.executed?.version}`) : undefined
      if (versionLoad) {
        versionLoad.running++
        metrics.add('ProvisionedConcurrentExecutions', COUNT, versionLoad.running, beganMs)
        metrics.add('ProvisionedConcurrencyUtilization', 'None', versionLoad.running / provisioned, beganMs)
      }
      return (ended) => {
        place.leave(load, runsIn)
        if (versionLoad) versionLoad.running--
        if (!ended) return
        metrics.add('Invocations', COUNT, 1, beganMs)
        metrics.add('Errors', COUNT, ended.isError ? 1 : 0, beganMs)
        metrics.add('Throttles', COUNT, 0, beganMs)
        metrics.add('Duration', MILLISECONDS, ended.durationMs, beganMs)
        if (provisioned === 0) return
        const name = isProvisioned ? 'ProvisionedConcurrencyInvocations' : 'ProvisionedConcurrencySpilloverInvocations'
        metrics.add(name, COUNT, 1, beganMs)
      }
    },
    throttled: (of) => metricsOf(of).add('Throttles', COUNT, 1, clock.now()),
    counted: (of, name) => metricsOf(of).add(name, COUNT, 1, clock.now()),
    eventAge: (of, ageMs) => metricsOf(of).add('AsyncEventAge', MILLISECONDS, Math.max(0, ageMs), clock.now()),
    urlAnswered(of, { status, latencyMs }) {
      const metrics = metricsOf(of)
      const nowMs = clock.now()
      metrics.add('UrlRequestCount', COUNT, 1, nowMs)
      metrics.add('UrlRequestLatency', MILLISECONDS, latencyMs, nowMs)
      metrics.add('Url4xxCount', COUNT, status >= 400 && status < 500 ? 1 : 0, nowMs)
      metrics.add('Url5xxCount', COUNT, status >= 500 ? 1 : 0, nowMs)
    },
  }
}

/**
 * The metrics of one way to invoke a function: of all functions, of the function, of its qualifier, and of the version that an alias chose.
 * FIDELITY: AWS has the last of weighted aliases only; here it is there for every alias.
 */
class FunctionMetrics {
  readonly place: PlaceMetrics
  readonly #sink: MetricSink
  readonly #target: Target
  readonly #dimensions: readonly (readonly Dimension[])[]
  readonly #metrics = new Map<string, readonly Metric[]>()

  constructor(sink: MetricSink, place: PlaceMetrics, { account, region, name, qualifier, executed }: Measured) {
    this.place = place
    this.#sink = sink
    this.#target = { account, region, name }
    const ofFunction = { name: 'FunctionName', value: name }
    const ofResource = { name: 'Resource', value: qualifier === undefined ? name : `${name}:${qualifier}` }
    this.#dimensions = [
      [],
      [ofFunction],
      [ofFunction, ofResource],
      ...(executed?.isOfAlias === true
        ? [[ofFunction, ofResource, { name: 'ExecutedVersion', value: executed.version }]]
        : []),
    ]
  }

  add(name: string, unit: string, value: number, atMs: number): void {
    let metrics = this.#metrics.get(name)
    if (!metrics) {
      metrics = this.#dimensions.map((dimensions) =>
        this.#sink.metric(this.#target, { namespace: NAMESPACE, name, dimensions, unit }),
      )
      this.#metrics.set(name, metrics)
    }
    for (const metric of metrics) metric.add(value, atMs)
  }
}

/**
 * What runs at once in an account and Region. FIDELITY: AWS looks at it all the time; here it is looked at whenever an invocation begins, so that
 * a maximum is right and an average is not.
 */
class PlaceMetrics {
  claimedMs = Number.NEGATIVE_INFINITY
  readonly #sink: MetricSink
  readonly #place: Target
  /** By function, and by function and version. */
  readonly #loads = new Map<string, Load>()
  readonly #all: Metric
  readonly #ofUnreserved: Metric
  readonly #ofClaimed: Metric
  #total = 0
  #unreserved = 0

  constructor(sink: MetricSink, place: Target) {
    this.#sink = sink
    this.#place = place
    this.#all = this.#metric('ConcurrentExecutions', [])
    this.#ofUnreserved = this.#metric('UnreservedConcurrentExecutions', [])
    this.#ofClaimed = this.#metric('ClaimedAccountConcurrency', [])
  }

  loadOf(name: string): Load {
    let load = this.#loads.get(name)
    if (!load) {
      if (this.#loads.size >= KNOWN_MAX) this.#forgetIdle()
      const metric = this.#metric('ConcurrentExecutions', [{ name: 'FunctionName', value: name }])
      this.#loads.set(name, (load = { running: 0, metric }))
    }
    return load
  }

  enter(load: Load, runsIn: Admitted['runsIn'], nowMs: number): void {
    this.#all.add(++this.#total, nowMs)
    load.metric.add(++load.running, nowMs)
    if (runsIn === 'unreserved') this.#ofUnreserved.add(++this.#unreserved, nowMs)
  }

  leave(load: Load, runsIn: Admitted['runsIn']): void {
    this.#total--
    load.running--
    if (runsIn === 'unreserved') this.#unreserved--
  }

  /** `allocated` is what reservations and provisioned environments take of the account's concurrency. */
  claimed(allocated: number, nowMs: number): void {
    this.#ofClaimed.add(allocated + this.#unreserved, nowMs)
  }

  #forgetIdle(): void {
    for (const [name, { running }] of this.#loads) if (running === 0) this.#loads.delete(name)
  }

  #metric(name: string, dimensions: readonly Dimension[]): Metric {
    return this.#sink.metric(this.#place, { namespace: NAMESPACE, name, dimensions, unit: COUNT })
  }
}

/** What runs of one function, or of one version in provisioned environments. */
interface Load {
  running: number
  readonly metric: Metric
}
