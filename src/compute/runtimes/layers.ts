/** A function's layers as the one folder that is seen as `/opt`. https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html */
import { createHash } from 'node:crypto'
import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface Layers {
  /** Undefined when there is none. Remembered, so that a cold start pays for it once. */
  folderOf(directories: readonly string[]): Promise<string | undefined>
}

export function createLayers(workDirectory: string): Layers {
  const merged = new Map<string, Promise<string>>()
  return {
    async folderOf(directories) {
      if (directories.length < 2) return directories[0]
      const key = createHash('sha256').update(directories.join('\0')).digest('hex')
      const known = merged.get(key) ?? merge(directories, join(workDirectory, 'layers', key))
      merged.set(key, known)
      // What has failed may succeed when there is room again.
      known.catch(() => merged.delete(key))
      return known
    },
  }
}

/** Each is extracted over those before it. */
async function merge(directories: readonly string[], folder: string): Promise<string> {
  const unfinished = `${folder}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  for (const directory of directories) {
    await cp(directory, unfinished, { recursive: true, force: true, verbatimSymlinks: true })
  }
  await rename(unfinished, folder)
  return folder
}
