/** Files that need not outlive the process: unpacked packages, environments' folders. Swept at the next start if the process was killed. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Scratch {
  readonly path: string
  /** Creates it when absent. */
  subdirectory(name: string): string
  remove(): void
}

const PREFIX = 'isthmus-'

/** In the state folder when there is one (its lock makes it ours alone), else a private folder under the system's temporary one. */
export function createScratchDirectory(stateDirectory: string | undefined): Scratch {
  const path = stateDirectory === undefined ? temporaryDirectory() : join(stateDirectory, 'scratch')
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return {
    path,
    subdirectory(name) {
      const directory = join(path, name)
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      return directory
    },
    remove: () => {
      rmSync(path, { recursive: true, force: true })
    },
  }
}

function temporaryDirectory(): string {
  sweepAbandoned()
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`))
}

/** Removes the folders of processes that are gone. */
function sweepAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^isthmus-(\d+)-/.exec(name)?.[1]
    if (pid === undefined || isRunning(Number(pid))) continue
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true })
    } catch {
      // Another user's folder: not ours to remove.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
