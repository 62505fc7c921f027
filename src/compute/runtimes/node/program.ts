/** Where the Node.js runtime's program is, as one file that a bare Node.js can run. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleProgram } from './bundle.ts'

const CLIENT = fileURLToPath(new URL('./client/', import.meta.url))

/** Built, it lies with the other parts; run from source (tests, `npm run dev`), it is made in the work folder. */
export function nodeProgram(workDirectory: string): string {
  if (!import.meta.url.endsWith('.ts')) return join(CLIENT, 'main.cjs')
  const file = join(workDirectory, 'node-client.cjs')
  bundleProgram(join(CLIENT, 'main.ts'), file)
  return file
}
