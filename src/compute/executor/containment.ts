/**
 * How a runtime's process is kept from outliving us and from reaching the host: the strongest launcher this machine allows.
 *
 * From strong to weak: own user, process and /proc namespaces (everything a function ever started dies with it, and it sees no process
 * of the host) → the kernel's parent-death signal alone → a plain child, which notices that its connection has closed.
 */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface Containment {
  readonly name: 'namespaces' | 'parent-death-signal' | 'none'
  /** Put before the runtime's own command line. */
  readonly prefix: readonly string[]
  /** How many processes stand between the one we start and the runtime. */
  readonly depth: number
  /** The runtime's parent is a shell, which reports a signal as 128 + its number. */
  readonly shell: boolean
}

/** File descriptors a function may open. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const FILES_MAX = 1024
const LIMITS = `ulimit -n ${FILES_MAX}; ulimit -c 0;`
/**
 * The shell stays as process 1 of the namespace: a runtime in its place would ignore signals, and nobody would reap orphans. Its own
 * remarks (`Killed`) are kept out of the function's log.
 */
const AS_INIT = ['/bin/sh', '-c', `${LIMITS} exec 9>&2 2>/dev/null; (exec "$@" 2>&9 9>&-); exit $?`, 'init']
const AS_RUNTIME = ['/bin/sh', '-c', `${LIMITS} exec "$@"`, 'sh']
const DIE_WITH_PARENT = ['setpriv', '--pdeathsig', 'KILL', '--no-new-privs', '--']
const PROBE_TIMEOUT_MS = 5000

/** Uid and gid of a function's process on Lambda; being no root, it loses every capability when it is executed. */
const UNSHARE = [
  'unshare',
  '--user',
  '--map-user=993',
  '--map-group=990',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
  '--',
]

const NONE: Containment = { name: 'none', prefix: [], depth: 0, shell: false }
const CANDIDATES: readonly Containment[] = [
  { name: 'namespaces', prefix: [...DIE_WITH_PARENT, ...UNSHARE, ...AS_INIT], depth: 2, shell: true },
  { name: 'parent-death-signal', prefix: [...DIE_WITH_PARENT, ...AS_RUNTIME], depth: 0, shell: false },
]

/** Tries each launcher with the very things a runtime needs: this Node.js, and a file in our folder. */
export async function probeContainment(workDirectory: string): Promise<Containment> {
  if (process.platform !== 'linux') return NONE
  const marker = join(workDirectory, 'probe')
  await writeFile(marker, 'readable')
  const script = 'process.stdout.write(require("fs").readFileSync(process.argv[1]))'
  for (const candidate of CANDIDATES) {
    const [command, ...args] = [...candidate.prefix, process.execPath, '-e', script, marker]
    if (command !== undefined && (await runs(command, args, workDirectory))) return candidate
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
