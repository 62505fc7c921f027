/** A cloud for benchmarks: the real program in a process of its own, and the real SDK as its client. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { readAwsProfiles } from '../src/cli/aws-profiles.ts'
import { processVariables } from './bare-node.ts'

export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export type AccountName = 'management' | 'source' | 'target'

export interface Isthmus {
  readonly pid: number
  readonly endpoint: string
  readonly port: number
  /** From the start of the process to its ready line. */
  readonly readyMs: number
  administrator(account: AccountName): Keys
  /** Ends it and removes what it kept. */
  close(): Promise<void>
}

export const REGION = 'us-east-1'
export const ACCOUNTS = { source: '111122223333', target: '444455556666' } as const
const PROGRAM = join(import.meta.dirname, '..', 'bin', 'isthmus')

/** `durable`: with a state folder, in the system's temporary folder. */
export async function startIsthmus(options: { readonly durable?: boolean } = {}): Promise<Isthmus> {
  // The SDK's remark on old versions of Node.js would come with every table.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-bench-'))
  const keeping = options.durable ? ['--state', join(folder, 'state')] : ['--ephemeral']
  const begunMs = performance.now()
  const server = spawn(process.execPath, [PROGRAM, 'up', ...keeping, '--port', '0', '--json'], {
    cwd: folder,
    env: processVariables(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const killWithUs = () => server.kill()
  process.once('exit', killWithUs)
  const exited = once(server, 'exit').finally(() => process.off('exit', killWithUs))
  const [line] = (await Promise.race([once(createInterface(server.stdout), 'line'), exited])) as [string | number]
  if (typeof line !== 'string') throw new Error(`isthmus up ended with ${line}`)
  const readyMs = performance.now() - begunMs
  const { endpoint, awsConfigFile } = JSON.parse(line) as { readonly endpoint: string; readonly awsConfigFile: string }
  const profiles = readAwsProfiles(dirname(dirname(awsConfigFile)))
  return {
    pid: server.pid ?? 0,
    endpoint,
    port: Number(new URL(endpoint).port),
    readyMs,
    administrator(account) {
      const profile = profiles.find(({ name }) => name === account)
      if (!profile) throw new Error(`the cloud has no account ${account}`)
      return { accessKeyId: profile.accessKeyId, secretAccessKey: profile.secretAccessKey }
    },
    async close() {
      server.kill('SIGTERM')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** What every SDK client of the cloud needs. */
export function clientSettings({ endpoint }: Isthmus, credentials: Keys) {
  return { region: REGION, endpoint, credentials, maxAttempts: 1 }
}
