/**
 * How a runtime's process is kept from outliving us and from reaching the host where there is no sandbox with a root of its own: the
 * strongest launcher this machine allows.
 *
 * From strong to weak: own user, process and /proc namespaces (everything a function ever started dies with it, and it sees no process
 * of the host) → the kernel's parent-death signal alone → a plain child, which notices that its connection has closed.
 */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Place } from '../compute.ts'
import type { Launcher } from './runtime-process.ts'
import { locateTool } from './tools.ts'

export interface Containment extends Launcher {
  readonly name: 'namespaces' | 'parent-death-signal' | 'none'
}

/** File descriptors a function may open. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const FILES_MAX = 1024
const LIMITS = `ulimit -n ${FILES_MAX}; ulimit -c 0;`
/** A shell that waits for the command after it. Its own remarks (`Killed`) are kept out of the function's log. */
export const WAITING_SHELL = ['/bin/sh', '-c', `${LIMITS} exec 9>&2 2>/dev/null; (exec "$@" 2>&9 9>&-); exit $?`, 'sh']
const AS_RUNTIME = ['/bin/sh', '-c', `${LIMITS} exec "$@"`, 'sh']
const DIE_WITH_PARENT = ['--pdeathsig', 'KILL', '--no-new-privs', '--']
const NO_CAPABILITIES = ['--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all']
const PROCESS_NAMESPACE = ['--pid', '--fork', '--kill-child', '--mount-proc', '--']
/** As process 1 of the namespace: a runtime in its place would ignore signals, and nobody would reap orphans. */
const AS_INIT = WAITING_SHELL
/** Uid and gid of a function's process on Lambda; being no root, it loses every capability when it is executed. */
const USER_NAMESPACE = ['--user', '--map-user=993', '--map-group=990']
/** What it cannot find out in this time a machine counts as not having: it may be busy, and functions would be contained by less. */
const PROBE_TIMEOUT_MS = 15_000

const NONE: Containment = { name: 'none', prefix: [], depth: 0, shell: false }

function candidates(setpriv: string, unshare: string | undefined): readonly Containment[] {
  const isRoot = process.getuid?.() === 0
  const dieWithParent = [setpriv, ...DIE_WITH_PARENT]
  const namespaces = (unshareAs: readonly string[], runAs: readonly string[]): Containment[] => {
    if (unshare === undefined) return []
    const prefix = [...dieWithParent, unshare, ...unshareAs, ...PROCESS_NAMESPACE, ...runAs, ...AS_INIT]
    return [{ name: 'namespaces', prefix, depth: 2, shell: true }]
  }
  const withoutCapabilities = isRoot ? [setpriv, ...NO_CAPABILITIES, '--'] : []
  return [
    ...namespaces(USER_NAMESPACE, []),
    ...(isRoot ? namespaces([], withoutCapabilities) : []),
    {
      name: 'parent-death-signal',
      prefix: [...withoutCapabilities, ...dieWithParent, ...AS_RUNTIME],
      depth: 0,
      shell: false,
    },
  ]
}

/**
 * The same in a place, whose user namespace gives what is needed to show the function the right `/etc/resolv.conf`.
 */
export function containmentIn(
  place: Place,
  tools: { readonly setpriv: string; readonly unshare: string },
  resolvConf: string,
): Launcher {
  const dieWithParent = [tools.setpriv, ...DIE_WITH_PARENT]
  const withResolver = ['--mount', '--', '/bin/sh', '-c', 'mount --bind "$0" /etc/resolv.conf && exec "$@"', resolvConf]
  return {
    prefix: [
      ...dieWithParent,
      ...place.prefix,
      ...dieWithParent,
      tools.unshare,
      ...withResolver,
      tools.unshare,
      ...USER_NAMESPACE,
      ...PROCESS_NAMESPACE,
      ...AS_INIT,
    ],
    depth: 3,
    shell: true,
    freezes: false,
  }
}

/** Tries each launcher with the very things a runtime needs: this Node.js, and a file in our folder. */
export async function probeContainment(workDirectory: string): Promise<Containment> {
  const path = process.env['PATH'] ?? ''
  const [setpriv, unshare] = [locateTool('setpriv', path), locateTool('unshare', path)]
  if (process.platform !== 'linux' || setpriv === undefined) return NONE
  const marker = join(workDirectory, 'probe')
  await writeFile(marker, 'readable')
  const script = 'process.stdout.write(require("fs").readFileSync(process.argv[1]))'
  for (const candidate of candidates(setpriv, unshare)) {
    const [command, ...args] = [...candidate.prefix, process.execPath, '-e', script, marker]
    if (await runs(command, args, workDirectory)) return candidate
  }
  return NONE
}

async function runs(command: string, args: readonly string[], cwd: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd, env: {}, timeout: PROBE_TIMEOUT_MS })
    return stdout === 'readable'
  } catch {
    return false
  }
}
