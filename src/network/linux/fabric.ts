/**
 * The fabric: one process in user, process, mount and network namespaces of its own, which holds everything there is of the network. The
 * kernel ends it when we end, and with it every process and namespace inside. No privilege is needed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type Server } from 'node:net'
import type { Readable } from 'node:stream'

import { HUB } from '../plan/kernel/state.ts'
import { agentProgram } from './agent.ts'
import { FabricRefusal, refusalOf } from './refusal.ts'
import { type Resident, startResident } from './resident.ts'
import { findTools } from './tools.ts'

export interface Fabric {
  /** Put before a command line: runs it in the fabric's user and process namespaces and in a network namespace of its own. */
  prefix(namespace: string): readonly string[]
  /** A shell in the fabric, whose scripts take turns. */
  readonly shell: Shell
  /** Another one, which does not wait for the first. */
  startShell(): Shell
  /** `nft` in the fabric's own namespace, for single commands at once. */
  startNft(): Resident
  /** A socket that listens in a namespace and is ours. Rejects with the errno's text: `Address already in use`. */
  listen(place: ListeningPlace): Promise<Server>
  /** The same for datagrams. */
  bind(place: ListeningPlace): Promise<UdpSocket>
  /** Settles when the fabric has ended, for whatever reason. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

export interface ListeningPlace {
  readonly namespace: string
  readonly address: string
  readonly port: number
  /** Takes connections to whatever address the filters give it. */
  readonly transparent?: boolean
}

export interface Shell {
  /** Runs a script for `sh -e`, and resolves with what it printed. Rejects with that when it fails. */
  run(script: string): Promise<string>
}

const DIE_WITH_US = ['--pdeathsig', 'KILL', '--']
const OWN_NAMESPACES = ['--user', '--map-root-user', '--net', '--mount', '--pid', '--fork', '--kill-child', '--']
/** Ours alone, so that the system's is left as it is: `ip netns` keeps its names there. */
const PREPARATION =
  'mount -t tmpfs tmpfs /run && mkdir /run/netns && { mount -t proc proc /proc 2>/dev/null || true; }\n'
const SHELL_MARK = 'the script has ended'
const NFT_ECHO = 'table ip acknowledgement'
const NFT_MARK = `${NFT_ECHO} {\n}\n`

type Listener = Server | UdpSocket

/** `path`: where programs are looked for, besides the folders of the system. Rejects with `FabricRefusal` where the machine does not let us. */
export async function startFabric(path: string): Promise<Fabric> {
  if (process.platform !== 'linux') {
    throw new FabricRefusal('not-linux', `${process.platform} has no network namespaces`)
  }
  const tools = findTools(path)
  if (tools.missing.length > 0) throw new FabricRefusal('tool-missing', `there is no ${tools.missing.join(', no ')}`)
  const environment = { PATH: tools.path, LC_ALL: 'C' }
  const child = spawn(
    tools.locate('setpriv'),
    [...DIE_WITH_US, tools.locate('unshare'), ...OWN_NAMESPACES, tools.locate('perl'), '-e', agentProgram],
    { env: environment, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  )
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const pid = await agentPid(child, ended)
  const nsenter = (...options: string[]) => [
    tools.locate('nsenter'),
    `--user=/proc/${pid}/ns/user`,
    '--preserve-credentials',
    `--pid=/proc/${pid}/ns/pid`,
    ...options,
    '--',
  ]
  const inside = nsenter(`--mount=/proc/${pid}/ns/mnt`, `--net=/proc/${pid}/ns/net`)
  const ask = listenerRequests(child)

  const fabric: Fabric = {
    shell: startShell(inside, environment),
    prefix: (namespace) => nsenter(`--net=/proc/${pid}/root/run/netns/${namespace}`),
    startShell: () => startShell(inside, environment),
    startNft() {
      const nft = startResident([...inside, 'sh', '-c', 'exec nft -i 2>&1'], environment, NFT_MARK)
      return { ask: (command) => nft.ask(`${command}\nlist ${NFT_ECHO}\n`), close: () => nft.close() }
    },
    listen: (place) => ask(place.transparent === true ? 'transparent' : 'tcp', place) as Promise<Server>,
    bind: (place) => ask('udp', place) as Promise<UdpSocket>,
    ended,
    async close() {
      if (child.connected) child.disconnect()
      child.kill('SIGKILL')
      await ended
    },
  }
  try {
    await fabric.shell.run(`${PREPARATION}nft add ${NFT_ECHO}\n`)
  } catch (error) {
    await fabric.close()
    throw refusalOf((error as Error).message, error)
  }
  return fabric
}

function startShell(inside: readonly string[], environment: Record<string, string>): Shell {
  const shell = startResident([...inside, 'sh'], environment, `${SHELL_MARK}\n`)
  return {
    async run(script) {
      const answer = await shell.ask(`( set -e\n${script}) </dev/null 2>&1\necho "$?"; echo '${SHELL_MARK}'\n`)
      const [, output = '', status] = /^(.*?)(\d+)\n$/s.exec(answer) ?? []
      if (status !== '0') throw new Error(`a change of the network failed (${status}): ${output.trim()}`)
      return output
    },
  }
}

/** The id of the fabric's first process, as this machine counts. */
async function agentPid(child: ChildProcess, ended: Promise<void>): Promise<number> {
  let complaint = ''
  const { stderr } = child as { stderr: Readable }
  stderr.setEncoding('utf8').on('data', (chunk: string) => (complaint += chunk))
  const first = new Promise<{ pid: number }>((resolve) => child.once('message', resolve))
  const message = await Promise.race([first, ended.then(() => undefined)])
  if (message !== undefined) return message.pid
  if (!stderr.closed) await once(stderr, 'close')
  throw refusalOf(complaint)
}

function listenerRequests(child: ChildProcess) {
  const waiting = new Map<number, { resolve: (listener: Listener) => void; reject: (error: Error) => void }>()
  let lastId = 0
  child.on('message', ({ id, error }: { id: number; error?: string }, handle) => {
    const request = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) request?.resolve(handle as Listener)
    else request?.reject(new Error(error))
  })
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the fabric has ended'))
    waiting.clear()
  })
  return (protocol: 'tcp' | 'udp' | 'transparent', { namespace, address, port }: ListeningPlace): Promise<Listener> =>
    new Promise((resolve, reject) => {
      const id = ++lastId
      waiting.set(id, { resolve, reject })
      child.send(
        { request: `${id} ${namespace === HUB ? '-' : namespace} ${protocol} ${address} ${port}` },
        (error) => {
          if (error !== null && waiting.delete(id)) reject(error)
        },
      )
    })
}
