/** Starts runtimes: a function's own, or a blank Node.js that can become any function's. */
import type { Clock } from '../../core/clock.ts'
import type { ComputeHost, FunctionImage, RuntimeCommand } from '../compute.ts'
import { needsFreshProcess } from '../environment/variables.ts'
import { type Runtime, type StartedRuntime, stopRuntime } from '../environment/runtime.ts'
import { deferProcess } from '../executor/deferred-process.ts'
import { FRAMES_DESCRIPTOR, type Launch, type RuntimeProcess } from '../executor/runtime-process.ts'
import { LAYERS } from '../executor/root-view.ts'
import type { Sandbox } from '../executor/sandbox.ts'
import type { Sandboxes } from '../executor/sandboxes.ts'
import { HostCapacityError } from '../host-capacity-error.ts'
import { listenForRuntime, type PlaceApi, type RuntimeApi } from '../runtime-api/server.ts'
import { Session } from '../runtime-api/session.ts'
import { runtimeFamily, UnsupportedRuntimeError } from './catalogue.ts'
import { bootstrapOf, EntrypointError } from './entrypoint.ts'
import { type FittedCommand, fittedNode, fittedPython } from './fitted.ts'
import { createInterpreters } from './interpreters.ts'

export interface RuntimeStarter {
  /** Resolves when the runtime waits for its assignment: in a sandbox of its own, or in one whose runtime has ended. */
  blank(sandbox?: Sandbox): Promise<Runtime>
  /** Whether a blank runtime can become this function's. */
  takesBlank(image: FunctionImage): boolean
  /** How the program that serves the function is started, and what its sandbox has to hold. */
  programFor(image: FunctionImage): Promise<Program>
  /** Rejects with `EntrypointError` when there is nothing to execute; a runtime that waits is not started before `begin`. */
  fresh(housed: HousedFunction): Promise<Pick<StartedRuntime, 'runtime' | 'begin'>>
  /** Rejects with `UnsupportedRuntimeError` when nothing here serves the runtime. */
  require(runtime: string): void
}

/** What serves a function; arguments that only the runtime's start knows are added then. */
export interface Program {
  /** The interpreter, or what isthmus.yaml names; undefined: the function brings its own program. */
  readonly command: RuntimeCommand | undefined
  /** The same in a sandbox with a root of its own; undefined: it has to see the machine. */
  readonly fitted: FittedCommand | undefined
}

export interface HousedFunction {
  readonly image: FunctionImage
  readonly program: Program
  readonly sandbox: Sandbox
  readonly layersDirectory: string | undefined
  readonly variables: (runtimeApi: string) => Record<string, string>
  /** Something has to be started before it. */
  readonly waits: boolean
}

export interface RuntimeStarterOptions {
  readonly host: ComputeHost
  readonly clock: Clock
  readonly sandboxes: Sandboxes
  readonly placeApi: PlaceApi
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

export function createRuntimeStarter({ host, clock, sandboxes, placeApi }: RuntimeStarterOptions): RuntimeStarter {
  const interpreters = createInterpreters(host)
  const seesMachine = new Set<string>()

  const start = async (
    session: Session,
    sandbox: Sandbox,
    launchFor: (api: string) => Promise<Launch>,
  ): Promise<Runtime> => {
    const api = await apiFor(session, sandbox)
    try {
      return { session, api, sandbox, process: await startIn(sandbox, () => launchFor(api.address)) }
    } catch (error) {
      api.close()
      throw error
    }
  }

  const apiFor = async (session: Session, { place }: Sandbox): Promise<RuntimeApi> =>
    place === undefined ? listenForRuntime(session) : placeApi.serve(place.address, session)

  const startIn = async (sandbox: Sandbox, launch: () => Promise<Launch>): Promise<RuntimeProcess> => {
    try {
      return await sandbox.start(await launch())
    } catch (error) {
      const reason = UNSTARTABLE[(error as NodeJS.ErrnoException).code ?? '']
      throw reason === undefined ? error : new EntrypointError(reason, { cause: error })
    }
  }

  return {
    async blank(given) {
      const sandbox = given ?? (await sandboxes.create('best'))
      try {
        const session = new Session('Blank')
        const { node, nodeProgram } = sandbox.view
        const runtime = await start(session, sandbox, async (api) => ({
          command: node,
          args: [nodeProgram, 'blank', api, session.assignmentKey],
          cwd: '/',
          variables: BLANK_VARIABLES,
        }))
        await parked(runtime, clock)
        return runtime
      } catch (error) {
        if (given === undefined) await sandbox.close().catch(() => {})
        throw error
      }
    },

    takesBlank(image) {
      if (runtimeFamily(image.runtime) !== 'node' || needsFreshProcess(image.environment)) return false
      const { command, args } = interpreters.node(image.runtime)
      return command === process.execPath && args.length === 0
    },

    async programFor(image) {
      switch (runtimeFamily(image.runtime)) {
        case 'node': {
          const command = interpreters.node(image.runtime)
          return served(image.runtime, command, fittedNode(command))
        }
        case 'python': {
          const command = await interpreters.python(image.runtime)
          return served(image.runtime, command, fittedPython(command))
        }
        case 'provided':
        case undefined: {
          const named = host.runtimeCommand(image.runtime)
          if (named !== undefined) return served(image.runtime, named, undefined)
          return { command: undefined, fitted: { command: '', args: [], fittings: [] } }
        }
      }
    },

    async fresh({ image, program, sandbox, layersDirectory, variables, waits }) {
      const launchFor = async (api: string): Promise<Launch> => {
        const managed = runtimeFamily(image.runtime) === 'node' || runtimeFamily(image.runtime) === 'python'
        const frames = managed ? { [FRAMES_VARIABLE]: String(FRAMES_DESCRIPTOR) } : {}
        const { command, args } = await commandFor({ image, program, sandbox, layersDirectory, api })
        const cwd = sandbox.view.task(image.codeDirectory)
        return { command, args, cwd, variables: { ...variables(api), ...frames } }
      }
      if (!waits) return { runtime: await start(new Session('Started'), sandbox, launchFor), begin: () => {} }
      const session = new Session('Started')
      const api = await apiFor(session, sandbox)
      const deferred = deferProcess(() => startIn(sandbox, () => launchFor(api.address)))
      return { runtime: { session, api, sandbox, process: deferred.process }, begin: () => deferred.begin() }
    },

    require(runtime) {
      if (runtimeFamily(runtime) === undefined && host.runtimeCommand(runtime) === undefined) {
        throw new UnsupportedRuntimeError(runtime)
      }
    },
  }

  /** Nobody but the user knows which files of the machine a program of theirs needs. */
  function served(runtime: string, command: RuntimeCommand, fitted: FittedCommand | undefined): Program {
    if (fitted === undefined && !seesMachine.has(runtime)) {
      seesMachine.add(runtime)
      host.notice(`${runtime} is served by \`${command.command}\`, which can see the files of this machine`)
    }
    return { command, fitted }
  }
}

async function commandFor(
  started: Omit<HousedFunction, 'variables' | 'waits'> & { readonly api: string },
): Promise<RuntimeCommand> {
  const { image, program, sandbox, layersDirectory, api } = started
  const { view } = sandbox
  const { command, args } = (view.hasOwnRoot ? program.fitted : program.command) ?? { command: '', args: [] }
  const layers = view.layers(layersDirectory ?? LAYERS)
  switch (runtimeFamily(image.runtime)) {
    case 'node':
      return wrapped(started, { command, args: [...args, view.nodeProgram, 'function', api] })
    case 'python':
      return wrapped(started, { command, args: [...args, UNBUFFERED, view.pythonProgram, layers] })
    case 'provided':
    case undefined: {
      if (command !== '') return { command, args }
      const { of, name } = await bootstrapOf(image.codeDirectory, layersDirectory)
      return { command: `${of === 'task' ? view.task(image.codeDirectory) : layers}/${name}`, args: [] }
    }
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper */
function wrapped(
  { image, sandbox, layersDirectory }: Omit<HousedFunction, 'variables' | 'waits'>,
  runtime: RuntimeCommand,
): RuntimeCommand {
  const wrapper = image.environment['AWS_LAMBDA_EXEC_WRAPPER']
  if (wrapper === undefined || wrapper === '') return runtime
  const { view } = sandbox
  const path = wrapper
    .replace(/^\/var\/task(?=\/)/, view.task(image.codeDirectory))
    .replace(/^\/opt(?=\/)/, view.layers(layersDirectory ?? LAYERS))
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
