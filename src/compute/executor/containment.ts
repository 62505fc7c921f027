/**
 * How a runtime's process is kept from outliving us and from reaching the host: the strongest launcher this machine allows.
 *
 * From strong to weak: own user, process and /proc namespaces (everything a function ever started dies with it, and it sees no process
 * of the host) → the kernel's parent-death signal alone → a plain child, which notices that its connection has closed.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
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
const DIE_WITH_PARENT = ['--pdeathsig', 'KILL', '--no-new-privs', '--']
const NO_CAPABILITIES = ['--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all']
const PROCESS_NAMESPACE = ['--pid', '--fork', '--kill-child', '--mount-proc', '--']
/** Uid and gid of a function's process on Lambda; being no root, it loses every capability when it is executed. */
const USER_NAMESPACE = ['--user', '--map-user=993', '--map-group=990']
const PROBE_TIMEOUT_MS = 5000

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

/** Tries each launcher with the very things a runtime needs: this Node.js, and a file in our folder. */
export async function probeContainment(workDirectory: string): Promise<Containment> {
  // Looked up here, for the function's PATH is Lambda's.
  const [setpriv, unshare] = [executable('setpriv'), executable('unshare')]
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

function executable(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute)
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

async function runs(command: string, args: readonly string[], cwd: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd, env: {}, timeout: PROBE_TIMEOUT_MS })
    return stdout === 'readable'
  } catch {
    return false
  }
}
