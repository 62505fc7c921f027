/** Makes sandboxes: the best kind this machine allows, found out once. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import type { ComputeHost, Place, Places } from '../compute.ts'
import { HostCapacityError } from '../host-capacity-error.ts'
import { nodeProgram } from '../runtimes/node/program.ts'
import { pythonProgram } from '../runtimes/python/program.ts'
import { packagesFolder, type TaskSurroundings } from '../runtimes/task-surroundings.ts'
import { type Containment, containmentIn, probeContainment } from './containment.ts'
import { createMountedSandbox, type SandboxTools } from './mounted-sandbox.ts'
import { createPlainSandbox } from './plain-sandbox.ts'
import { createRootView, type RootView } from './root-view.ts'
import type { Launcher } from './runtime-process.ts'
import type { Sandbox, View } from './sandbox.ts'
import { locateTool, systemPath } from './tools.ts'

export interface SandboxesOptions {
  readonly host: ComputeHost
  readonly clock: Clock
  readonly ids: Ids
  readonly workDirectory: string
  readonly places: Places | undefined
  readonly surroundings: TaskSurroundings
}

export interface Sandboxes {
  /** `plain`: for a program that needs to see the machine. Rejects with `HostCapacityError`. */
  create(kind: 'best' | 'plain'): Promise<Sandbox>
}

interface Ground {
  readonly programs: Pick<View, 'node' | 'nodeProgram' | 'pythonProgram'>
  readonly tools: SandboxTools | undefined
  /** Undefined where the machine allows no sandbox with a root of its own. */
  readonly root: RootView | undefined
  readonly resolvConf: string
}

export function createSandboxes(options: SandboxesOptions): Sandboxes {
  const { host, clock, ids, workDirectory, places, surroundings } = options
  let ground: Promise<Ground> | undefined
  let containment: Promise<Containment> | undefined

  const makePlace = async (): Promise<Place | undefined> => {
    try {
      return await places?.create()
    } catch (error) {
      throw new HostCapacityError(`this machine made no network for it: ${(error as Error).message}`, { cause: error })
    }
  }

  const launcherIn = async (place: Place | undefined, { tools, resolvConf }: Ground): Promise<Launcher> => {
    if (place !== undefined && tools !== undefined) return containmentIn(place, tools, resolvConf)
    return (containment ??= contain())
  }

  const contain = async (): Promise<Containment> => {
    const found = await probeContainment(workDirectory)
    if (found.name !== 'namespaces') {
      host.notice('functions can see the processes and files of this machine, which has no namespaces for them')
    }
    return found
  }

  const prepare = async (): Promise<Ground> => {
    await mkdir(workDirectory, { recursive: true })
    const python = join(workDirectory, 'python-runtime.py')
    await writeFile(python, pythonProgram)
    const programs = { node: process.execPath, nodeProgram: nodeProgram(workDirectory), pythonProgram: python }
    const resolvConf = join(workDirectory, 'resolv.conf')
    if (places !== undefined) await writeFile(resolvConf, places.resolvConf)
    const tools = findTools()
    const root = await findRoot(programs, tools)
    return { programs, tools, root, resolvConf }
  }

  const findRoot = async (
    programs: Ground['programs'],
    tools: SandboxTools | undefined,
  ): Promise<RootView | undefined> => {
    try {
      if (tools === undefined) throw new Error('it lacks `setpriv`, `unshare` or `nsenter`')
      const root = await createRootView({
        workDirectory,
        nodeProgram: programs.nodeProgram,
        pythonProgram: programs.pythonProgram,
        packages: packagesFolder(),
        resolvConf: places?.resolvConf,
      })
      await tryOut(root, tools)
      return root
    } catch (error) {
      host.notice(`functions can see the files of this machine, which allows no sandbox: ${(error as Error).message}`)
      return undefined
    }
  }

  /** With the very thing a runtime needs: our Node.js, in a changed root. */
  const tryOut = async (root: RootView, tools: SandboxTools): Promise<void> => {
    const sandbox = await createMountedSandbox({ tools, root, clock }, undefined)
    try {
      const launch = { command: sandbox.view.node, args: ['-e', ''], cwd: '/var/task', variables: {} }
      const tried = await sandbox.start(launch)
      let printed = ''
      tried.output = (_stream, chunk) => void (printed += chunk.toString())
      const { code, signal } = await tried.exited
      if (code !== 0) throw new Error(`${process.execPath} does not run in it (${signal ?? code}) ${printed.trim()}`)
    } finally {
      await sandbox.close()
    }
  }

  return {
    async create(kind) {
      const known = await (ground ??= prepare())
      const place = await makePlace()
      const { tools, root, programs } = known
      if (kind === 'best' && tools !== undefined && root !== undefined) {
        return createMountedSandbox({ tools, root, clock }, place)
      }
      const temporaryDirectory = join(workDirectory, 'environments', ids.hex(16))
      const launcher = await launcherIn(place, known)
      return createPlainSandbox({ launcher, place, surroundings, programs, temporaryDirectory })
    },
  }
}

function findTools(): SandboxTools | undefined {
  if (process.platform !== 'linux') return undefined
  const path = process.env['PATH'] ?? ''
  const [setpriv, unshare, nsenter] = ['setpriv', 'unshare', 'nsenter'].map((name) => locateTool(name, path))
  if (setpriv === undefined || unshare === undefined || nsenter === undefined) return undefined
  return { setpriv, unshare, nsenter, path: systemPath(path) }
}
