/** Starts runtimes: a function's own, or a blank Node.js that can become any function's. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import type { ComputeHost, FunctionImage, RuntimeCommand } from '../compute.ts'
import { needsFreshProcess } from '../environment/variables.ts'
import { type Runtime, stopRuntime } from '../environment/runtime.ts'
import { type Containment, probeContainment } from '../executor/containment.ts'
import { FRAMES_DESCRIPTOR, type Launch, startProcess } from '../executor/runtime-process.ts'
import { HostCapacityError } from '../host-capacity-error.ts'
import { listenForRuntime } from '../runtime-api/server.ts'
import { Session } from '../runtime-api/session.ts'
import { runtimeFamily, UnsupportedRuntimeError } from './catalogue.ts'
import { bootstrapOf, EntrypointError } from './entrypoint.ts'
import { createInterpreters } from './interpreters.ts'
import { nodeProgram } from './node/program.ts'
import { pythonProgram } from './python/program.ts'

export interface RuntimeStarter {
  /** Resolves when the runtime waits for its assignment. */
  blank(): Promise<Runtime>
  /** Whether a blank runtime can become this function's. */
  takesBlank(image: FunctionImage): boolean
  /** Rejects with `EntrypointError` when there is nothing to execute. */
  fresh(image: FunctionImage, variables: (runtimeApi: string) => Record<string, string>): Promise<Runtime>
  /** Rejects with `UnsupportedRuntimeError` when nothing here serves the runtime. */
  require(runtime: string): void
}

/** Tells a managed runtime where framed messages go; it removes it before the function sees it. */
export const FRAMES_VARIABLE = '_LAMBDA_TELEMETRY_LOG_FD'

/** What a function has printed must have left the process when it crashes or answers. */
const UNBUFFERED = '-u'

const BOOT_TIMEOUT_MS = 15_000

/** What is wrong with a program or its folder, as Lambda's supervisor puts it. */
const UNSTARTABLE: Readonly<Record<string, string>> = {
  ENOENT: 'fork/exec: no such file or directory',
  EACCES: 'fork/exec: permission denied',
  ENOEXEC: 'fork/exec: exec format error',
}

/** What Node.js itself reads when it starts; the rest comes with the assignment. */
const BLANK_VARIABLES = { LANG: 'en_US.UTF-8', TZ: ':UTC' }

export function createRuntimeStarter(host: ComputeHost, clock: Clock, workDirectory: string): RuntimeStarter {
  const interpreters = createInterpreters(host)
  let ready: Promise<{ containment: Containment; node: string; python: string }> | undefined
  const prepare = () => (ready ??= prepareWorkDirectory(host, workDirectory))

  const start = async (session: Session, launchFor: (api: string) => Promise<Launch>): Promise<Runtime> => {
    const { containment } = await prepare()
    const api = await listenForRuntime(session)
    try {
      return { session, api, process: await startProcess(await launchFor(api.address), containment) }
    } catch (error) {
      api.close()
      const code = (error as NodeJS.ErrnoException).code ?? ''
      const reason = UNSTARTABLE[code]
      throw reason === undefined ? error : new EntrypointError(reason, { cause: error })
    }
  }

  return {
    async blank() {
      const { node } = await prepare()
      const session = new Session('Blank')
      const runtime = await start(session, async (api) => ({
        command: process.execPath,
        args: [node, 'blank', api, session.assignmentKey],
        cwd: workDirectory,
        variables: BLANK_VARIABLES,
      }))
      await parked(runtime, clock)
      return runtime
    },

    takesBlank(image) {
      if (runtimeFamily(image.runtime) !== 'node' || needsFreshProcess(image.environment)) return false
      const { command, args } = interpreters.node(image.runtime)
      return command === process.execPath && args.length === 0
    },

    async fresh(image, variables) {
      const programs = await prepare()
      return start(new Session('Started'), async (api) => {
        const managed = runtimeFamily(image.runtime) === 'node' || runtimeFamily(image.runtime) === 'python'
        const frames = managed ? { [FRAMES_VARIABLE]: String(FRAMES_DESCRIPTOR) } : {}
        const { command, args } = await commandFor(image, api, programs)
        return { command, args, cwd: image.codeDirectory, variables: { ...variables(api), ...frames } }
      })
    },

    require(runtime) {
      if (runtimeFamily(runtime) === undefined && host.runtimeCommand(runtime) === undefined) {
        throw new UnsupportedRuntimeError(runtime)
      }
    },
  }

  async function commandFor(
    image: FunctionImage,
    api: string,
    programs: { node: string; python: string },
  ): Promise<RuntimeCommand> {
    switch (runtimeFamily(image.runtime)) {
      case 'node': {
        const node = interpreters.node(image.runtime)
        return wrapped(image, { command: node.command, args: [...node.args, programs.node, 'function', api] })
      }
      case 'python': {
        const python = await interpreters.python(image.runtime)
        return wrapped(image, { command: python.command, args: [...python.args, UNBUFFERED, programs.python] })
      }
      case 'provided':
      case undefined:
        return host.runtimeCommand(image.runtime) ?? { command: await bootstrapOf(image.codeDirectory), args: [] }
    }
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper */
function wrapped(image: FunctionImage, runtime: RuntimeCommand): RuntimeCommand {
  const wrapper = image.environment['AWS_LAMBDA_EXEC_WRAPPER']
  if (wrapper === undefined || wrapper === '') return runtime
  const path = wrapper.replace(/^\/var\/task(?=\/)/, image.codeDirectory)
  return { command: path, args: [runtime.command, ...runtime.args] }
}

async function parked(runtime: Runtime, clock: Clock): Promise<void> {
  const outcome = await new Promise<'parked' | 'ended' | 'late'>((resolve) => {
    const timer = clock.after(BOOT_TIMEOUT_MS, () => resolve('late'))
    runtime.session.parked = () => {
      timer.cancel()
      resolve('parked')
    }
    void runtime.process.exited.then(() => resolve('ended'))
  })
  if (outcome === 'parked') return
  stopRuntime(runtime)
  throw new HostCapacityError(
    outcome === 'late' ? `Node.js did not start within ${BOOT_TIMEOUT_MS / 1000} s` : 'Node.js ended while it started',
  )
}

async function prepareWorkDirectory(host: ComputeHost, workDirectory: string) {
  await mkdir(workDirectory, { recursive: true })
  const [containment, node] = await Promise.all([probeContainment(workDirectory), nodeProgram(workDirectory)])
  if (containment.name !== 'namespaces') {
    host.notice('functions can see the processes and files of this machine, which has no namespaces for them')
  }
  const python = join(workDirectory, 'python-runtime.py')
  await writeFile(python, pythonProgram)
  return { containment, node, python }
}
