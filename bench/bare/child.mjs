/** The far end of the bare exchange: a loop on node:http that asks for an event, answers it and asks again. */
import http from 'node:http'

const [host, port] = process.argv[2].split(':')
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
const PREFIX = '/2018-06-01/runtime/invocation/'
const ANSWER = Buffer.from('null')

function exchange(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body ? { 'content-length': body.length } : {}
    const request = http.request({ agent, host, port, method, path, headers }, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }))
    })
    request.on('error', reject)
    request.end(body)
  })
}

try {
  for (;;) {
    const { headers, body } = await exchange('GET', `${PREFIX}next`)
    JSON.parse(body.toString())
    await exchange('POST', `${PREFIX}${headers['lambda-runtime-aws-request-id']}/response`, ANSWER)
  }
} catch {
  process.exit()
}
