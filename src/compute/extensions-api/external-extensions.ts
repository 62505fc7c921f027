/** Finds external extensions: the files in `/opt/extensions`, each started in the function's sandbox. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { LAYERS } from '../executor/root-view.ts'
import type { Sandbox } from '../executor/sandbox.ts'
import { executionProblem } from '../runtimes/entrypoint.ts'
import type { ExternalExtension, LaunchProblem } from './extension.ts'

/** Of the function's, an extension does not see these. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html */
const HIDDEN_VARIABLES = new Set([
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_XRAY_CONTEXT_MISSING',
  'AWS_XRAY_DAEMON_ADDRESS',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
  '_AWS_XRAY_DAEMON_ADDRESS',
  '_AWS_XRAY_DAEMON_PORT',
  '_HANDLER',
])

/** Their names, in the order in which they are started. */
export async function externalExtensionNames(layersDirectory: string | undefined): Promise<readonly string[]> {
  if (layersDirectory === undefined) return []
  const entries = await readdir(join(layersDirectory, 'extensions'), { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .toSorted()
}

export async function externalExtensions(
  names: readonly string[],
  layersDirectory: string,
  sandbox: Sandbox,
  variables: Readonly<Record<string, string>>,
): Promise<readonly ExternalExtension[]> {
  const shown = Object.fromEntries(Object.entries(variables).filter(([name]) => !HIDDEN_VARIABLES.has(name)))
  return Promise.all(
    names.map(async (name): Promise<ExternalExtension> => {
      const command = `${sandbox.view.layers(layersDirectory)}/extensions/${name}`
      return {
        name,
        problem: problemOf(name, await executionProblem(join(layersDirectory, 'extensions', name))),
        start: () => sandbox.start({ command, args: [], cwd: '/', variables: shown }),
      }
    }),
  )
}

function problemOf(name: string, problem: string | undefined): LaunchProblem | undefined {
  if (problem === undefined) return undefined
  const kind = problem === 'permission denied' ? 'PermissionDenied' : 'UnknownError'
  return { kind, reason: `fork/exec ${LAYERS}/extensions/${name}: ${problem}` }
}
