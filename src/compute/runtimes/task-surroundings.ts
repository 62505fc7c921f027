/**
 * What surrounds an unpacked package where it has no root of its own: on Lambda nothing but the AWS SDK, whatever folder of the host it
 * really lies in.
 *
 * Node.js looks upwards from a file for packages and for the package.json that says how to read `.js`. So the folder above the package
 * gets a package.json that says nothing, and a node_modules with the SDK alone, for `require` and `import` alike: a link costs nothing
 * at run time, where a resolver hook would delay each import.
 *
 * FIDELITY: the SDK's clients are those Isthmus itself has, in its versions. Packages of a folder further up are found too.
 */
import { mkdir, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

/** One package of each scope that Isthmus depends on itself. */
const SCOPES = [
  ['@aws-sdk', '@aws-sdk/client-lambda'],
  ['@smithy', '@smithy/core'],
] as const

export interface TaskSurroundings {
  /** Before code from `codeDirectory` runs; remembered, so that a cold start pays for it once. */
  prepare(codeDirectory: string): Promise<void>
  remove(): Promise<void>
}

export function createTaskSurroundings(): TaskSurroundings {
  const prepared = new Map<string, Promise<void>>()
  return {
    prepare(codeDirectory) {
      const folder = dirname(codeDirectory)
      const known = prepared.get(folder) ?? surround(folder)
      prepared.set(folder, known)
      return known
    },
    async remove() {
      for (const folder of prepared.keys()) {
        for (const [scope] of SCOPES) await rm(join(folder, 'node_modules', scope), { force: true })
      }
      prepared.clear()
    },
  }
}

async function surround(folder: string): Promise<void> {
  await mkdir(join(folder, 'node_modules'), { recursive: true })
  await unlessThere(writeFile(join(folder, 'package.json'), '{"private":true}\n', { flag: 'wx' }))
  for (const [scope, member] of SCOPES) {
    const target = scopeFolder(member)
    const link = join(folder, 'node_modules', scope)
    if ((await linkTarget(link)) === target) continue
    // A link left by another version of Isthmus.
    await rm(link, { force: true })
    await unlessThere(symlink(target, link, 'dir'))
  }
}

/** Another process may be doing the same. */
async function unlessThere(made: Promise<void>): Promise<void> {
  try {
    await made
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path)
  } catch {
    return undefined
  }
}

/**
 * The outermost folder `node_modules` that holds the SDK with all it needs, and where in it each scope is: they resolve their own
 * dependencies upwards from there.
 */
export function packagesFolder(): { readonly folder: string; readonly scopes: Readonly<Record<string, string>> } {
  const folders = SCOPES.map(([scope, member]) => [scope, scopeFolder(member)] as const)
  const mark = '/node_modules/'
  const [, first = ''] = folders[0] ?? []
  const folder = first.slice(0, first.indexOf(mark) + mark.length - 1)
  return { folder, scopes: Object.fromEntries(folders.map(([scope, path]) => [scope, relative(folder, path)])) }
}

/** `…/node_modules/@aws-sdk` for `@aws-sdk/client-lambda`. */
function scopeFolder(member: string): string {
  const entry = createRequire(import.meta.url).resolve(member)
  return dirname(entry.slice(0, entry.lastIndexOf(`/${member}/`) + member.length + 1))
}
