/** The files that `isthmus check` is given: named, or found in a folder. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { UserError } from '../core/user-error.ts'
import { readCaseFile, type CaseFile } from '../policy/case-file.ts'

const CASE_FILE = /\.(?:yaml|yml|jsonl)$/

export interface NamedCaseFile extends CaseFile {
  readonly path: string
}

/** Throws `UserError` for a path that is not there and for a folder without such files. */
export function readCaseFiles(paths: readonly string[]): readonly NamedCaseFile[] {
  const files = new Set(paths.flatMap(filesAt))
  return [...files].map((path) => ({ path, ...readCaseFile(readFileSync(path, 'utf8'), path) }))
}

function filesAt(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw new UserError(`There is no file or folder \`${path}\``)
  if (!found.isDirectory()) return [path]
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => CASE_FILE.test(name) && !name.includes('node_modules'))
    .map((name) => join(path, name))
    .filter((name) => statSync(name).isFile())
    .sort()
  if (files.length === 0) throw new UserError(`\`${path}\` has no *.yaml, *.yml or *.jsonl file`)
  return files
}
