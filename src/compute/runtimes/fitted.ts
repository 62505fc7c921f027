/** How an interpreter of this machine appears in a sandbox. */
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { RuntimeCommand } from '../compute.ts'
import { LANGUAGE_FOLDER, NODE, PYTHON_PACKAGES } from '../executor/root-view.ts'
import type { Fitting } from '../executor/sandbox.ts'
import { locateTool } from '../executor/tools.ts'
import type { PythonCommand } from './interpreters.ts'

export interface FittedCommand extends RuntimeCommand {
  readonly fittings: readonly Fitting[]
}

/** Shown in every sandbox. */
const SYSTEM = '/usr'

/** Undefined when it cannot be shown: it lies outside what it calls its own folder. */
export function fittedPython({ command, args, prefix, packages }: PythonCommand): FittedCommand | undefined {
  const program = realpathSync(command)
  const base = realpathSync(prefix)
  if (isWithin(base, SYSTEM)) {
    if (!isWithin(program, SYSTEM)) return undefined
    return { command: program, args, fittings: packagesFitting(packages, SYSTEM) }
  }
  if (!isWithin(program, base)) return undefined
  return {
    command: join(LANGUAGE_FOLDER, program.slice(base.length)),
    args,
    fittings: [{ source: base, target: LANGUAGE_FOLDER }, ...packagesFitting(packages, base)],
  }
}

/** Undefined when there is no such file. */
export function fittedNode({ command, args }: RuntimeCommand): FittedCommand | undefined {
  if (command === process.execPath) return { command: NODE, args, fittings: [] }
  const file = command.startsWith('/') ? command : locateTool(command, process.env['PATH'] ?? '')
  if (file === undefined) return undefined
  return { command: NODE, args, fittings: [{ source: realpathSync(file), target: NODE }] }
}

function packagesFitting(packages: string, base: string): readonly Fitting[] {
  if (packages === '' || isWithin(realpathSync(packages), base)) return []
  return [{ source: packages, target: PYTHON_PACKAGES }]
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}
