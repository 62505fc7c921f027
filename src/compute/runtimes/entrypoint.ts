/** A custom runtime's program: the file `bootstrap` of the package. */
import { constants } from 'node:fs'
import { access, open } from 'node:fs/promises'
import { join } from 'node:path'

/** The program cannot be started; the message is the part after `Error: ` of AWS's. */
export class EntrypointError extends Error {
  override readonly name = 'EntrypointError'
}

/** Throws `EntrypointError` when Lambda's supervisor could not execute the file either. */
export async function bootstrapOf(codeDirectory: string): Promise<string> {
  const path = join(codeDirectory, 'bootstrap')
  try {
    await access(path, constants.F_OK)
  } catch {
    throw new EntrypointError("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")
  }
  try {
    await access(path, constants.X_OK)
  } catch {
    throw new EntrypointError('fork/exec /var/task/bootstrap: permission denied')
  }
  // A shell would run a file without a `#!` line as a script; the kernel does not.
  if (!EXECUTABLE.test(await firstBytes(path))) {
    throw new EntrypointError('fork/exec /var/task/bootstrap: exec format error')
  }
  return path
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
