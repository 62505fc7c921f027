/**
 * The exchange without AWS: a bare node:http server that hands each request it gets to a child that long-polls, and passes the answer back.
 * Plain JavaScript, so that nothing but Node.js itself is measured.
 *
 * Usage: node server.mjs (child|<path of the runtime client> <folder of the function>). With an IPC channel: it sends its port, and starts
 * as many children as it is told.
 */
import { spawn } from 'node:child_process'
import http from 'node:http'
import { join } from 'node:path'

const [, , program = 'child', taskRoot = ''] = process.argv
const ANSWER = /^\/(2018-06-01\/runtime|isthmus)\/invocation\/([^/]+)\/response$/

/** Children's requests for the next event, the newest last: it is taken first, as Isthmus does. */
const idle = []
/** Events for which no child was idle. */
const queued = []
/** Callers that wait for their answer, by the id of the event. */
const callers = new Map()
let events = 0

const server = http.createServer((request, response) => {
  if (request.method === 'GET') {
    if (request.url === '/one-hop') return answer(response, Buffer.from('{}'))
    idle.push(response)
    return deliver()
  }
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
    const [, api, id] = ANSWER.exec(request.url) ?? []
    if (id === undefined) queued.push({ response, body })
    else {
      answer(callers.get(id), body)
      callers.delete(id)
      // Isthmus's own runtimes wait for the next event in the request that answered the last.
      if (api === 'isthmus') idle.push(response)
      else response.writeHead(202, { 'content-length': 0 }).end()
    }
    deliver()
  })
})
server.keepAliveTimeout = 0
server.requestTimeout = 0

function deliver() {
  while (idle.length > 0 && queued.length > 0) {
    const child = idle.pop()
    const { response, body } = queued.shift()
    const id = String(++events)
    callers.set(id, response)
    child.writeHead(200, { 'content-length': body.length, 'lambda-runtime-aws-request-id': id }).end(body)
  }
}

function answer(response, body) {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
}

function startChild() {
  const address = `127.0.0.1:${server.address().port}`
  const args = program === 'child' ? [join(import.meta.dirname, 'child.mjs'), address] : [program, 'function', address]
  const env = { LAMBDA_TASK_ROOT: taskRoot, _HANDLER: 'index.handler', AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' }
  spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
}

server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', ({ children }) => {
  for (let index = 0; index < children; index++) startChild()
})
// The children end with their connection to us.
process.on('disconnect', () => process.exit())
