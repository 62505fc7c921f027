/**
 * Makes execution environments: credentials, log stream, folder for temporary files, and the way to a runtime.
 *
 * FIDELITY: the folder for temporary files lies on the host's disk; `ephemeralStorageMb` does not limit it.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ComputeOptions, FunctionImage } from '../compute.ts'
import { FRAMES_DESCRIPTOR } from '../executor/runtime-process.ts'
import type { Pool } from '../pool.ts'
import { assign } from '../runtime-api/assignment.ts'
import { FRAMES_VARIABLE, type RuntimeStarter } from '../runtimes/starter.ts'
import type { TaskSurroundings } from '../runtimes/task-surroundings.ts'
import { Environment } from './environment.ts'
import { logStreamName } from './log-stream-name.ts'
import type { StartedRuntime } from './runtime.ts'
import { functionVariables } from './variables.ts'

export interface EnvironmentFactoryOptions {
  readonly compute: ComputeOptions
  readonly starter: RuntimeStarter
  readonly pool: Pool
  readonly surroundings: TaskSurroundings
  readonly released: (environment: Environment) => void
}

export interface EnvironmentFactory {
  create(image: FunctionImage): Environment
  /** Resolves when no start is under way any more, so that nothing appears after everything has been removed. */
  settled(): Promise<void>
}

export function createEnvironmentFactory(options: EnvironmentFactoryOptions): EnvironmentFactory {
  const { starter, pool, surroundings, released } = options
  const { host, clock, ids, workDirectory } = options.compute
  const starting = new Set<Promise<void>>()

  const create = (image: FunctionImage): Environment => {
    const credentials = host.credentials(image)
    const logStream = logStreamName(image, clock, ids)
    const temporaryDirectory = join(workDirectory, 'environments', ids.hex(16))
    const variables = (runtimeApi: string) => {
      const awsEndpointUrl = host.awsEndpointUrl()
      return functionVariables({ image, credentials, logStream, runtimeApi, awsEndpointUrl, temporaryDirectory })
    }
    const startRuntime = async (): Promise<StartedRuntime> => {
      await Promise.all([
        surroundings.prepare(image.codeDirectory),
        mkdir(temporaryDirectory, { recursive: true, mode: 0o700 }),
      ])
      if (!starter.takesBlank(image)) return { runtime: await starter.fresh(image, variables), begin: () => {} }
      const runtime = await pool.take()
      const frames = { [FRAMES_VARIABLE]: String(FRAMES_DESCRIPTOR) }
      const assignment = { variables: { ...variables(runtime.api.address), ...frames } }
      return { runtime, begin: () => assign(runtime.session, assignment) }
    }
    const start = (): Promise<StartedRuntime> => {
      const started = startRuntime()
      const ended = started.then(
        () => void starting.delete(ended),
        () => void starting.delete(ended),
      )
      starting.add(ended)
      return started
    }
    const cleanUp = () => void rm(temporaryDirectory, { recursive: true, force: true }).catch(() => {})
    return new Environment({ image, host, clock, logStream, credentials, start, released, cleanUp })
  }

  return {
    create,
    async settled() {
      await Promise.all(starting)
    },
  }
}
