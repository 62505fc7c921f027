/** A cloud in a process of its own, with a state folder, that a test can kill. Run directly, this file is that process. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { startCloud } from '../../../src/start-cloud.ts'

export interface CloudProcess {
  /** Signs as the administrator of the target account. */
  client<Client>(
    constructor: new (settings: {
      readonly region: string
      readonly endpoint: string
      readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
      readonly maxAttempts: number
    }) => Client,
  ): Client
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
}

export async function startCloudProcess(stateDirectory: string): Promise<CloudProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url), stateDirectory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { endpoint, credentials } = JSON.parse(line) as Ready
  return {
    client: (constructor) => new constructor({ region: 'us-east-1', endpoint, credentials, maxAttempts: 1 }),
    async kill() {
      if (child.exitCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

interface Ready {
  readonly endpoint: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const cloud = await startCloud({
    host: '127.0.0.1',
    port: 0,
    auth: 'strict',
    // Functions tell the test what they do, on loopback.
    vpc: 'modelled',
    stateDirectory: process.argv[2] ?? '',
    notice: (text) => {
      process.stderr.write(`${text}\n`)
    },
  })
  const { accessKeyId = '', secretAccessKey = '' } = cloud.accounts.find(({ name }) => name === 'target') ?? {}
  const ready: Ready = { endpoint: cloud.endpoint, credentials: { accessKeyId, secretAccessKey } }
  process.stdout.write(`${JSON.stringify(ready)}\n`)
}
