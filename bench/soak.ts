/**
 * Ten minutes of everything at once: synchronous and asynchronous invocations that succeed, throw, time out and crash, from another account,
 * while the function is updated again and again. What the server holds must be what it held a while after the beginning: memory,
 * descriptors, processes, namespaces, files. Not part of `npm run bench`: `npx tsx bench/soak.ts [minutes]` writes soak.json, and exits 1 when
 * something grew.
 */
import { CloudWatchLogsClient, DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  InvokeCommand,
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda'
import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatTable } from '../src/cli/terminal/table.ts'
import { clientSettings, type Isthmus, startIsthmus } from './isthmus.ts'
import { descendants, namespacesOf, openDescriptors, proportionalMb, residentMb } from './load/process.ts'
import { median } from './median.ts'
import { describeMachine, rounded } from './results.ts'
import { createCallee, createCaller, FUNCTION_ARN, FUNCTION_NAME } from './scene.ts'

interface Sample {
  readonly atS: number
  readonly serverMb: number
  readonly environmentsMb: number
  readonly descriptors: number
  readonly processes: number
  readonly namespaces: number
  readonly temporaryFiles: number
}

/** What a kind of invocation ended with, and how often. */
type Tally = Map<string, number>

/** `share`: of all invocations; `expected`: how it ends, as AWS says it. */
const KINDS = [
  { name: 'answers', share: 0.7, expected: 'answered' },
  { name: 'throws', share: 0.14, expected: 'Unhandled Error' },
  { name: 'crashes', share: 0.08, expected: 'Unhandled Runtime.ExitError' },
  { name: 'hangs', share: 0.08, expected: 'Unhandled Sandbox.Timedout' },
] as const

const CODE = `exports.handler = async (event) => {
  if (event.kind === 'throws') throw new Error('as it should')
  if (event.kind === 'crashes') process.exit(7)
  if (event.kind === 'hangs') await new Promise((resolve) => setTimeout(resolve, 60_000))
  return event.kind
}`

const MINUTES = 10
const TIMEOUT_S = 1
const PER_SECOND = 20
const ASYNC_SHARE = 0.3
const UPDATE_EVERY_MS = 20_000
const SAMPLE_EVERY_MS = 5000
const TABLE_ROWS = 20
/** Of the whole run: until then caches fill, pools grow and the heap finds its size. */
const SETTLED_AFTER = 0.3
/** What a garbage collector leaves to chance. */
const SLACK = { ratio: 0.15, mb: 12, count: 6 }

export async function run(minutes: number): Promise<boolean> {
  const machine = describeMachine()
  const isthmus = await startIsthmus()
  try {
    const lambda = await createCallee(isthmus, { code: CODE, timeoutS: TIMEOUT_S })
    await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: FUNCTION_NAME, MaximumRetryAttempts: 0 }))
    const caller = new LambdaClient(clientSettings(isthmus, await createCaller(isthmus, lambda)))
    const endsAtMs = performance.now() + minutes * 60_000
    const tally: Tally = new Map()
    const [samples] = await Promise.all([
      sampled(isthmus, endsAtMs),
      offered(caller, tally, endsAtMs),
      updated(isthmus, lambda, endsAtMs),
    ])
    console.log(`${samplesTable(samples).join('\n')}\n`)
    console.log(`${tallyTable(tally).join('\n')}\n`)
    const surprises = [...tally.keys()].filter((outcome) => outcome.includes('instead of'))
    const grown = growthOf(samples)
    for (const line of [...grown, ...surprises]) console.log(line)
    console.log(grown.length === 0 ? 'nothing grew' : `${grown.length} grew`)
    const run = { command: 'npx tsx bench/soak.ts', date: new Date().toISOString(), machine, minutes, grown }
    const results = { ...run, invocations: Object.fromEntries(tally), samples: rows(samples) }
    await writeFile(join(import.meta.dirname, 'soak.json'), `${JSON.stringify(results, rounded, 2)}\n`)
    return grown.length === 0 && surprises.length === 0
  } finally {
    await isthmus.close()
  }
}

/** One arrival after the other, at a constant rate, whatever becomes of them. */
async function offered(caller: LambdaClient, tally: Tally, endsAtMs: number): Promise<void> {
  const underWay = new Set<Promise<void>>()
  for (let sent = 0; performance.now() < endsAtMs; sent++) {
    const invoked: Promise<void> = invoke(caller, sent, tally).finally(() => underWay.delete(invoked))
    underWay.add(invoked)
    await sleep(1000 / PER_SECOND)
  }
  await Promise.all(underWay)
}

/** Which kind and which type it is follows from its number, so that every run offers the same. */
async function invoke(caller: LambdaClient, number: number, tally: Tally): Promise<void> {
  const { name, expected } = kindAt((number * 0.618_034) % 1)
  const isAsync = (number * 0.414_214) % 1 < ASYNC_SHARE
  const outcome = await outcomeOf(caller, name, isAsync)
  const wanted = isAsync ? 'accepted' : expected
  const what = `${name}, ${isAsync ? 'asynchronous' : 'synchronous'}: ${outcome}`
  const line = outcome === wanted ? what : `${what} instead of ${wanted}`
  tally.set(line, (tally.get(line) ?? 0) + 1)
}

async function outcomeOf(caller: LambdaClient, kind: string, isAsync: boolean): Promise<string> {
  try {
    const { FunctionError, Payload, StatusCode } = await caller.send(
      new InvokeCommand({
        FunctionName: FUNCTION_ARN,
        InvocationType: isAsync ? 'Event' : 'RequestResponse',
        Payload: JSON.stringify({ kind }),
      }),
    )
    if (StatusCode === 202) return 'accepted'
    if (FunctionError === undefined) return 'answered'
    const { errorType } = JSON.parse(Payload?.transformToString() ?? '{}') as { readonly errorType?: string }
    return `${FunctionError} ${errorType ?? ''}`.trim()
  } catch (error) {
    return error instanceof Error ? error.name : String(error)
  }
}

function kindAt(share: number): (typeof KINDS)[number] {
  let below = 0
  return KINDS.find((kind) => share < (below += kind.share)) ?? KINDS[0]
}

/**
 * Every update retires all environments there are. Their logs, which the cloud keeps for whoever wants to read them (64 MB of each group), are
 * deleted with them, so that what grows is what nobody asked for.
 */
async function updated(isthmus: Isthmus, lambda: LambdaClient, endsAtMs: number): Promise<void> {
  const logs = new CloudWatchLogsClient(clientSettings(isthmus, isthmus.administrator('target')))
  for (let round = 0; performance.now() < endsAtMs; round++) {
    const Environment = { Variables: { ROUND: String(round) } }
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: FUNCTION_NAME, Environment }))
    const wait = { client: lambda, maxWaitTime: 30, minDelay: 0.1, maxDelay: 0.5 }
    await waitUntilFunctionUpdatedV2(wait, { FunctionName: FUNCTION_NAME })
    await sleep(Math.max(0, Math.min(UPDATE_EVERY_MS, endsAtMs - performance.now())))
    await logs.send(new DeleteLogGroupCommand({ logGroupName: `/aws/lambda/${FUNCTION_NAME}` }))
  }
}

async function sampled({ pid }: Isthmus, endsAtMs: number): Promise<readonly Sample[]> {
  const beganMs = performance.now()
  const samples: Sample[] = []
  while (performance.now() < endsAtMs) {
    const below = descendants(pid)
    samples.push({
      atS: (performance.now() - beganMs) / 1000,
      serverMb: residentMb(pid),
      environmentsMb: below.map(proportionalMb).reduce((sum, mb) => sum + (Number.isNaN(mb) ? 0 : mb), 0),
      descriptors: openDescriptors(pid),
      processes: below.length,
      namespaces: namespacesOf(below),
      temporaryFiles: readdirSync(tmpdir()).filter((name) => name.startsWith('isthmus-')).length,
    })
    await sleep(Math.max(0, Math.min(SAMPLE_EVERY_MS, endsAtMs - performance.now())))
  }
  return samples
}

/** The last third against the first third after everything has settled, by their medians. */
function growthOf(samples: readonly Sample[]): readonly string[] {
  const settled = samples.slice(Math.floor(samples.length * SETTLED_AFTER))
  const third = Math.max(1, Math.floor(settled.length / 3))
  return COLUMNS.flatMap(({ title, of, unit }) => {
    const before = median(settled.slice(0, third).map(of))
    const after = median(settled.slice(-third).map(of))
    const allowed = before * (1 + SLACK.ratio) + (unit === 'MB' ? SLACK.mb : SLACK.count)
    return after > allowed ? [`${title} grew from ${before.toFixed(0)} to ${after.toFixed(0)}`] : []
  })
}

const COLUMNS: readonly { title: string; unit: 'MB' | 'count'; of: (sample: Sample) => number }[] = [
  { title: 'SERVER MB', unit: 'MB', of: ({ serverMb }) => serverMb },
  { title: 'ENVIRONMENTS MB', unit: 'MB', of: ({ environmentsMb }) => environmentsMb },
  { title: 'DESCRIPTORS', unit: 'count', of: ({ descriptors }) => descriptors },
  { title: 'PROCESSES', unit: 'count', of: ({ processes }) => processes },
  { title: 'NAMESPACES', unit: 'count', of: ({ namespaces }) => namespaces },
  { title: 'TEMPORARY FILES', unit: 'count', of: ({ temporaryFiles }) => temporaryFiles },
]

/** As many as a person reads. */
function rows(samples: readonly Sample[]): readonly Sample[] {
  const every = Math.max(1, Math.floor(samples.length / TABLE_ROWS))
  return samples.filter((_, index) => index % every === 0)
}

function samplesTable(samples: readonly Sample[]): string[] {
  return formatTable(
    [{ title: 'AFTER S', align: 'right' }, ...COLUMNS.map(({ title }) => ({ title, align: 'right' as const }))],
    rows(samples).map((sample) => [sample.atS.toFixed(0), ...COLUMNS.map(({ of }) => of(sample).toFixed(0))]),
  )
}

function tallyTable(tally: Tally): string[] {
  const rows = [...tally].toSorted(([one], [other]) => one.localeCompare(other))
  return formatTable(
    [{ title: 'INVOCATIONS' }, { title: 'TIMES', align: 'right' }],
    rows.map(([outcome, times]) => [outcome, String(times)]),
  )
}

process.exitCode = (await run(Number(process.argv[2] ?? MINUTES))) ? 0 : 1
