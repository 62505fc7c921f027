/** Removes a folder whose subfolders may not be writable, as those of an unpacked package. */
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Never follows links. Does nothing where there is nothing. */
export function removeTree(path: string): void {
  if (!existsSync(path)) return
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(path, entry.name))
  }
  chmodSync(path, 0o700)
  rmSync(path, { recursive: true, force: true })
}
