/** What functions tell a test while they run: they see nothing of the machine's files, but reach what listens on loopback. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Recorded {
  readonly event: Readonly<Record<string, unknown>>
  readonly awsRequestId: string
  readonly invokedFunctionArn: string
  readonly mark: string
}

export interface Recorder {
  /** The code of a function that tells of every event once it is done with it, under a name. */
  codeOf(name: string, mark?: string): string
  /** What was told under a name, in the order it came. */
  of(name: string): readonly Recorded[]
  close(): void
}

/**
 * Events ask for more: `sleepMs` takes that long, `fail` throws in the end. `hangOnce` is told of when it begins, and then takes 15 s, unless
 * that event began before.
 */
export async function startRecorder(): Promise<Recorder> {
  const recorded = new Map<string, Recorded[]>()
  const server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1)
    const told = recorded.get(name) ?? []
    recorded.set(name, told)
    void text(request).then((body) => {
      told.push(JSON.parse(body) as Recorded)
      response.end(String(told.length))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    codeOf: (name, mark = '') => `
      const tell = async (name, text) => (await fetch('${url}/' + name, { method: 'POST', body: JSON.stringify(text) })).text()
      exports.handler = async (event, { awsRequestId, invokedFunctionArn }) => {
        const line = { event, awsRequestId, invokedFunctionArn, mark: '${mark}' }
        if (event.sleepMs) await new Promise((resolve) => setTimeout(resolve, event.sleepMs))
        if (event.hangOnce && (await tell('${name}.begun', line)) === '1') await new Promise((resolve) => setTimeout(resolve, 15_000))
        await tell('${name}', line)
        if (event.fail) throw new Error('as asked')
      }`,
    of: (name) => recorded.get(name) ?? [],
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
