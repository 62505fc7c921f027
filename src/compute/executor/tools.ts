/** The programs of the system that make and enter namespaces. */
import { existsSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/** Not all on the PATH of an ordinary user. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin']

/** The absolute path of a program; looked up by us, for a function's PATH is Lambda's. */
export function locateTool(name: string, path: string): string | undefined {
  const folders = path.split(delimiter).filter(isAbsolute)
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
}

/** Where a program of the system looks for others. */
export function systemPath(path: string): string {
  return [...path.split(delimiter).filter(isAbsolute), ...SYSTEM_FOLDERS].join(delimiter)
}
