/**
 * The sandbox of a machine that allows none, and of programs that need to see the machine: `containment.ts` alone.
 *
 * FIDELITY: then `LAMBDA_TASK_ROOT` and the paths made from it name the real folders instead of `/var/task` and `/opt`, `TMPDIR` names the
 * environment's own folder where `/tmp` is the machine's, and `ephemeralStorageMb` does not limit it.
 */
import { mkdir, rm } from 'node:fs/promises'
import type { Place } from '../compute.ts'
import type { TaskSurroundings } from '../runtimes/task-surroundings.ts'
import { type Launcher, startProcess } from './runtime-process.ts'
import type { Sandbox, View } from './sandbox.ts'

export interface PlainSandboxOptions {
  readonly launcher: Launcher
  readonly place: Place | undefined
  readonly surroundings: TaskSurroundings
  readonly programs: Pick<View, 'node' | 'nodeProgram' | 'pythonProgram'>
  readonly temporaryDirectory: string
}

export async function createPlainSandbox(options: PlainSandboxOptions): Promise<Sandbox> {
  const { launcher, place, surroundings, programs, temporaryDirectory } = options
  await mkdir(temporaryDirectory, { recursive: true, mode: 0o700 })
  let closed: Promise<void> | undefined
  return {
    place,
    view: { ...programs, hasOwnRoot: false, task: (folder) => folder, layers: (folder) => folder, temporaryDirectory },
    furnish: ({ codeDirectory }) => surroundings.prepare(codeDirectory),
    start: (launch) => startProcess(launch, launcher),
    clear: async () => true,
    close: () =>
      (closed ??= (async () => {
        await rm(temporaryDirectory, { recursive: true, force: true })
        await place?.remove()
      })()),
  }
}
