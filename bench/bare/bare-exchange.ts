/** The parent's side of the bare exchange: starts its server and children, and ends them. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface BareExchange {
  readonly port: number
  readonly pid: number
  close(): Promise<void>
}

/** `runtimeClient`: Isthmus's own runtime client serves the function in `taskRoot`, instead of a loop on node:http. */
export async function startBareExchange(options: {
  readonly children: number
  readonly runtimeClient?: { readonly program: string; readonly taskRoot: string }
}): Promise<BareExchange> {
  const { children, runtimeClient } = options
  const args = runtimeClient ? [runtimeClient.program, runtimeClient.taskRoot] : ['child']
  const server = fork(join(import.meta.dirname, 'server.mjs'), args, { execArgv: [] })
  const [{ port }] = (await once(server, 'message')) as [{ readonly port: number }]
  server.send({ children })
  return { port, pid: server.pid ?? 0, close: () => end(server) }
}

async function end(server: ChildProcess): Promise<void> {
  const exited = once(server, 'exit')
  server.disconnect()
  await exited
}
