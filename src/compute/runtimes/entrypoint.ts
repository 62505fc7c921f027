/** A custom runtime's program: the file `bootstrap` of the package, or of its layers. */
import { constants } from 'node:fs'
import { access, open } from 'node:fs/promises'
import { join } from 'node:path'

/** The program cannot be started; the message is the part after `Error: ` of AWS's. */
export class EntrypointError extends Error {
  override readonly name = 'EntrypointError'
}

/** Throws `EntrypointError` when Lambda's supervisor could not execute the file either. */
export async function bootstrapOf(codeDirectory: string, layersDirectory?: string): Promise<Bootstrap> {
  const folders: readonly [Bootstrap['of'], string | undefined][] = [
    ['task', codeDirectory],
    ['layers', layersDirectory],
  ]
  for (const [of, folder] of folders) {
    if (folder === undefined) continue
    const path = join(folder, 'bootstrap')
    if (!(await allows(path, constants.F_OK))) continue
    const shown = of === 'task' ? '/var/task/bootstrap' : '/opt/bootstrap'
    const problem = await executionProblem(path)
    if (problem !== undefined) throw new EntrypointError(`fork/exec ${shown}: ${problem}`)
    return { of, name: 'bootstrap' }
  }
  throw new EntrypointError("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")
}

/** Why the kernel would not execute a file, in its words. */
export async function executionProblem(path: string): Promise<'permission denied' | 'exec format error' | undefined> {
  if (!(await allows(path, constants.X_OK))) return 'permission denied'
  // A shell would run a file without a `#!` line as a script; the kernel does not.
  return EXECUTABLE.test(await firstBytes(path)) ? undefined : 'exec format error'
}

export interface Bootstrap {
  readonly of: 'task' | 'layers'
  readonly name: string
}

async function allows(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  )
}

const EXECUTABLE = /^(#!|\x7fELF|[\xcf\xca\xfe\xce])/

async function firstBytes(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}
