/**
 * Makes one CommonJS file of the Node.js runtime's program: a module graph of its own would be a quarter of the time a blank Node.js takes to
 * boot. Run directly, as the last step of the build, it does so for the program beside it.
 */
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

interface Bundler {
  buildSync(options: Readonly<Record<string, unknown>>): unknown
}

/** @param entry `main.ts`, or what the compiler has made of it */
export function bundleProgram(entry: string, file: string): void {
  // Only who builds has it.
  const bundler = createRequire(import.meta.url)('esbuild') as Bundler
  // Not `build`, whose service would stay.
  bundler.buildSync({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    define: { 'import.meta.url': '__filename' },
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const beside = (name: string) => fileURLToPath(new URL(`./client/${name}`, import.meta.url))
  bundleProgram(beside('main.js'), beside('main.cjs'))
}
