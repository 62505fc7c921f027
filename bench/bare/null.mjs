/** A server on node:http that answers every request at once with nothing, as a function that does nothing would. With an IPC channel: sends its port. */
import http from 'node:http'

const ANSWER = Buffer.from('null')
const HEADERS = {
  'content-type': 'application/json',
  'content-length': ANSWER.length,
  'x-amzn-requestid': '00000000-0000-4000-8000-000000000000',
}

const server = http.createServer((request, response) => {
  request.resume()
  request.on('end', () => response.writeHead(200, HEADERS).end(ANSWER))
})
server.keepAliveTimeout = 0
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('disconnect', () => process.exit())
