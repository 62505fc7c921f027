/** Where the Node.js runtime's program is, as plain JavaScript that a bare Node.js can run. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const CLIENT = fileURLToPath(new URL('./client/', import.meta.url))

/**
 * Built, the program lies beside this file. Run from source (tests, `npm run dev`), its types are stripped into the work folder by the
 * transpiler that tsx brings.
 */
export async function nodeProgram(workDirectory: string): Promise<string> {
  if (!import.meta.url.endsWith('.ts')) return join(CLIENT, 'main.js')
  const transpiler = loadTranspiler()
  const folder = join(workDirectory, 'node-runtime')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  for (const name of await readdir(CLIENT)) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue
    const { code } = await transpiler.transform(await readFile(join(CLIENT, name), 'utf8'), {
      loader: 'ts',
      target: 'node20',
    })
    const imports = code.replaceAll(/(from ['"]\.\/[a-z-]+)\.ts(['"])/g, '$1.js$2')
    await writeFile(join(folder, name.replace(/\.ts$/, '.js')), imports)
  }
  return join(folder, 'main.js')
}

interface Transpiler {
  transform(source: string, options: { loader: 'ts'; target: string }): Promise<{ code: string }>
}

function loadTranspiler(): Transpiler {
  const here = createRequire(import.meta.url)
  return createRequire(here.resolve('tsx/package.json'))('esbuild') as Transpiler
}
