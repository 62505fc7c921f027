/**
 * A sandbox with a root, a `/tmp`, process ids and a host name of its own, made without privilege by util-linux and a shell.
 *
 * Its process 1 is a shell, which mounts what the function is to see; it is root of the sandbox's user namespace. A runtime joins their namespaces, enters a further user namespace as Lambda's user, without capabilities, and
 * has `root-view.ts` as its root; who is in a changed root may make no user namespace of his own, so there is no way back up.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Clock } from '../../core/clock.ts'
import type { Place } from '../compute.ts'
import { HostCapacityError } from '../host-capacity-error.ts'
import { WAITING_SHELL } from './containment.ts'
import { createControlShell, type ControlShell, quoted } from './control-shell.ts'
import {
  LAYERS,
  NODE,
  NODE_PROGRAM,
  PYTHON_PROGRAM,
  resizeTemporaryStorage,
  type RootView,
  showCommand,
  TASK,
} from './root-view.ts'
import { killGroup, type Launch, type Launcher, type RuntimeProcess, startProcess } from './runtime-process.ts'
import type { Furniture, Sandbox, View } from './sandbox.ts'

export interface SandboxTools {
  readonly setpriv: string
  readonly unshare: string
  readonly nsenter: string
  /** The PATH of the commands inside. */
  readonly path: string
}

/** Until the shell says something, on a machine that is very busy. */
const SHELL_TIMEOUT_MS = 15_000
const END_TIMEOUT_MS = 2000
const COMPLAINT_LENGTH_MAX = 1000

const DIE_WITH_PARENT = ['--pdeathsig', 'KILL', '--no-new-privs', '--']
const OWN_NAMESPACES = ['--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--']
/** Process 1: a function can neither end nor stop it. When it ends, with our end of its input, the kernel ends all others. */
const SHELL = ['/bin/sh', '-s']
/** A shell that waits for a command of its own takes leave of the orphans that have ended before. */
const REAP = '(:)'
const HOST_NAME = '169.254.100.1'
/** Uid and gid of a function's process on Lambda. */
const FUNCTION_USER = ['--user', '--map-user=993', '--map-group=990']

const VIEW: View = {
  hasOwnRoot: true,
  node: NODE,
  nodeProgram: NODE_PROGRAM,
  pythonProgram: PYTHON_PROGRAM,
  task: () => TASK,
  layers: () => LAYERS,
  temporaryDirectory: undefined,
}

/** Rejects with `HostCapacityError`, saying what the machine answered. */
export async function createMountedSandbox(
  { tools, root, clock }: { readonly tools: SandboxTools; readonly root: RootView; readonly clock: Clock },
  place: Place | undefined,
): Promise<Sandbox> {
  const dieWithParent = [tools.setpriv, ...DIE_WITH_PARENT]
  // A place has a user namespace already, in which we are root.
  const ground =
    place === undefined
      ? [tools.unshare, '--user', '--map-root-user']
      : [...place.prefix, ...dieWithParent, tools.unshare]
  const child = spawn(tools.setpriv, [...DIE_WITH_PARENT, ...ground, ...OWN_NAMESPACES, ...SHELL], {
    env: { PATH: tools.path },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const shell = createControlShell(child.stdin, child.stdout)
  const ended = endOf(child, shell)
  let last: RuntimeProcess | undefined
  let closed: Promise<void> | undefined
  const close = (): Promise<void> =>
    (closed ??= (async () => {
      // The shell is process 1: with it go all others, and only then does its parent end, so that nothing is left when we say so.
      shell.leave()
      const timer = clock.after(END_TIMEOUT_MS, () => killGroup(child))
      await ended
      timer.cancel()
      await place?.remove()
    })())

  let pid: string
  const timer = clock.after(SHELL_TIMEOUT_MS, () => killGroup(child))
  try {
    pid = await idOfShell(shell, root)
  } catch (error) {
    await close().catch(() => {})
    throw new HostCapacityError(`this machine made no sandbox: ${(await ended) || (error as Error).message}`, {
      cause: error,
    })
  } finally {
    timer.cancel()
  }

  const namespaces = ['user', 'mnt', 'pid', 'ipc', 'uts', ...(place === undefined ? [] : ['net'])]
  const entrance = [
    tools.nsenter,
    // It would stop with a frozen runtime, and not notice its end: the shell waits instead.
    '--no-fork',
    '--preserve-credentials',
    ...namespaces.map((name) => `${OPTION[name]}=/proc/${pid}/ns/${name}`),
  ]
  const launcher: Launcher = {
    prefix: [
      ...dieWithParent,
      ...entrance,
      '--',
      ...WAITING_SHELL,
      tools.unshare,
      ...FUNCTION_USER,
      `--root=${root.folder}`,
    ],
    depth: 1,
    shell: true,
    waitsOutside: true,
    signalRest: (signal) => shell.tell(`kill -${signal} -1 2>/dev/null${signal === 'STOP' ? `; ${REAP}` : ''}`),
  }

  return {
    place,
    view: VIEW,
    async furnish({ codeDirectory, layersDirectory, ephemeralStorageMb, fittings }: Furniture) {
      const shown = [
        ...fittings,
        { source: codeDirectory, target: TASK },
        ...(layersDirectory === undefined ? [] : [{ source: layersDirectory, target: LAYERS }]),
      ]
      const commands = [
        ...shown.map((fitting) => showCommand(root, fitting)),
        ...resizeTemporaryStorage(root, ephemeralStorageMb),
      ]
      try {
        await shell.run(commands.join(' && '))
      } catch (error) {
        throw new HostCapacityError(`the sandbox could not be furnished: ${(error as Error).message}`, { cause: error })
      }
    },
    async start(launch: Launch): Promise<RuntimeProcess> {
      return (last = await startProcess(inside(launch), launcher))
    },
    async clear() {
      // What ends the rest of the one before would end the next as well.
      await last?.exited
      const timer = clock.after(SHELL_TIMEOUT_MS, () => killGroup(child))
      const answered = shell.run('kill -KILL -1 2>/dev/null; :').then(
        () => true,
        () => false,
      )
      void answered.then(() => timer.cancel())
      return answered
    },
    close,
  }

  /** The tools on the way in must not take the function's variables for their own; a blank runtime has none yet. */
  function inside({ command, args, cwd, variables }: Launch): Launch {
    const pairs = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
    const isBlank = Object.keys(variables).every((name) => HARMLESS.includes(name))
    return {
      command: `--wd=${cwd}`,
      args: ['--', ...(isBlank ? [] : ['/usr/bin/env', '-i', ...pairs]), command, ...args],
      cwd: '/',
      variables: isBlank ? { ...variables, PATH: tools.path } : { PATH: tools.path },
    }
  }
}

/** Variables that mean nothing to the tools on the way in. */
const HARMLESS = ['LANG', 'TZ']

const OPTION: Readonly<Record<string, string>> = {
  user: '--user',
  mnt: '--mount',
  pid: '--pid',
  ipc: '--ipc',
  uts: '--uts',
  net: '--net',
}

/** The id of the shell, as this machine counts: the sandbox's own /proc is not yet where the shell looks. */
async function idOfShell(shell: ControlShell, root: RootView): Promise<string> {
  const setUp = `mount --all --fstab ${quoted(root.table)} && read -r pid rest </proc/self/stat && echo "$pid"`
  const pid = await shell.run(setUp)
  shell.tell(`{ echo ${HOST_NAME} >/proc/sys/kernel/hostname || hostname ${HOST_NAME}; } 2>/dev/null`)
  return pid
}

/** What the programs on the way in complained of. */
function endOf(child: ChildProcess, shell: ControlShell): Promise<string> {
  let complaint = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    if (complaint.length < COMPLAINT_LENGTH_MAX) complaint += chunk
  })
  return new Promise((resolve) => {
    const end = (error?: Error) => {
      shell.end()
      resolve(error?.message ?? complaint.trim())
    }
    child.once('error', end)
    child.once('exit', () => setImmediate(end))
  })
}
