/** One request on a connection of its own. */
import { once } from 'node:events'
import { connect } from 'node:net'

/** Resolves with the beginning of the answer; throws when it is not 2xx. `request` is Latin-1, one character a byte. */
export async function exchange(port: number, request: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  try {
    socket.write(request, 'latin1')
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    const answer = chunk.toString('latin1')
    if (!answer.startsWith('HTTP/1.1 2')) throw new Error(`the request was answered ${answer}`)
    return answer
  } finally {
    socket.destroy()
  }
}
