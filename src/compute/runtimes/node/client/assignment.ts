/** Turns a blank, pre-booted process into a function's. */
import module from 'node:module'
import type { Answer } from './connection.ts'

/** INVARIANT: afterwards the environment variables are those of the assignment, and only those. */
export function become(answer: Answer): void {
  if (answer.status !== 200) process.exit(1)
  const { variables } = JSON.parse(answer.body.toString()) as { variables: Record<string, string> }
  for (const name of Object.keys(process.env)) if (!Object.hasOwn(variables, name)) delete process.env[name]
  Object.assign(process.env, variables)
  process.chdir(variables['LAMBDA_TASK_ROOT'] ?? '/')
  // NODE_PATH was read when Node.js started.
  const { _initPaths } = module as unknown as { _initPaths?: () => void }
  _initPaths?.()
}
