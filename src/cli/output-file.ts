/** Files that a command writes at its end: that they can be written is known at its beginning, not after an hour's test. */
import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

import { UserError } from '../core/user-error.ts'

/** Throws `UserError` where one of the paths cannot be written; undefined is nothing to write. */
export function requireWritable(paths: readonly (string | undefined)[]): void {
  for (const path of paths) {
    if (path === undefined) continue
    try {
      if (existsSync(path) && statSync(path).isDirectory()) throw new Error(`${path} is a folder`)
      accessSync(existsSync(path) ? path : dirname(path), constants.W_OK)
    } catch (error) {
      throw new UserError(`\`${path}\` cannot be written`, { cause: error })
    }
  }
}

/** Throws `UserError`. */
export function writeOutput(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new UserError(`\`${path}\` cannot be written`, { cause: error })
  }
}
