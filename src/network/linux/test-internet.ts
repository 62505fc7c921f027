/** The host on the test internet: answers every GET with the address it saw. */
import { createServer, type Server } from 'node:http'

/** Takes connections by its `connection` event; listens nowhere itself. */
export function createTestInternet(): Server {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    const body = JSON.stringify({ clientAddress: request.socket.remoteAddress })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
  })
  server.on('clientError', (_error, socket) => socket.destroy())
  return server
}
