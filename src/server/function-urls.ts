/**
 * Requests to function URLs: found by host or path, authenticated as the URL asks, then authorized and recorded like any request.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
import { AwsError } from '../core/aws-error.ts'
import type { Ids } from '../core/ids.ts'
import type { FunctionUrls } from '../services/lambda/urls/function-urls.ts'
import type { FunctionUrlRecord } from '../services/lambda/urls/url-store.ts'
import type { UrlAddress } from '../services/lambda/urls/url-host.ts'
import { header, type WireResponse } from '../wire/message.ts'
import { requestTooLarge, INVOKE_REQUEST_BYTES_MAX } from '../wire/limits.ts'
import { authenticationError } from '../wire/sigv4.ts'
import { writeError } from '../wire/write.ts'
import type { Authenticate, Authenticated, AuthMode } from './authenticate.ts'
import type { Pipeline, ReceivedRequest } from './pipeline.ts'

export interface FunctionUrlServer {
  /** Undefined for a request that is not to a function URL. */
  addressOf(request: ReceivedRequest): UrlAddress | undefined
  /** Never throws. */
  handle(address: UrlAddress, request: ReceivedRequest): Promise<WireResponse>
}

export function createFunctionUrlServer(options: {
  readonly urls: FunctionUrls
  readonly authenticate: Authenticate
  readonly pipeline: Pipeline
  readonly mode: AuthMode
  readonly ids: Ids
  /** A bug was caught: the client has been answered 502. */
  readonly onBug: (error: unknown, requestId: string) => void
}): FunctionUrlServer {
  const { urls, authenticate, pipeline, ids } = options

  async function answer(
    url: FunctionUrlRecord | undefined,
    { rawPath }: UrlAddress,
    request: ReceivedRequest,
    requestId: string,
  ): Promise<WireResponse> {
    // A URL is reached over the internet only: PrivateLink has none.
    if (!url || request.endpoint) return forbidden(null)
    const preflight = url.cors && urls.preflight(url.cors, request)
    if (preflight) return preflight
    if (request.oversize) throw requestTooLarge('Invoke', INVOKE_REQUEST_BYTES_MAX)
    const isOpen = url.authType === 'NONE'
    const { caller, body } = isOpen ? anybody(url, request, requestId) : signer(url, request, requestId)
    const input = { url, request: { ...request, body }, rawPath }
    const output = await pipeline.perform(caller, 'lambda', 'InvokeFunctionUrl', urls.operation, input)
    return output as WireResponse
  }

  function signer(url: FunctionUrlRecord, request: ReceivedRequest, requestId: string): Authenticated {
    const authenticated = authenticate(request, 'lambda', { requestId, sourceIp: request.sourceIp })
    // Who need not sign cannot be held to a Region.
    if (authenticated.caller.region !== url.region && options.mode === 'strict') {
      throw authenticationError('signature-mismatch', 'rest', 'Credential should be scoped to a valid region. ')
    }
    return authenticated
  }

  return {
    addressOf: (request) => urls.addressOf(header(request, 'host'), request.path),
    async handle(address, request) {
      const begunMs = performance.now()
      const requestId = ids.uuid()
      const url = urls.find(address)
      let response: WireResponse
      try {
        response = await answer(url, address, request, requestId)
      } catch (error) {
        response = await refusal(error, requestId)
      }
      response.headers['x-amzn-requestid'] = requestId
      if (url) urls.answered(url, { status: response.status, latencyMs: performance.now() - begunMs })
      return response
    },
  }

  async function refusal(error: unknown, requestId: string): Promise<WireResponse> {
    if (!(error instanceof AwsError)) {
      options.onBug(error, requestId)
      return urls.badGateway()
    }
    const isForbidden = error.name === 'AccessDeniedException' || error.name.startsWith('MissingAuthenticationToken')
    if (isForbidden) return forbidden(FORBIDDEN)
    // FIDELITY: what else Invoke refuses (429, 413, 409) is answered in Invoke's words; AWS's through a URL have not been seen.
    return writeError({ model: await pipeline.model('lambda'), protocol: 'restJson1' }, error, requestId)
  }
}

/** Recorded on AWS. */
const FORBIDDEN =
  'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html'

function forbidden(message: string | null): WireResponse {
  return {
    status: 403,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException' },
    body: JSON.stringify({ Message: message }),
  }
}

/** The caller of a URL that authenticates nobody. */
function anybody({ account, region }: FunctionUrlRecord, request: ReceivedRequest, requestId: string): Authenticated {
  const { sourceIp, body } = request
  const userAgent = header(request, 'user-agent')
  const traceHeader = header(request, 'x-amzn-trace-id')
  return {
    caller: {
      principal: { kind: 'anonymous' },
      account,
      region,
      requestId,
      ...(sourceIp !== undefined && { sourceIp }),
      ...(userAgent !== undefined && { userAgent }),
      ...(traceHeader !== undefined && { traceHeader }),
    },
    body,
  }
}
