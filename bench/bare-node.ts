/** A Node.js that does as good as nothing, the measure of everything that starts one. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Ours without further certificates, which every Node.js would read when it starts: half as long again, and no function has them. */
export function processVariables(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...variables } = process.env
  return variables
}

/** From the start of the process to its end. */
export async function bareNodeMs(args: readonly string[] = ['-e', '0']): Promise<number> {
  const begunMs = performance.now()
  await once(spawn(process.execPath, args, { stdio: 'ignore', env: processVariables() }), 'exit')
  return performance.now() - begunMs
}
