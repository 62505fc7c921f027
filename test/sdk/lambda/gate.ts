/** Holds invocations for as long as a test wants: what has to happen while they run then does, on a busy machine too. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { eventually } from './support.ts'

export interface Gate {
  /** Nobody who fetches it is answered while the gate is shut. Functions reach what listens on loopback. */
  readonly url: string
  /** Resolves when so many wait at once. */
  reached(count: number): Promise<void>
  /** Lets go on who waits and who comes later, until it is shut again. */
  open(): void
  shut(): void
  close(): void
}

/** Shut, to begin with. */
export async function startGate(): Promise<Gate> {
  const waiting = new Set<ServerResponse>()
  let isOpen = false
  const server = createServer((_request, response) => {
    if (isOpen) return void response.end()
    waiting.add(response)
    response.once('close', () => waiting.delete(response))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async reached(count) {
      await eventually(async () => waiting.size >= count || undefined)
    },
    open() {
      isOpen = true
      for (const response of waiting) response.end()
      waiting.clear()
    },
    shut() {
      isOpen = false
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Invokes so often at once a function that waits at the gate; none ends before so many were refused. Answers `ran` or the reason of each. */
export async function invokeAtOnce(
  gate: Gate,
  invoke: () => Promise<unknown>,
  counts: { readonly invoked: number; readonly refused: number },
): Promise<readonly string[]> {
  gate.shut()
  let refused = 0
  const outcomes = Array.from({ length: counts.invoked }, async () => {
    try {
      await invoke()
      return 'ran'
    } catch (error) {
      refused++
      return (error as { readonly Reason?: string }).Reason ?? String(error)
    }
  })
  await gate.reached(counts.invoked - counts.refused)
  await eventually(async () => refused >= counts.refused || undefined)
  gate.open()
  return (await Promise.all(outcomes)).toSorted((a, b) => a.localeCompare(b))
}
