/** The Runtime API's answers: statuses and bodies as AWS's runtimes expect them. */
import type { ServerResponse } from 'node:http'

/** AWS allows a response 100 bytes more than a request. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const RESPONSE_BYTES_MAX = 6_291_556

/** Of a streamed response. */
export const STREAM_BYTES_MAX = 200 * 1_048_576

const ACCEPTED = Buffer.from('{"status":"OK"}\n')

export function renderAccepted(response: ServerResponse): void {
  renderJson(response, 202, ACCEPTED)
}

export function renderIllegalState(response: ServerResponse, from: string, to: string): void {
  renderError(response, 403, {
    errorMessage: `State transition from ${from} to ${to} failed for runtime. Error: State transition is not allowed`,
    errorType: 'InvalidStateTransition',
  })
}

export function renderInvalidRequestId(response: ServerResponse): void {
  renderError(response, 400, { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' })
}

/** FIDELITY: the type is AWS's, the message has not been seen. */
export function renderInvalidInvocationId(response: ServerResponse): void {
  renderError(response, 400, { errorMessage: 'Invalid invocation ID', errorType: 'InvalidInvocationId' })
}

export function renderInvalidResponseMode(response: ServerResponse): void {
  renderError(response, 400, {
    errorMessage: 'Invalid function response mode',
    errorType: 'InvalidFunctionResponseMode',
  })
}

export function renderTooLarge(response: ServerResponse): void {
  renderError(response, 413, {
    errorMessage: `Exceeded maximum allowed payload size (${RESPONSE_BYTES_MAX} bytes).`,
    errorType: 'RequestEntityTooLarge',
  })
}

export function renderNotFound(response: ServerResponse): void {
  response.sendDate = false
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
  response.end('404 page not found\n')
}

export function renderError(
  response: ServerResponse,
  status: number,
  body: { errorMessage: string; errorType: string },
): void {
  renderJson(response, status, Buffer.from(JSON.stringify(body)))
}

export function renderJson(response: ServerResponse, status: number, body: Buffer): void {
  response.sendDate = false
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
}
