/**
 * Other load generators on the same server, where an environment variable names a folder that has them installed. Neither signs: both send
 * the same bytes again and again.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface PeerOrder {
  readonly port: number
  readonly connections: number
  readonly seconds: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

interface AutocannonResult {
  readonly requests: { readonly average: number }
}

/** Requests a second; ISTHMUS_BENCH_AUTOCANNON. */
export async function autocannonPerSecond(order: PeerOrder): Promise<number | undefined> {
  const folder = process.env['ISTHMUS_BENCH_AUTOCANNON']
  if (folder === undefined) return undefined
  const autocannon = createRequire(join(folder, 'package.json'))('autocannon') as (
    options: object,
  ) => Promise<AutocannonResult>
  const { requests } = await autocannon({
    url: `http://127.0.0.1:${order.port}${order.path}`,
    method: 'POST',
    body: order.body,
    connections: order.connections,
    duration: order.seconds,
    headers: order.headers,
  })
  return requests.average
}

interface ArtilleryReport {
  readonly aggregate: {
    readonly counters: Readonly<Record<string, number>>
    readonly firstMetricAt: number
    readonly lastMetricAt: number
  }
}

/** What each virtual user asks before it ends: enough to keep all of them at it for some seconds. */
const REQUESTS_OF_USER = 150

/** Requests a second, of as many virtual users as connections that start within a second; ISTHMUS_BENCH_ARTILLERY. */
export async function artilleryPerSecond(order: PeerOrder): Promise<number | undefined> {
  const installed = process.env['ISTHMUS_BENCH_ARTILLERY']
  if (installed === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-bench-'))
  try {
    const post = { url: order.path, headers: order.headers, body: order.body }
    const scenario = {
      config: {
        target: `http://127.0.0.1:${order.port}`,
        http: { pool: order.connections },
        phases: [{ duration: 1, arrivalCount: order.connections }],
      },
      scenarios: [{ flow: [{ loop: [{ post }], count: REQUESTS_OF_USER }] }],
    }
    // YAML has JSON in it.
    await writeFile(join(folder, 'load.yml'), JSON.stringify(scenario))
    const program = join(installed, 'node_modules', 'artillery', 'bin', 'run')
    await promisify(execFile)(process.execPath, [program, 'run', '--quiet', '--output', 'report.json', 'load.yml'], {
      cwd: folder,
      env: { ...process.env, ARTILLERY_DISABLE_TELEMETRY: 'true' },
    })
    const { aggregate } = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as ArtilleryReport
    const answered = aggregate.counters['http.codes.200'] ?? 0
    if (answered !== order.connections * REQUESTS_OF_USER) throw new Error(`Artillery had ${answered} answers`)
    return (answered / (aggregate.lastMetricAt - aggregate.firstMetricAt)) * 1000
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
