/** The host's interpreters, found once, and what is said when a function's runtime is of another version. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ComputeHost, RuntimeCommand } from '../compute.ts'
import { runtimeMajor } from './catalogue.ts'
import { EntrypointError } from './entrypoint.ts'

export interface Interpreters {
  /** Our own Node.js, or the one isthmus.yaml names for this runtime. */
  node(runtime: string): RuntimeCommand
  python(runtime: string): Promise<PythonCommand>
}

export interface PythonCommand extends RuntimeCommand {
  /** The folder of its program and library: `/usr`, `~/.pyenv/versions/3.12.4`. */
  readonly prefix: string
  /** The folder in which it has found the AWS SDK, which need not be in its own; empty when it has none. */
  readonly packages: string
}

const PROBE_TIMEOUT_MS = 10_000

export function createInterpreters(host: ComputeHost): Interpreters {
  const said = new Set<string>()
  const pythons = new Map<string, Promise<FoundPython>>()
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
      const command = named?.command ?? 'python3'
      const found = pythons.get(command) ?? findPython(command)
      pythons.set(command, found)
      const { path, version, prefix, packages } = await found
      if (named === undefined && Number(version.split('.')[1]) !== runtimeMajor(runtime)) {
        sayOnce(runtime, `Python ${version}`)
      }
      return { command: path, args: named?.args ?? [], prefix, packages }
    },
  }
}

interface FoundPython {
  readonly path: string
  readonly version: string
  readonly prefix: string
  readonly packages: string
}

const PROBE = `
import importlib.util, os, sys
spec = importlib.util.find_spec("boto3")
print(sys.executable)
print(sys.version.split()[0])
print(sys.base_prefix)
print(os.path.dirname(os.path.dirname(spec.origin)) if spec and spec.origin else "")
`

/** The interpreter itself: `python3` on the PATH may be a version manager's script, which needs the host's environment. */
async function findPython(command: string): Promise<FoundPython> {
  try {
    const { stdout } = await promisify(execFile)(command, ['-c', PROBE], { timeout: PROBE_TIMEOUT_MS })
    const [path = '', version = '', prefix = '', packages = ''] = stdout.split('\n')
    return { path, version, prefix, packages }
  } catch (cause) {
    throw new EntrypointError(`there is no ${command} on the PATH of this machine`, { cause })
  }
}
