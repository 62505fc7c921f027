/** The programs of the system that make and drive namespaces. */
import { existsSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

export const TOOLS = ['unshare', 'nsenter', 'setpriv', 'ip', 'nft', 'perl'] as const
export type Tool = (typeof TOOLS)[number]

/** Not on the PATH of an ordinary user of Debian. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin', '/usr/bin', '/bin']

export interface Toolbox {
  /** The PATH under which all of them are found. */
  readonly path: string
  readonly missing: readonly Tool[]
  /** The absolute path of one that is there. */
  locate(tool: Tool): string
}

/** `path`: the PATH of our own process. */
export function findTools(path: string): Toolbox {
  const folders = [...new Set([...path.split(delimiter).filter(isAbsolute), ...SYSTEM_FOLDERS])]
  const fileOf = (tool: Tool) => folders.map((folder) => join(folder, tool)).find((file) => existsSync(file))
  return {
    path: folders.join(delimiter),
    missing: TOOLS.filter((tool) => fileOf(tool) === undefined),
    locate(tool) {
      const file = fileOf(tool)
      if (file === undefined) throw new Error(`there is no ${tool}`)
      return file
    },
  }
}
