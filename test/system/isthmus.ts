/** The real `isthmus` command in real processes, in folders of their own: the current one, the home, and the temporary one. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { readAwsProfiles } from '../../src/cli/aws-profiles.ts'

export const ROOT = join(import.meta.dirname, '..', '..')
const COMMAND = join(ROOT, 'bin', 'isthmus')

export const ACCOUNTS = { management: '000000000001', source: '111122223333', target: '444455556666' } as const
export type AccountName = keyof typeof ACCOUNTS

export interface Finished {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCommand {
  readonly pid: number
  /** What it has printed so far. */
  readonly output: { readonly stdout: string; readonly stderr: string }
  readonly ended: Promise<Finished>
  /** Resolves once stdout has a line that contains `text`, with that line. */
  line(text?: string): Promise<string>
  kill(signal: NodeJS.Signals): Promise<Finished>
}

/** The first line of `up --json`. */
export interface Ready {
  readonly ready: boolean
  readonly endpoint: string
  readonly accounts: readonly { readonly name: string; readonly id: string }[]
  readonly awsConfigFile: string
  readonly awsCredentialsFile: string
  readonly dataPlane: string
}

interface ClientSettings {
  readonly region: string
  readonly endpoint: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly maxAttempts: number
}

export interface RunningCloud extends RunningCommand {
  readonly ready: Ready
  /** A client that signs as the administrator of an account, and never retries. */
  client<Client>(constructor: new (settings: ClientSettings) => Client, account: AccountName): Client
  /** SIGTERM, and waits for the end. */
  stop(): Promise<Finished>
}

type Environment = Readonly<Record<string, string>>

export interface Workplace {
  /** The current folder of its commands. */
  readonly folder: string
  /** Where its commands see the system's temporary folder. */
  readonly temporary: string
  readonly environment: Environment
  run(args: readonly string[], environment?: Environment): Promise<Finished>
  start(args: readonly string[], environment?: Environment): RunningCommand
  /** `up --json` on a free port; resolves once it accepts calls. */
  up(args?: readonly string[], environment?: Environment): Promise<RunningCloud>
  /** Ends what still runs and removes the folders. */
  close(): Promise<void>
}

export function createWorkplace(): Workplace {
  // A command that finds the sources changed says on stderr that it builds them.
  execFileSync(process.execPath, [join(ROOT, 'scripts', 'bootstrap.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] })
  const place = mkdtempSync(join(tmpdir(), 'isthmus-test-'))
  const [folder, temporary, home] = ['folder', 'temporary', 'home'].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ]
  for (const path of [folder, temporary, home]) mkdirSync(path)
  // Nothing of the person's own AWS configuration.
  const environment = { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: temporary }
  const running = new Set<RunningCommand>()

  const start: Workplace['start'] = (args, more = {}) => {
    const command = watch(
      spawn(process.execPath, [COMMAND, ...args], {
        cwd: folder,
        env: { ...environment, ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
    running.add(command)
    void command.ended.then(() => running.delete(command))
    return command
  }
  return {
    folder,
    temporary,
    environment,
    start,
    run: (args, more) => start(args, more).ended,
    up: async (args = [], more = {}) => cloudOf(start(['up', '--port', '0', '--json', ...args], more)),
    close: async () => {
      await Promise.all([...running].map((command) => command.kill('SIGKILL')))
      rmSync(place, { recursive: true, force: true })
    },
  }
}

async function cloudOf(command: RunningCommand): Promise<RunningCloud> {
  const ready = JSON.parse(await command.line()) as Ready
  const profiles = readAwsProfiles(join(ready.awsConfigFile, '..', '..'))
  return {
    ...command,
    get output() {
      return command.output
    },
    ready,
    client: (constructor, account) => {
      const profile = profiles.find(({ name }) => name === account)
      if (!profile) throw new Error(`no profile ${account}`)
      const { region, endpointUrl, accessKeyId, secretAccessKey } = profile
      const credentials = { accessKeyId, secretAccessKey }
      return new constructor({ region, endpoint: endpointUrl, credentials, maxAttempts: 1 })
    },
    stop: () => command.kill('SIGTERM'),
  }
}

function watch(child: ChildProcess): RunningCommand {
  const output = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
      for (const look of waiting) look()
    })
  }
  let over = false
  const ended = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode, signal) => {
      over = true
      resolve({ exitCode, signal, ...output })
      for (const look of waiting) look()
    })
  })
  return {
    pid: child.pid ?? 0,
    output,
    ended,
    line: (text = '') =>
      new Promise((resolve, reject) => {
        const look = () => {
          const complete = output.stdout.split('\n').slice(0, -1)
          const found = complete.find((line) => line.includes(text))
          if (found === undefined && !over) return
          waiting.delete(look)
          if (found !== undefined) resolve(found)
          else reject(new Error(`it ended without the line: ${output.stderr}${output.stdout}`))
        }
        waiting.add(look)
        look()
      }),
    kill: (signal) => {
      child.kill(signal)
      return ended
    },
  }
}

export function listing(folder: string): readonly string[] {
  return readdirSync(folder).sort()
}
