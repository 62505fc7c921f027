/**
 * Scenarios for other engines. k6's is run in Node.js with stand-ins for k6's own modules, and what it sends must be signed as the cloud
 * expects; Artillery's is run by Artillery itself where that is installed.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'

import { readAwsProfiles } from '../../src/cli/aws-profiles.ts'
import { signedFetch } from '../../src/crossing/prove/signed-fetch.ts'
import { CALLER_ROLE_ARN, deployCrossing } from './deployments.ts'
import { createWorkplace, type RunningCloud, type Workplace } from './isthmus.ts'

let place: Workplace
let cloud: RunningCloud
/** Of a session of the caller's role, as an engine finds them in its environment. */
let keys: Readonly<Record<string, string>>

beforeAll(async () => {
  place = createWorkplace()
  cloud = await place.up()
  await deployCrossing(cloud, { grant: true })
  const source = readAwsProfiles(join(cloud.ready.awsConfigFile, '..', '..')).find(({ name }) => name === 'source')
  if (!source) throw new Error('no profile source')
  const { body } = await signedFetch(
    `${cloud.ready.endpoint}/_isthmus/credentials`,
    { keys: source, region: 'us-east-1', service: 'sts' },
    { roleArn: CALLER_ROLE_ARN },
  )
  const session = JSON.parse(body) as { accessKeyId: string; secretAccessKey: string; sessionToken: string }
  keys = {
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
  }
})

afterAll(async () => {
  await place.close()
})

const PAYLOAD = '{"id":"{{uuid}}","n":{{sequence}},"text":"ünïcode"}'
const RAMP = ['--stage', '5s:20', '0s:5', '5s:5']

async function exported(engine: 'artillery' | 'k6', out: string, ...more: string[]): Promise<string> {
  const args = ['--from', 'source:caller', '--to', 'target:callee:prod', '--export', engine, '--out', out]
  const { exitCode, stderr } = await place.run(['load', ...args, '--payload', PAYLOAD, ...more])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return join(place.folder, out)
}

describe('a script for k6', () => {
  const thresholds = ['--threshold', 'p99<50ms', 'errors<0.1%', 'throttles==0', 'cause(OrderRejected)==0']

  interface Drill {
    readonly options: Readonly<Record<string, unknown>>
    readonly requests: readonly {
      readonly url: string
      readonly body: string
      readonly headers: Readonly<Record<string, string>>
    }[]
    readonly counted: Readonly<Record<string, number>>
  }

  /** Loads the script, and has its one function make three invocations, of which the second is answered by a throttle. */
  async function drill(folder: string): Promise<Drill> {
    const modules = {
      'k6/index.js': 'export const sleep = () => {}',
      'k6/crypto.js': `import { createHash, createHmac } from 'node:crypto'
        const form = (hash, encoding) => (encoding === 'hex' ? hash.digest('hex') : hash.digest())
        export default { sha256: (text, encoding) => form(createHash('sha256').update(text), encoding),
          hmac: (name, key, text, encoding) => form(createHmac(name, key).update(text), encoding) }`,
      'k6/execution.js': `let n = 0
        export default { scenario: { get iterationInTest() { return n++ } }, instance: { currentTestRunDuration: 1e6 } }`,
      'k6/http.js': `export const requests = []
        const throttled = { status: 429, headers: { 'X-Amzn-Errortype': 'TooManyRequestsException' }, body: '{"Reason":"CallerRateLimitExceeded"}' }
        export default { post(url, body, { headers }) { requests.push({ url, body, headers })
          return requests.length === 2 ? throttled : { status: 200, headers: {}, body: 'null', timings: { duration: 5 } } } }`,
      'k6/metrics.js': `export const counted = {}
        class Metric { constructor(name) { this.name = name; counted[name] = 0 } add(value) { counted[this.name] += Number(value) } }
        export { Metric as Counter, Metric as Rate, Metric as Trend }`,
      'k6/package.json':
        '{"type":"module","exports":{".":"./index.js","./crypto":"./crypto.js","./execution":"./execution.js","./http":"./http.js","./metrics":"./metrics.js"}}',
    }
    mkdirSync(join(folder, 'node_modules', 'k6'), { recursive: true })
    for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, 'node_modules', name), text)
    writeFileSync(
      join(folder, 'drill.mjs'),
      `globalThis.__ENV = process.env
      const { default: invoke, options } = await import('./load.js')
      const [{ requests }, { counted }] = await Promise.all([import('k6/http'), import('k6/metrics')])
      for (let n = 0; n < 3; n++) invoke()
      console.log(JSON.stringify({ options, requests, counted }))`,
    )
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    const { stdout } = await promisify(execFile)(process.execPath, ['drill.mjs'], { cwd: folder, env: { ...keys } })
    return JSON.parse(stdout) as Drill
  }

  it('signs as the cloud expects, and counts as the thresholds need', async () => {
    const { options, requests, counted } = await drill(await exported('k6', 'k6', ...RAMP, ...thresholds))
    expect(options).toEqual({
      scenarios: {
        load: {
          executor: 'ramping-arrival-rate',
          startRate: 0,
          timeUnit: '1s',
          stages: [
            { duration: '5000ms', target: 20 },
            { duration: '0ms', target: 5 },
            { duration: '5000ms', target: 5 },
          ],
          preAllocatedVUs: 20,
          maxVUs: 1000,
          gracefulStop: '60s',
        },
      },
      thresholds: {
        lambda_latency: ['p(99) < 50'],
        lambda_part_errors: ['rate < 0.001'],
        lambda_throttles: ['count == 0'],
        'lambda_cause{cause:OrderRejected}': ['count == 0'],
      },
    })
    expect(counted).toMatchObject({
      lambda_sent: 3,
      lambda_succeeded: 2,
      lambda_errors: 1,
      lambda_throttles: 1,
      lambda_latency: 10,
    })
    for (const [n, { url, body, headers }] of requests.entries()) {
      const answer = await fetch(url, { method: 'POST', body, headers })
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject({ event: { n, text: 'ünïcode' } })
    }
  })

  it('has rates that are no whole numbers in a longer unit of time', async () => {
    const { options } = await drill(await exported('k6', 'k6-slow', '--rate', '0.25', '--duration', '8s'))
    expect(options['scenarios']).toMatchObject({
      load: { executor: 'constant-arrival-rate', rate: 25, timeUnit: '100s', duration: '8000ms' },
    })
  })
})

describe('a scenario for Artillery', () => {
  it('has the same phases and thresholds', async () => {
    const folder = await exported('artillery', 'artillery', ...RAMP, '--threshold', 'p99<50ms', 'errors<0.1%')
    expect(parse(readFileSync(join(folder, 'load.yml'), 'utf8'))).toMatchObject({
      config: {
        target: cloud.ready.endpoint,
        phases: [
          { duration: 5, arrivalRate: 0, rampTo: 20 },
          { duration: 5, arrivalRate: 5 },
        ],
        ensure: {
          conditions: [
            { expression: 'isthmus.latency.p99 < 50' },
            { expression: 'isthmus.errors / isthmus.sent < 0.001' },
          ],
        },
      },
    })
  })

  it('is run by Artillery, which finds the same', { timeout: 300_000 }, async ({ skip }) => {
    const installed = process.env['ISTHMUS_TEST_ARTILLERY']
    if (installed === undefined)
      skip('artillery is not installed: name a folder that has it with ISTHMUS_TEST_ARTILLERY')
    const program = join(installed ?? '', 'node_modules', 'artillery', 'bin', 'run')
    const artillery = async (folder: string): Promise<{ readonly exitCode: number; readonly stdout: string }> => {
      const environment = { ...place.environment, ...keys, ARTILLERY_DISABLE_TELEMETRY: 'true' }
      try {
        const running = promisify(execFile)(process.execPath, [program, 'run', 'load.yml'], {
          cwd: folder,
          env: environment,
        })
        return { exitCode: 0, stdout: (await running).stdout }
      } catch (error) {
        const { code, stdout } = error as { readonly code: number; readonly stdout: string }
        return { exitCode: code, stdout }
      }
    }
    const args = ['--rate', '10', '--duration', '2s', '--threshold', 'p99<60s', 'errors<0.1%', 'throttles==0']
    const folder = await exported('artillery', 'for-real', ...args)
    const good = await artillery(folder)
    expect(good.stdout).toMatch(/isthmus\.succeeded: \.+ 20\n/)
    expect(good.stdout).toContain('ok: isthmus.errors / isthmus.sent < 0.001')
    expect(good.exitCode).toBe(0)
    const lambda = cloud.client(LambdaClient, 'target')
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'callee', ReservedConcurrentExecutions: 0 }))
    const throttled = await artillery(folder)
    expect(throttled.stdout).toMatch(/isthmus\.cause\.ReservedFunctionConcurrentInvocationLimitExceeded: \.+ 20\n/)
    expect(throttled.stdout).toContain('fail: isthmus.throttles == 0')
    expect(throttled.exitCode).toBe(1)
  })
})
