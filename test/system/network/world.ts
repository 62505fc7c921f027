/** A real network for tests: what reaches its services, and commands that run in its places. */
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'

import { systemClock } from '../../../src/core/clock.ts'
import { createLinuxNetwork, type LinuxNetworkOptions } from '../../../src/network/linux/linux-network.ts'
import { detect } from '../../../src/network/linux/detect.ts'
import type { FlowRecord } from '../../../src/network/plan/flow-record.ts'
import type { ConnectionOrigin, Network, Place } from '../../../src/network/network.ts'
import { probe } from './probe.ts'

export interface World extends AsyncDisposable {
  readonly network: Network
  /** From whom the Runtime API was called, in order. */
  readonly runtimeCallers: readonly string[]
  readonly notices: readonly string[]
  readonly flows: readonly FlowRecord[]
}

const PATH = process.env['PATH'] ?? ''

/** Says once why the tests of a file are skipped. */
export async function isRefusedHere(): Promise<boolean> {
  const refusal = await detect(PATH)
  if (refusal !== undefined) process.stderr.write(`skipped: ${refusal.message}; ${refusal.remedy}\n`)
  return refusal !== undefined
}

/** AWS answers every request with `{"aws":<origin>}`, the Runtime API with `{"place":<address>}`. */
export function createWorld(options: Partial<Pick<LinuxNetworkOptions, 'egress' | 'clock'>> = {}): World {
  const runtimeCallers: string[] = []
  const notices: string[] = []
  const flows: FlowRecord[] = []
  const origins = new WeakMap<object, { aws: ConnectionOrigin } | { place: string }>()
  const server = createServer((request, response) => response.end(JSON.stringify(origins.get(request.socket))))
  const network = createLinuxNetwork({
    path: PATH,
    clock: systemClock,
    ...options,
    host: {
      onAwsConnection(socket, origin) {
        origins.set(socket, { aws: origin })
        server.emit('connection', socket)
      },
      onRuntimeConnection(socket, address) {
        runtimeCallers.push(address)
        origins.set(socket, { place: address })
        server.emit('connection', socket)
      },
      onFlow: (record) => void flows.push(record),
      notice: (message) => void notices.push(message),
    },
  })
  return {
    network,
    runtimeCallers,
    notices,
    flows,
    async [Symbol.asyncDispose]() {
      server.close()
      await network.close()
    },
  }
}

export interface Outcome {
  readonly status: number
  readonly output: string
}

const COMMAND_TIMEOUT_MS = 20_000

export function runIn(place: Place, ...command: readonly string[]): Promise<Outcome> {
  const [file = '', ...args] = [...place.prefix, ...command]
  return new Promise((resolve) => {
    execFile(file, args, { timeout: COMMAND_TIMEOUT_MS }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code ?? -1), output: `${stdout}${stderr}`.trim() })
    })
  })
}

/** `silent`, `refused`, or what the other side answered to a GET. */
export async function get(place: Place, address: string, port: number): Promise<string> {
  const [result] = await probe(place.prefix, [{ protocol: 'tcp', to: address, port }])
  if (result?.outcome === 'connects') return result.answer
  return result?.outcome === 'refused' ? 'refused' : 'silent'
}
