/**
 * Finds the function that `_HANDLER` names: `folder/module.property.property`.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { RuntimeError } from './errors.ts'

export type Handler = (...args: unknown[]) => unknown

const require = createRequire(import.meta.url)

export async function loadHandler(taskRoot: string, handler: string, nodeMajor: number): Promise<Handler> {
  if (handler.includes('..')) {
    throw new RuntimeError(
      'MalformedHandlerName',
      `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    )
  }
  const file = basename(handler)
  const folder = handler.slice(0, handler.indexOf(file))
  const [, module, property] = /^([^.]*)\.(.*)$/.exec(file) ?? []
  if (module === undefined || property === undefined) throw new RuntimeError('MalformedHandlerName', 'Bad handler')
  const loaded = await loadModule(taskRoot, folder, module)
  let found = propertyOf(loaded, property)
  // From Node.js 24 on AWS's runtime imports CommonJS as well, and looks into its default export.
  if (!found && nodeMajor >= 24) found = propertyOf(propertyOf(loaded, 'default'), property)
  if (!found) throw new RuntimeError('HandlerNotFound', `${handler} is undefined or not exported`)
  if (typeof found !== 'function') throw new RuntimeError('HandlerNotFound', `${handler} is not a function`)
  return found as Handler
}

function propertyOf(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => at && (at as Record<string, unknown>)[key], value)
}

async function loadModule(taskRoot: string, folder: string, module: string): Promise<unknown> {
  const path = resolve(taskRoot, folder, module)
  try {
    return (
      (await moduleAt(path, taskRoot)) ??
      require(require.resolve(module, { paths: [taskRoot, join(taskRoot, folder)] }))
    )
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError('UserCodeSyntaxError', String(error))
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') {
      throw new RuntimeError('ImportModuleError', String(error))
    }
    throw error
  }
}

/** In AWS's order; undefined when no such file exists. */
async function moduleAt(path: string, taskRoot: string): Promise<unknown> {
  if (existsSync(path)) return require(path)
  const isModule = declaresModules(dirname(path), taskRoot)
  if (existsSync(`${path}.js`)) return isModule ? importFile(`${path}.js`) : require(`${path}.js`)
  if (existsSync(`${path}.mjs`)) return importFile(`${path}.mjs`)
  if (existsSync(`${path}.cjs`)) return require(`${path}.cjs`)
  return undefined
}

function importFile(path: string): Promise<unknown> {
  return import(pathToFileURL(path).href)
}

/** Whether the nearest package.json, up to the task root, says `"type": "module"`. */
function declaresModules(folder: string, taskRoot: string): boolean {
  const file = join(folder, 'package.json')
  if (existsSync(file)) {
    try {
      return (JSON.parse(readFileSync(file, 'utf8')) as { type?: unknown }).type === 'module'
    } catch {
      return false
    }
  }
  const parent = dirname(folder)
  return folder !== taskRoot && parent !== folder && declaresModules(parent, taskRoot)
}
