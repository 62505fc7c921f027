/** A project on disk: its isthmus.yaml and the templates it names. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'

import { parseProjectFile, type ProjectFile } from '../core/project-file.ts'
import { UserError } from '../core/user-error.ts'
import { PROJECT_FILE } from './project-file-name.ts'

export interface Project {
  /** Of the project file. */
  readonly path: string
  readonly file: ProjectFile
}

/** `directory` may also be the path of the project file itself. Throws `UserError`. */
export function readProject(directory: string, orElse = 'two functions with --from and --to'): Project {
  const path = extname(directory) === '' ? join(directory, PROJECT_FILE) : directory
  if (!existsSync(path)) {
    throw new UserError(`There is no \`${path}\``, {
      hint: `Name the folder of a project, or ${orElse}`,
    })
  }
  return { path, file: parseProjectFile(readFileSync(path, 'utf8'), path) }
}

/** Undefined where the two ends of a call are named instead: `from` and `to`. Throws `UserError`. */
export function projectUnlessEnds(
  directory: string | undefined,
  options: { readonly from?: string; readonly to?: string },
): Project | undefined {
  const ends = [options.from, options.to].filter((end) => end !== undefined)
  if (ends.length === 1) throw new UserError('--from and --to go together')
  if (ends.length === 2) {
    if (directory !== undefined) throw new UserError('Either a folder or --from and --to, not both')
    return undefined
  }
  return readProject(resolve(directory ?? '.'))
}

export function readTemplate(project: Project, template: string): string {
  const path = resolve(dirname(project.path), template)
  if (!existsSync(path))
    throw new UserError(`There is no template \`${path}\``, { hint: `It is named in ${project.path}` })
  return readFileSync(path, 'utf8')
}

/** A stack without a name is called after its template. */
export function stackName(stack: ProjectFile['stacks'][number]): string {
  return stack.name ?? basename(stack.template, extname(stack.template))
}
