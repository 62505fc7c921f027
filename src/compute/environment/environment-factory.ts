/** Makes execution environments: credentials, log stream, sandbox, and the way to a runtime. */
import type { Attachment, ComputeOptions, FunctionImage } from '../compute.ts'
import { FRAMES_DESCRIPTOR } from '../executor/runtime-process.ts'
import type { Fitting, Sandbox } from '../executor/sandbox.ts'
import type { Sandboxes } from '../executor/sandboxes.ts'
import { LAYERS } from '../executor/root-view.ts'
import type { ExternalExtension } from '../extensions-api/extension.ts'
import { externalExtensionNames, externalExtensions } from '../extensions-api/external-extensions.ts'
import { HostCapacityError } from '../host-capacity-error.ts'
import type { Pool } from '../pool.ts'
import { assign } from '../runtime-api/assignment.ts'
import type { Layers } from '../runtimes/layers.ts'
import { FRAMES_VARIABLE, type RuntimeStarter } from '../runtimes/starter.ts'
import { Environment } from './environment.ts'
import { logStreamName } from './log-stream-name.ts'
import { type Runtime, type StartedRuntime, stopRuntime } from './runtime.ts'
import { functionVariables } from './variables.ts'

export interface EnvironmentFactoryOptions {
  readonly compute: ComputeOptions
  readonly starter: RuntimeStarter
  readonly pool: Pool
  readonly sandboxes: Sandboxes
  readonly layers: Layers
  readonly released: (environment: Environment) => void
}

export interface EnvironmentFactory {
  create(image: FunctionImage): Environment
  /** Resolves when no start and no removal is under way any more, so that nothing appears after everything has been removed. */
  settled(): Promise<void>
}

export function createEnvironmentFactory(options: EnvironmentFactoryOptions): EnvironmentFactory {
  const { starter, pool, sandboxes, layers, released } = options
  const { host, clock, ids, places } = options.compute
  const underWay = new Set<Promise<void>>()
  /** Environments of one function take turns among its interfaces. */
  let turn = 0

  const follow = (work: Promise<unknown>): void => {
    const ended = work.then(
      () => void underWay.delete(ended),
      () => void underWay.delete(ended),
    )
    underWay.add(ended)
  }

  const create = (image: FunctionImage): Environment => {
    const credentials = host.credentials(image)
    const logStream = logStreamName(image, clock, ids)
    const attachment = attachmentFor(image, turn++)
    const endpoints = places?.endpointVariables(image.region) ?? { AWS_ENDPOINT_URL: host.awsEndpointUrl(image) }
    let sandbox: Sandbox | undefined

    const variablesIn = (view: Sandbox['view'], layersDirectory: string | undefined) => (runtimeApi: string) => {
      const paths = {
        task: view.task(image.codeDirectory),
        layers: view.layers(layersDirectory ?? LAYERS),
        temporary: view.temporaryDirectory,
      }
      return functionVariables({ image, credentials, logStream, runtimeApi, endpoints, paths })
    }

    const furnish = async (
      fresh: Sandbox,
      layersDirectory: string | undefined,
      fittings: readonly Fitting[],
    ): Promise<void> => {
      const { codeDirectory, ephemeralStorageMb } = image
      await Promise.all([
        fresh.furnish({ codeDirectory, layersDirectory, ephemeralStorageMb, fittings }),
        fresh.place?.attach(attachment).catch((cause: unknown) => {
          throw new HostCapacityError(`the environment could not be attached: ${String(cause)}`, { cause })
        }),
      ])
    }

    /** The first of the environment, with its sandbox; or the next one in it. */
    const startBlank = async ({ layersDirectory, extensionsIn }: Layered): Promise<StartedRuntime> => {
      let runtime: Runtime
      if (sandbox === undefined) {
        runtime = await pool.take()
        sandbox = runtime.sandbox
        await furnish(sandbox, layersDirectory, []).catch((error: unknown) => {
          stopRuntime(runtime)
          throw error
        })
      } else {
        runtime = await starter.blank(sandbox)
      }
      const variables = variablesIn(runtime.sandbox.view, layersDirectory)(runtime.api.address)
      const assignment = { variables: { ...variables, [FRAMES_VARIABLE]: String(FRAMES_DESCRIPTOR) } }
      const extensions = await extensionsIn(runtime.sandbox, variables)
      return { runtime, begin: () => assign(runtime.session, assignment), extensions }
    }

    const startFresh = async ({ layersDirectory, names, extensionsIn }: Layered): Promise<StartedRuntime> => {
      const program = await starter.programFor(image)
      if (sandbox === undefined) {
        sandbox = await sandboxes.create(program.fitted === undefined ? 'plain' : 'best')
        await furnish(sandbox, layersDirectory, program.fitted?.fittings ?? [])
      }
      const variables = variablesIn(sandbox.view, layersDirectory)
      const waits = names.length > 0
      const started = await starter.fresh({ image, program, sandbox, layersDirectory, variables, waits })
      const extensions = await extensionsIn(sandbox, variables(started.runtime.api.address))
      return { ...started, extensions }
    }

    const start = async (): Promise<StartedRuntime> => {
      if (sandbox !== undefined && !(await sandbox.clear())) {
        await sandbox.close()
        sandbox = undefined
      }
      const layersDirectory = await layers.folderOf(image.layerDirectories)
      const names = await externalExtensionNames(layersDirectory)
      const extensionsIn: Layered['extensionsIn'] = async (inside, variables) =>
        layersDirectory === undefined ? [] : externalExtensions(names, layersDirectory, inside, variables)
      const layered = { layersDirectory, names, extensionsIn }
      return starter.takesBlank(image) ? startBlank(layered) : startFresh(layered)
    }
    /** Its last start has settled, so it has the sandbox it will ever have. */
    let lastStart: Promise<unknown> = Promise.resolve()
    return new Environment({
      image,
      host,
      clock,
      logStream,
      credentials,
      released,
      start() {
        const started = start()
        lastStart = started.catch(() => {})
        follow(started)
        return started
      },
      cleanUp: (stopped) => follow(Promise.all([lastStart, stopped]).then(() => sandbox?.close())),
    })
  }

  return {
    create,
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}

/** What the layers hold besides what the function loads. */
interface Layered {
  readonly layersDirectory: string | undefined
  /** Of external extensions. */
  readonly names: readonly string[]
  readonly extensionsIn: (
    sandbox: Sandbox,
    variables: Readonly<Record<string, string>>,
  ) => Promise<readonly ExternalExtension[]>
}

function attachmentFor({ network }: FunctionImage, turn: number): Attachment {
  if (network.kind === 'lambda-service') return network
  const { networkInterfaceIds } = network
  const networkInterfaceId = networkInterfaceIds[turn % networkInterfaceIds.length]
  if (networkInterfaceId === undefined) throw new Error('a function in a VPC has at least one network interface')
  return { kind: 'vpc', networkInterfaceId }
}
