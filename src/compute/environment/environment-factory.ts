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
import type { Runtime } from './runtime.ts'
import { functionVariables } from './variables.ts'

export interface EnvironmentFactoryOptions {
  readonly compute: ComputeOptions
  readonly starter: RuntimeStarter
  readonly pool: Pool
  readonly surroundings: TaskSurroundings
  readonly released: (environment: Environment) => void
}

export function createEnvironmentFactory(options: EnvironmentFactoryOptions): (image: FunctionImage) => Environment {
  const { starter, pool, surroundings, released } = options
  const { host, clock, ids, workDirectory } = options.compute
  return (image) => {
    const credentials = host.credentials(image)
    const logStream = logStreamName(image, clock, ids)
    const temporaryDirectory = join(workDirectory, 'environments', ids.hex(16))
    const variables = (runtimeApi: string) => {
      const awsEndpointUrl = host.awsEndpointUrl()
      return functionVariables({ image, credentials, logStream, runtimeApi, awsEndpointUrl, temporaryDirectory })
    }
    const start = async (attach: (runtime: Runtime) => void): Promise<void> => {
      await Promise.all([
        surroundings.prepare(image.codeDirectory),
        mkdir(temporaryDirectory, { recursive: true, mode: 0o700 }),
      ])
      if (!starter.takesBlank(image)) return attach(await starter.fresh(image, variables))
      const runtime = await pool.take()
      attach(runtime)
      const frames = { [FRAMES_VARIABLE]: String(FRAMES_DESCRIPTOR) }
      assign(runtime.session, { variables: { ...variables(runtime.api.address), ...frames } })
    }
    const cleanUp = () => void rm(temporaryDirectory, { recursive: true, force: true }).catch(() => {})
    return new Environment({ image, host, clock, logStream, credentials, start, released, cleanUp })
  }
}
