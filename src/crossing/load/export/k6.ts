/** A script for k6, which runs it on this machine or by its operator on Kubernetes. https://grafana.com/docs/k6/latest/using-k6/scenarios/ */
import { isOpen, peakOf } from '../profile.ts'
import {
  COMMON_SCRIPT,
  crossingsAsJson,
  exportedThresholds,
  type ExportedThreshold,
  type Scenario,
  type ScenarioFile,
} from './scenario.ts'

/** Throws `UserError` naming what k6 does not have. */
export function k6Files(scenario: Scenario): readonly ScenarioFile[] {
  return [{ name: 'load.js', content: script(scenario) }]
}

function scenarioOptions({ profile, inFlightMax, timeoutMs }: Scenario): object {
  const { executor, start, stages, warmUpMs } = profile
  const gracefulStop = `${Math.ceil(timeoutMs / 1000)}s`
  const warmUp = warmUpMs > 0 ? [{ durationMs: warmUpMs, target: start }] : []
  const whole = [...warmUp, ...stages]
  if (!isOpen(profile)) {
    return executor === 'constant-vus'
      ? {
          executor,
          vus: start,
          duration: milliseconds(whole.reduce((sum, { durationMs }) => sum + durationMs, 0)),
          gracefulStop,
        }
      : {
          executor,
          startVUs: start,
          stages: whole.map(({ durationMs, target }) => ({ duration: milliseconds(durationMs), target })),
          gracefulStop,
          gracefulRampDown: gracefulStop,
        }
  }
  // k6's rates are whole numbers; of a longer unit of time they are as fine as need be.
  const scale =
    [1, 10, 100, 1000].find((factor) =>
      [start, ...stages.map(({ target }) => target)].every((rate) => Number.isInteger(rate * factor)),
    ) ?? 1000
  const rate = (perSecond: number) => Math.round(perSecond * scale)
  const users = {
    preAllocatedVUs: Math.min(inFlightMax, Math.max(1, Math.ceil(peakOf(profile)))),
    maxVUs: inFlightMax,
    gracefulStop,
  }
  const timeUnit = `${scale}s`
  return executor === 'constant-arrival-rate'
    ? {
        executor,
        rate: rate(start),
        timeUnit,
        duration: milliseconds(whole.reduce((sum, { durationMs }) => sum + durationMs, 0)),
        ...users,
      }
    : {
        executor,
        startRate: rate(start),
        timeUnit,
        stages: whole.map(({ durationMs, target }) => ({ duration: milliseconds(durationMs), target: rate(target) })),
        ...users,
      }
}

function milliseconds(ms: number): string {
  return `${ms}ms`
}

const AGGREGATIONS: Readonly<Record<string, string>> = {
  p50: 'p(50)',
  p90: 'p(90)',
  p95: 'p(95)',
  p99: 'p(99)',
  p999: 'p(99.9)',
  min: 'min',
  max: 'max',
  mean: 'avg',
}

/** https://grafana.com/docs/k6/latest/using-k6/thresholds/ */
function thresholdsOf(thresholds: readonly ExportedThreshold[]): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {}
  for (const threshold of thresholds) {
    const [metric, condition] = k6Threshold(threshold)
    found[metric] = [...(found[metric] ?? []), condition]
  }
  return found
}

function k6Threshold(threshold: ExportedThreshold): readonly [string, string] {
  const { comparison } = threshold
  if (threshold.kind === 'time')
    return ['lambda_latency', `${AGGREGATIONS[threshold.percentile]} ${comparison} ${threshold.ms}`]
  const { metric, cause, asPart, bound } = threshold
  const name = cause === undefined ? `lambda_${metric}` : `lambda_cause{cause:${cause}}`
  return asPart
    ? [name.replace('lambda_', 'lambda_part_'), `rate ${comparison} ${bound}`]
    : [name, `count ${comparison} ${bound}`]
}

function script(scenario: Scenario): string {
  const { profile, region, target, thinkTimeMs, timeoutMs } = scenario
  const options = {
    scenarios: { load: scenarioOptions(scenario) },
    thresholds: thresholdsOf(exportedThresholds(scenario, 'k6')),
  }
  return `// Written by \`isthmus load --export k6\`. Run it with the caller's keys in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN:
// k6 run load.js. What is counted begins after the warm-up.
import { sleep } from 'k6'
import crypto from 'k6/crypto'
import exec from 'k6/execution'
import http from 'k6/http'
import { Counter, Rate, Trend } from 'k6/metrics'

const REGION = ${JSON.stringify(region)}
const TARGET = __ENV.ISTHMUS_TARGET || ${JSON.stringify(target)}
const WARM_UP_MS = ${profile.warmUpMs}
const THINK_TIME_S = ${thinkTimeMs / 1000}
const CROSSINGS = ${crossingsAsJson(scenario)}

export const options = ${JSON.stringify(options, null, 2)}

const latency = new Trend('lambda_latency', true)
const counters = {}
const parts = {}
for (const name of ['sent', 'succeeded', 'errors', 'throttles', 'timeouts', 'denied', 'cause']) {
  counters[name] = new Counter(\`lambda_\${name}\`)
  parts[name] = new Rate(\`lambda_part_\${name}\`)
}

const sha256 = (text) => crypto.sha256(text, 'hex')
const hmac = (key, text) => crypto.hmac('sha256', key, text, 'binary')
const hmacHex = (key, text) => crypto.hmac('sha256', key, text, 'hex')

${COMMON_SCRIPT}
function count(name, happened, tags) {
  if (happened) counters[name].add(1, tags)
  parts[name].add(happened, tags)
}

export default function () {
  const sequence = exec.scenario.iterationInTest
  const crossing = pickCrossing(sequence)
  const body = payloadOf(crossing, sequence)
  const keys = {
    accessKeyId: __ENV.AWS_ACCESS_KEY_ID,
    secretAccessKey: __ENV.AWS_SECRET_ACCESS_KEY,
    sessionToken: __ENV.AWS_SESSION_TOKEN,
  }
  const isCounted = exec.instance.currentTestRunDuration >= WARM_UP_MS
  const headers = signedHeaders(TARGET.replace(/^https?:\\/\\//, ''), crossing, body, keys)
  const answer = http.post(\`\${TARGET}\${crossing.path}\`, body, { headers, timeout: '${timeoutMs}ms', tags: { name: crossing.path } })
  if (isCounted) record(answer)
  if (THINK_TIME_S > 0) sleep(THINK_TIME_S)
}

function record(answer) {
  const cause = answer.status === 0 ? answer.error || 'ClientTimeout' : causeOf(answer.status, answer.headers, answer.body)
  count('sent', true)
  count('succeeded', cause === undefined)
  count('errors', cause !== undefined)
  count('throttles', cause !== undefined && THROTTLES.test(cause))
  count('timeouts', cause === 'Sandbox.Timedout')
  count('denied', cause === 'AccessDeniedException')
  if (cause === undefined) latency.add(answer.timings.duration)
  else count('cause', true, { cause })
}
`
}
