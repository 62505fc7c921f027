/** A scenario for Artillery, which runs it on this machine, on Lambda or on Fargate. https://www.artillery.io/docs/reference/test-script */
import { stringify } from 'yaml'

import { UserError } from '../../../core/user-error.ts'
import { isOpen } from '../profile.ts'
import {
  COMMON_SCRIPT,
  crossingsAsJson,
  exportedThresholds,
  type ExportedThreshold,
  type Scenario,
  type ScenarioFile,
} from './scenario.ts'

/** Throws `UserError` naming what Artillery does not have. */
export function artilleryFiles(scenario: Scenario): readonly ScenarioFile[] {
  return [
    { name: 'load.yml', content: `${HEADING}${stringify(testScript(scenario), { lineWidth: 0 })}` },
    { name: 'invoke.cjs', content: processor(scenario) },
  ]
}

const HEADING = `# Written by \`isthmus load --export artillery\`. Run it with the caller's keys in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
# AWS_SESSION_TOKEN: artillery run load.yml
`

const PERCENTILES: Readonly<Record<string, string>> = {
  p50: 'p50',
  p90: 'p90',
  p95: 'p95',
  p99: 'p99',
  p999: 'p999',
  min: 'min',
  max: 'max',
  mean: 'mean',
}

function testScript(scenario: Scenario): object {
  const conditions = exportedThresholds(scenario, 'Artillery').map((threshold) => ({
    expression: condition(threshold),
  }))
  const request = { post: { url: '/', beforeRequest: 'invoke', afterResponse: 'record' } }
  const think = scenario.thinkTimeMs > 0 ? [{ think: scenario.thinkTimeMs / 1000 }] : []
  const users = { loop: [request, ...think], whileTrue: 'goesOn' }
  return {
    config: {
      target: scenario.target,
      processor: './invoke.cjs',
      http: { timeout: Math.ceil(scenario.timeoutMs / 1000), maxSockets: scenario.inFlightMax },
      phases: phasesOf(scenario),
      ...(conditions.length > 0 && { plugins: { ensure: {} }, ensure: { conditions } }),
    },
    scenarios: [{ name: 'invoke', flow: isOpen(scenario.profile) ? [request] : [users] }],
  }
}

function phasesOf({ profile, inFlightMax }: Scenario): readonly object[] {
  const { executor, start, stages, warmUpMs } = profile
  if (executor === 'ramping-vus') {
    throw new UserError('Artillery has no ramping virtual users, expected another executor', {
      hint: 'Export it for k6, or offer an arrival rate',
    })
  }
  if (executor === 'constant-vus') return [{ name: 'start', duration: 1, arrivalCount: start }]
  const phases: object[] = []
  if (warmUpMs > 0)
    phases.push({ name: 'warm-up', duration: seconds(warmUpMs), arrivalRate: start, maxVusers: inFlightMax })
  let level = start
  for (const [index, { durationMs, target }] of stages.entries()) {
    if (durationMs > 0) {
      phases.push({
        name: `stage ${index + 1}`,
        duration: seconds(durationMs),
        arrivalRate: level,
        ...(target !== level && { rampTo: target }),
        maxVusers: inFlightMax,
      })
    }
    level = target
  }
  return phases
}

/** Artillery counts in whole ones. */
function seconds(ms: number): number {
  if (ms % 1000 === 0) return ms / 1000
  throw new UserError(`Artillery's phases last whole seconds, expected no stage of ${ms} ms`)
}

/** https://www.artillery.io/docs/reference/extensions/ensure */
function condition(threshold: ExportedThreshold): string {
  if (threshold.kind === 'time') {
    return `isthmus.latency.${PERCENTILES[threshold.percentile]} ${threshold.comparison} ${threshold.ms}`
  }
  const { metric, cause, asPart, comparison, bound } = threshold
  const name = cause === undefined ? `isthmus.${metric}` : `isthmus.cause.${cause}`
  return `${asPart ? `${name} / isthmus.sent` : name} ${comparison} ${bound}`
}

function processor(scenario: Scenario): string {
  const { profile, region } = scenario
  const causes = exportedThresholds(scenario, 'Artillery').flatMap((threshold) =>
    'cause' in threshold ? [threshold.cause] : [],
  )
  const endMs = profile.warmUpMs + profile.stages.reduce((sum, { durationMs }) => sum + durationMs, 0)
  return `// Written by \`isthmus load --export artillery\`: signs each invocation, and counts what became of it. What is counted begins after the
// warm-up. {{sequence}} counts in each of Artillery's workers.
const { createHash, createHmac } = require('node:crypto')

const REGION = ${JSON.stringify(region)}
const WARM_UP_MS = ${profile.warmUpMs}
const END_MS = ${endMs}
const CROSSINGS = ${crossingsAsJson(scenario)}
// Metrics that a condition is about must exist even where they count nothing.
const COUNTERS = ${JSON.stringify(['sent', 'succeeded', 'errors', 'throttles', 'timeouts', 'denied', ...causes.map((cause) => `cause.${cause}`)])}

const sha256 = (text) => createHash('sha256').update(text).digest('hex')
const hmac = (key, text) => createHmac('sha256', key).update(text).digest()
const hmacHex = (key, text) => createHmac('sha256', key).update(text).digest('hex')

${COMMON_SCRIPT}
const beganMs = Date.now()
let sequence = 0

const count = (events, name, by = 1) => events.emit('counter', \`isthmus.\${name}\`, by)

function invoke(request, context, events, next) {
  const crossing = pickCrossing(sequence)
  const body = payloadOf(crossing, sequence++)
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  const keys = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN }
  const target = new URL(context.vars.target)
  request.url = new URL(crossing.path, target).href
  request.body = body
  request.headers = { ...request.headers, ...signedHeaders(target.host, crossing, body, keys) }
  context.vars.sentMs = Date.now()
  context.vars.isCounted = context.vars.sentMs - beganMs >= WARM_UP_MS
  if (context.vars.isCounted) {
    for (const name of COUNTERS) count(events, name, 0)
    count(events, 'sent')
  }
  next()
}

function record(_request, response, context, events, next) {
  if (!context.vars.isCounted) return next()
  const cause = causeOf(response.statusCode, response.headers, response.body)
  if (cause === undefined) {
    count(events, 'succeeded')
    events.emit('histogram', 'isthmus.latency', Date.now() - context.vars.sentMs)
    return next()
  }
  count(events, 'errors')
  count(events, \`cause.\${cause}\`)
  if (THROTTLES.test(cause)) count(events, 'throttles')
  if (cause === 'Sandbox.Timedout') count(events, 'timeouts')
  if (cause === 'AccessDeniedException') count(events, 'denied')
  next()
}

// Of a virtual user's loop.
function goesOn(_context, next) {
  next(Date.now() - beganMs < END_MS)
}

module.exports = { invoke, record, goesOn }
`
}
