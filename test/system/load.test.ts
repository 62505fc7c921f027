/** `isthmus load` as a process: causes made to happen, what it says to people and programs, its exit codes, and what it writes. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PutFunctionConcurrencyCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { LoadSummary } from '../../src/crossing/load/summary.ts'
import { ALLOW_LOGS, CALLEE_ARN, CALLER_ROLE_ARN, createFunction, createRole, deployCrossing } from './deployments.ts'
import { ACCOUNTS, createWorkplace, type Finished, type RunningCloud, type Workplace } from './isthmus.ts'
import { CROSSINGS, writeProject } from './load-project.ts'

let place: Workplace
let cloud: RunningCloud
/** Begins first and is looked at last: a function takes ten seconds not to start. */
let projectRun: Promise<Finished>

beforeAll(async () => {
  place = createWorkplace()
  writeProject(inFolder('project'))
  projectRun = place.run(['load', 'project', '--json'])
  cloud = await place.up()
  await deployCrossing(cloud, { grant: true })
})

afterAll(async () => {
  await place.close()
})

const crossing = ['--from', 'source:caller', '--to', 'target:callee:prod']
const load = (...more: string[]) => place.run(['load', ...crossing, ...more])
const brief = ['--rate', '20', '--duration', '1s']

function summaryOf({ stdout }: Finished): LoadSummary {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as LoadSummary
}

function inFolder(name: string): string {
  return join(place.folder, name)
}

describe('--json', () => {
  it('has a line a second and the summary as the last, with every member that scripts rely on', async () => {
    const finished = await load(
      '--rate',
      '20',
      '--duration',
      '2s',
      '--warm-up',
      '1s',
      '--threshold',
      'p99<60s',
      '--json',
    )
    const lines = finished.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const seconds = lines.slice(0, -1).map(({ second }) => second)
    expect(seconds.slice(0, 3)).toEqual([-1, 0, 1])
    const milliseconds = expect.any(Number) as number
    const percentiles = {
      p50: milliseconds,
      p90: milliseconds,
      p99: milliseconds,
      p999: milliseconds,
      max: milliseconds,
    }
    expect(summaryOf(finished)).toMatchObject({
      summary: true,
      sent: 40,
      succeeded: 40,
      dropped: 0,
      causes: [],
      latencyMs: percentiles,
      coldStarts: expect.any(Number) as number,
      generatorLatenessMs: { p99: milliseconds },
      thresholds: [{ expression: 'p99<60s', value: milliseconds, ok: true }],
      crossings: [
        {
          from: 'source:caller',
          to: CALLEE_ARN,
          signedBy: `arn:aws:sts::${ACCOUNTS.source}:assumed-role/caller-role/caller`,
          evidence: 'executed',
          concurrencyLimit: { kind: 'account', value: 1000 },
        },
      ],
      accounts: [{ account: ACCOUNTS.target, sent: 40, succeeded: 40, throttles: 0 }],
    })
    expect({ exitCode: finished.exitCode, stderr: finished.stderr }).toEqual({ exitCode: 0, stderr: '' })
  })
})

describe('who signs', () => {
  it.each([
    ['a role', CALLER_ROLE_ARN, `arn:aws:sts::${ACCOUNTS.source}:assumed-role/caller-role/isthmus-load`, 20],
    ['an account’s administrator, who is denied', 'source', `arn:aws:iam::${ACCOUNTS.source}:user/administrator`, 0],
  ])('may be %s', async (_what, from, signedBy, succeeded) => {
    const finished = await place.run(['load', '--from', from, '--to', CALLEE_ARN, ...brief, '--json'])
    expect(summaryOf(finished)).toMatchObject({ sent: 20, succeeded, crossings: [{ signedBy }] })
    expect(finished.exitCode).toBe(succeeded > 0 ? 0 : 1)
  })

  it.concurrent.each([
    ['source:nobody', `There is no function \`arn:aws:lambda:us-east-1:${ACCOUNTS.source}:function:nobody\``],
    [
      `arn:aws:iam::${ACCOUNTS.source}:role/nobody`,
      `error: No session of \`arn:aws:iam::${ACCOUNTS.source}:role/nobody\` was had: There is no role arn:aws:iam::${ACCOUNTS.source}:role/nobody\n`,
    ],
  ])('must exist, and %s does not', async (from, message) => {
    const { exitCode, stderr } = await place.run(['load', '--from', from, '--to', CALLEE_ARN])
    expect(stderr).toContain(message)
    expect(exitCode).toBe(2)
  })
})

describe('asynchronous invocations', () => {
  it('are followed to their end in the callee’s log', async () => {
    const finished = await load(...brief, '--type', 'async', '--end-to-end', '--threshold', 'unfinished==0', '--json')
    const summary = summaryOf(finished)
    expect(summary).toMatchObject({ sent: 20, succeeded: 20, unfinished: 0 })
    expect(summary.endToEndMs?.p50).toBeGreaterThan(0)
    expect(finished.exitCode).toBe(0)
  })

  it('that fail after they were accepted are no successes, and are told by what the log says of them', async () => {
    const role = await createRole(cloud, 'target', 'rejecting-role', { policies: { logs: ALLOW_LOGS } })
    const code = `exports.handler = async ({ n }) => {
      if (n === 0) throw new (class OrderRejected extends Error { name = 'OrderRejected' })('no')
      if (n === 1) process.exit(3)
      if (n === 2) return new Promise((done) => setTimeout(done, 60_000))
    }`
    await createFunction(cloud, 'target', 'rejecting', { role, code, timeoutSeconds: 3 })
    writeFileSync(inFolder('orders.jsonl'), '{"n":0}\n{"n":1}\n{"n":2}\n{"n":3}\n')
    const ends = ['--from', 'target', '--to', 'target:rejecting']
    const events = ['--type', 'async', '--end-to-end', '--rate', '8', '--duration', '1s', '--payload', '@orders.jsonl']
    const finished = await place.run(['load', ...ends, ...events, '--threshold', 'errors==6', '--json'])
    const summary = summaryOf(finished)
    expect(summary).toMatchObject({ sent: 8, succeeded: 2, unfinished: 0, thresholds: [{ value: 6, ok: true }] })
    expect(summary.causes).toHaveLength(3)
    for (const cause of [
      { cause: 'OrderRejected', kind: 'function-error', message: 'no' },
      { cause: 'Runtime.ExitError', kind: 'function-error' },
      { cause: 'Sandbox.Timedout', kind: 'timeout', detail: 'handler' },
    ]) {
      expect(summary.causes).toContainEqual(
        expect.objectContaining({ ...cause, count: 2, requestId: expect.stringMatching(/^[\da-f-]{36}$/) as string }),
      )
    }
  })
})

describe('events of a runtime that logs no errors', () => {
  const ends = ['--from', 'target', '--to', 'target:silent', '--payload', '@silent.jsonl', '--json']
  const events = ['--type', 'async', '--end-to-end', '--rate', '8', '--duration', '1s']

  it('fail as often as CloudWatch counts, which is said', async () => {
    const role = await createRole(cloud, 'target', 'silent-role', { policies: { logs: ALLOW_LOGS } })
    await createFunction(cloud, 'target', 'silent', {
      role,
      bootstrap: {
        bootstrap: `#!/bin/sh\nfor node in /var/lang/bin/node ${process.execPath}; do [ -x $node ] && exec $node "\${0%/*}/runtime.cjs"; done\n`,
        'runtime.cjs': readFileSync(join(import.meta.dirname, '../fixtures/custom/runtime.cjs'), 'utf8'),
      },
    })
    writeFileSync(inFolder('silent.jsonl'), '{"fail":true}\n{"n":1}\n{"n":2}\n{"n":3}\n')
    const finished = await place.run(['load', ...ends, ...events, '--threshold', 'errors==2'])
    const summary = summaryOf(finished)
    expect(summary).toMatchObject({ sent: 8, succeeded: 6, unfinished: 0, thresholds: [{ value: 2, ok: true }] })
    expect(summary.causes).toMatchObject([{ cause: 'Unhandled', kind: 'function-error', count: 2 }])
    expect(summary.notes.join('\n')).toContain(
      "its runtime (provided.al2023) need not log errors of its handler: 2 failures are known from CloudWatch's metric Errors",
    )
  })
})

describe('what is written', () => {
  beforeAll(async () => {
    const lambda = cloud.client(LambdaClient, 'target')
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'callee', ReservedConcurrentExecutions: 1 }))
    await load('--vus', '4', '--duration', '1s', '--save', 'first.json', '--report', 'first.html', '--csv', 'first.csv')
  })

  it('are a page, a table and the run itself', () => {
    expect(readFileSync(inFolder('first.html'), 'utf8')).toContain('ReservedFunctionConcurrentInvocationLimitExceeded')
    expect(readFileSync(inFolder('first.html'), 'utf8')).toContain('reserved concurrency 1')
    expect(readFileSync(inFolder('first.csv'), 'utf8')).toMatch(
      /^second,to,.*ReservedFunctionConcurrentInvocationLimit/,
    )
    expect(JSON.parse(readFileSync(inFolder('first.json'), 'utf8'))).toMatchObject({ version: 1 })
  })

  it('is known to be writable before anything is sent', async () => {
    const { exitCode, stderr } = await load('--duration', '1h', '--report', join('nowhere', 'report.html'))
    expect(stderr).toBe(`error: \`${join('nowhere', 'report.html')}\` cannot be written\n`)
    expect(exitCode).toBe(2)
  })

  it('is read, judged and compared again without a cloud', async () => {
    const args = ['load', '--read', 'first.json', '--compare', 'first.json', '--threshold', 'throttles==0', 'p50<60s']
    const { exitCode, stdout, stderr } = await place.run(args)
    expect(stderr).toBe('')
    expect(stdout).toContain('  constant-vus: 4 users for 1 s\n')
    expect(stdout).toMatch(
      /\n {2}ReservedFunctionConcurrentInvocationLimitExceeded +throttle +\d+ +\d+\.\d+ %\n {6}Rate Exceeded\. \(request /,
    )
    expect(stdout).toMatch(/\n {2}✗ throttles==0 +\d+\n {2}✓ p50<60s +\d+/)
    expect(stdout).toMatch(/\n {2}COMPARED +BEFORE +NOW +CHANGE\n/)
    expect(stdout).toMatch(/\n {2}latency\.p99 +(\d+\.\d ms) +\1 +\+0\.0 %\n/)
    expect(exitCode).toBe(1)
  })
})

describe('a run that is interrupted', () => {
  it('shows what was run, and has failed', async () => {
    const running = place.start(['load', ...crossing, '--rate', '20', '--duration', '1h', '--json'])
    await running.line('"second":0')
    const finished = await running.kill('SIGINT')
    const summary = summaryOf(finished)
    expect(summary.stoppedBy).toBe('signal')
    expect(summary.sent).toBeGreaterThan(0)
    expect(finished.exitCode).toBe(1)
  })

  it('ends by itself at --max-invocations, of virtual users and of several threads too', async () => {
    const profile = ['--vus', '2', '--duration', '1h', '--workers', '2']
    const finished = await load(...profile, '--max-invocations', '31', '--json')
    expect(summaryOf(finished)).toMatchObject({ sent: 31, stoppedBy: 'max-invocations' })
  })
})

describe('AWS', () => {
  // The SDK is led to the cloud here, and the load goes where the SDK goes.
  const onAws = (...more: string[]) => {
    const environment = {
      AWS_ENDPOINT_URL: cloud.ready.endpoint,
      AWS_CONFIG_FILE: cloud.ready.awsConfigFile,
      AWS_SHARED_CREDENTIALS_FILE: cloud.ready.awsCredentialsFile,
    }
    const profiles = ['--profile', `${ACCOUNTS.source}=source`, `${ACCOUNTS.target}=target`]
    const ends = ['--from', CALLER_ROLE_ARN, '--to', CALLEE_ARN]
    return place.run(['load', '--aws', ...profiles, ...ends, ...brief, ...more], environment)
  }

  it('is not touched without a yes, and what it would cost is said first', async () => {
    const { exitCode, stderr } = await onAws()
    expect(exitCode).toBe(2)
    expect(stderr).toContain('20 invocations within 1 s on AWS')
    expect(stderr).toMatch(/about \$0\.\d+ if each takes 100 ms, at most \$0\.\d+ if each runs into its timeout/)
    expect(stderr).toContain('never more than 100,000 invocations (--max-invocations)')
    expect(stderr).toContain('error: A load test on AWS costs money, and there is nobody to ask')
  })

  it('is not given more than the hard cap', async () => {
    const { exitCode, stderr } = await onAws('--yes', '--max-invocations', '19')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('The profile makes 20 invocations, expected at most --max-invocations 19')
  })

  it('is loaded by the profile where the role cannot be assumed, which is said', async () => {
    const summary = summaryOf(await onAws('--yes', '--json'))
    expect(summary.crossings).toEqual([
      expect.objectContaining({
        from: CALLER_ROLE_ARN,
        signedBy: `arn:aws:iam::${ACCOUNTS.source}:user/administrator`,
        evidence: 'executed by another principal',
        causes: [expect.objectContaining({ kind: 'iam', count: 20 })],
      }),
    ])
    expect(summary.notes[0]).toContain(`signs in place of ${CALLER_ROLE_ARN}: The role`)
  })
})

describe('a project', () => {
  let finished: Finished

  beforeAll(async () => {
    finished = await projectRun
  })

  it('has each failure counted under its cause, crossing by crossing', () => {
    const { crossings } = summaryOf(finished)
    const found = crossings.map(({ from, to, type, causes }) => ({ from, to, type, causes }))
    expect(found).toEqual(
      CROSSINGS.map(({ from, to, type = 'RequestResponse', cause }) => ({
        from,
        to: `arn:aws:lambda:us-east-1:${ACCOUNTS.target}:function:${to.slice('target:'.length)}`,
        type,
        causes: cause ? [expect.objectContaining(cause)] : [],
      })),
    )
    for (const [index, { sent, causes }] of crossings.entries()) {
      expect(sent).toBeGreaterThan(0)
      expect(causes.reduce((sum, { count }) => sum + count, 0)).toBe(CROSSINGS[index]?.cause ? sent : 0)
    }
  })

  it('has what AWS said of each, with the request', () => {
    const { causes } = summaryOf(finished)
    for (const { requestId, message, kind } of causes) {
      expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
      if (kind === 'iam') expect(message).toContain('is not authorized to perform: lambda:InvokeFunction on resource: ')
    }
  })

  it('is judged by its own thresholds', () => {
    const { thresholds, sent, succeeded } = summaryOf(finished)
    expect({ sent, succeeded: succeeded > 0 }).toEqual({ sent: 24, succeeded: true })
    expect(thresholds.map(({ expression, ok }) => [expression, ok])).toEqual([
      ['sent==24', true],
      ['cause(OrderRejected)>0', true],
      ['throttles<1', false],
    ])
    expect(finished.exitCode).toBe(1)
  })
})
