/** A function's layers as the one folder that is seen as `/opt`. https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, lstat, mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises'
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
  for (const directory of directories) await lay(directory, unfinished)
  await rename(unfinished, folder)
  return folder
}

/** Folders come out writable, unlike those of a package, so that the next layer and the clean-up get into them. */
async function lay(source: string, target: string): Promise<void> {
  await giveWay(target, 'folder')
  await mkdir(target, { recursive: true })
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)]
    if (entry.isDirectory()) {
      await lay(from, to)
      continue
    }
    await giveWay(to, 'file')
    if (entry.isSymbolicLink()) await symlink(await readlink(from), to)
    else await copyFile(from, to, constants.COPYFILE_FICLONE)
  }
}

/** What an earlier layer has there goes; folders of both are one. */
async function giveWay(path: string, comes: 'file' | 'folder'): Promise<void> {
  const there = await lstat(path).catch(() => undefined)
  if (there && !(comes === 'folder' && there.isDirectory())) await rm(path, { recursive: true })
}
