/** Reads the head of a connection's first request and puts it back, so that whoever gets the connection reads it from its beginning. */
import type { Socket } from 'node:net'

import type { Clock } from '../../core/clock.ts'

/** As Node.js's own limit for the headers of a request. */
const HEAD_BYTES_MAX = 16 * 1024
const HEAD_MS_MAX = 60_000
const HEAD_END = '\r\n\r\n'

/** Resolves to undefined, the connection destroyed, where no head comes. */
export function peekHead(socket: Socket, clock: Clock): Promise<string | undefined> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0)
    const timer = clock.after(HEAD_MS_MAX, () => finish(undefined))
    function finish(head: string | undefined): void {
      timer.cancel()
      socket.off('readable', read)
      socket.off('end', abandon)
      socket.off('close', abandon)
      if (head === undefined) socket.destroy()
      else socket.unshift(received)
      resolve(head)
    }
    function abandon(): void {
      finish(undefined)
    }
    function read(): void {
      const chunk: unknown = socket.read()
      if (!Buffer.isBuffer(chunk)) return
      received = Buffer.concat([received, chunk])
      const end = received.indexOf(HEAD_END)
      if (end >= 0) finish(received.toString('latin1', 0, end + HEAD_END.length))
      else if (received.length > HEAD_BYTES_MAX) finish(undefined)
    }
    socket.on('readable', read)
    socket.on('end', abandon)
    socket.on('close', abandon)
  })
}
