/** A checkout makes itself ready: commands that start at once build once, and a build is whole or not there. */
import { execFile, execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { listing, ROOT } from './isthmus.ts'

let checkout: string

beforeEach(() => {
  // The packages are shared with the copy, so they must be those of the lock file.
  execFileSync(process.execPath, [join(ROOT, 'scripts', 'bootstrap.mjs'), '--no-build'])
  checkout = mkdtempSync(join(tmpdir(), 'isthmus-test-'))
  for (const name of [
    'bin/isthmus',
    'scripts/bootstrap.mjs',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ]) {
    cpSync(join(ROOT, name), join(checkout, name))
  }
  writeFileSync(join(checkout, 'package.json'), '{"type":"module"}')
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'))
  write('cli/main.ts', MAIN)
  write('cli/other.ts', 'export const other = 1\n')
  // The last step of a build.
  write('compute/runtimes/node/bundle.ts', 'export {}\n')
})

afterEach(() => {
  rmSync(checkout, { recursive: true, force: true })
})

const MAIN = `export async function main(args: readonly string[]): Promise<number> {
  console.log(args.join(' '))
  return 7
}
`

function write(path: string, text: string): void {
  mkdirSync(join(checkout, 'src', path, '..'), { recursive: true })
  writeFileSync(join(checkout, 'src', path), text)
}

interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

function isthmus(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(checkout, 'bin', 'isthmus'), ...args], (error, stdout, stderr) => {
      resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

const LEFT = [
  'bin',
  'dist',
  'node_modules',
  'package-lock.json',
  'package.json',
  'scripts',
  'src',
  'tsconfig.build.json',
  'tsconfig.json',
]

it('builds once for all commands that start at once', async () => {
  const commands = await Promise.all([1, 2, 3, 4].map((number) => isthmus('run', String(number))))
  expect(commands.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(
    [1, 2, 3, 4].map((number) => [7, `run ${number}\n`]),
  )
  expect(commands.map(({ stderr }) => stderr).join('')).toBe('isthmus: building\n')
  expect((await isthmus('again')).stderr).toBe('')
  expect(listing(checkout)).toEqual(LEFT)
})

it('builds again when a source changes or goes, and leaves nothing of what is gone', async () => {
  await isthmus()
  expect(existsSync(join(checkout, 'dist/cli/other.js'))).toBe(true)
  rmSync(join(checkout, 'src/cli/other.ts'))
  write('cli/main.ts', MAIN.replace('7', '8'))
  expect(await isthmus('new')).toEqual({ exitCode: 8, stdout: 'new\n', stderr: 'isthmus: building\n' })
  expect(existsSync(join(checkout, 'dist/cli/other.js'))).toBe(false)
})

it('keeps the last build when the next one fails, says why, and lacks something', async () => {
  await isthmus()
  write('cli/main.ts', MAIN.replace('number>', 'string>'))
  const before = readFileSync(join(checkout, 'dist/cli/main.js'), 'utf8')
  const { exitCode, stdout, stderr } = await isthmus('new')
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
  expect(stderr).toContain("src/cli/main.ts(3,3): error TS2322: Type 'number' is not assignable to type 'string'.")
  expect(readFileSync(join(checkout, 'dist/cli/main.js'), 'utf8')).toBe(before)
  expect(listing(checkout)).toEqual(LEFT)
})

it('takes over from one that was killed, and clears what it left', async () => {
  const { pid } = await new Promise<{ pid: number }>((resolve) => {
    const child = execFile(process.execPath, ['-e', ''], () => resolve({ pid: child.pid ?? 0 }))
  })
  writeFileSync(join(checkout, '.bootstrap-lock'), String(pid))
  writeFileSync(join(checkout, `.bootstrap-lock.${pid}`), String(pid))
  mkdirSync(join(checkout, `dist.${pid}.new`))
  expect((await isthmus('after')).stdout).toBe('after\n')
  expect(listing(checkout)).toEqual(LEFT)
})
