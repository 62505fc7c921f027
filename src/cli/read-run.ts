/** A load test's run that was saved with `--save`. */
import { readFileSync } from 'node:fs'

import { UserError } from '../core/user-error.ts'
import { parseRun, type RunData } from '../crossing/load/run-data.ts'

/** Throws `UserError` naming the path. */
export function readRun(path: string): RunData {
  try {
    return parseRun(readFileSync(path, 'utf8'), path)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`\`${path}\` cannot be read`, { cause: error })
  }
}
