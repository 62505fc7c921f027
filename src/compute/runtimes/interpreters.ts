/** The host's interpreters, found once, and what is said when a function's runtime is of another version. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ComputeHost, RuntimeCommand } from '../compute.ts'
import { runtimeMajor } from './catalogue.ts'
import { EntrypointError } from './entrypoint.ts'

export interface Interpreters {
  /** Our own Node.js, or the one isthmus.yaml names for this runtime. */
  node(runtime: string): RuntimeCommand
  python(runtime: string): Promise<RuntimeCommand>
}

const PROBE_TIMEOUT_MS = 10_000

export function createInterpreters(host: ComputeHost): Interpreters {
  const said = new Set<string>()
  let python: Promise<{ path: string; version: string }> | undefined
  const sayOnce = (runtime: string, interpreter: string) => {
    if (said.has(runtime)) return
    said.add(runtime)
    host.notice(`${runtime} is served by ${interpreter}`)
  }
  return {
    node(runtime) {
      const named = host.runtimeCommand(runtime)
      if (named !== undefined) return named
      if (Number(process.versions.node.split('.')[0]) !== runtimeMajor(runtime))
        sayOnce(runtime, `Node ${process.version}`)
      return { command: process.execPath, args: [] }
    },
    async python(runtime) {
      const named = host.runtimeCommand(runtime)
      if (named !== undefined) return named
      python ??= findPython()
      const { path, version } = await python
      if (Number(version.split('.')[1]) !== runtimeMajor(runtime)) sayOnce(runtime, `Python ${version}`)
      return { command: path, args: [] }
    },
  }
}

/** The interpreter itself: `python3` on the PATH may be a version manager's script, which needs the host's environment. */
async function findPython(): Promise<{ path: string; version: string }> {
  const script = 'import sys; print(sys.executable); print(sys.version.split()[0])'
  try {
    const { stdout } = await promisify(execFile)('python3', ['-c', script], { timeout: PROBE_TIMEOUT_MS })
    const [path = '', version = ''] = stdout.trim().split('\n')
    return { path, version }
  } catch (cause) {
    throw new EntrypointError('there is no python3 on the PATH of this machine', { cause })
  }
}
