/** What the server needs to answer requests to function URLs. */
import type { WireRequest, WireResponse } from '../../../wire/message.ts'
import type { BoundOperation } from '../../operation.ts'
import type { LambdaService } from '../service.ts'
import { preflightResponse } from './url-cors.ts'
import { urlAddress, type UrlAddress } from './url-host.ts'
import { invokeFunctionUrl, targetOfUrl } from './url-invocation.ts'
import { badGateway } from './url-response.ts'
import type { CorsSettings, FunctionUrlRecord } from './url-store.ts'

export interface FunctionUrls {
  addressOf(host: string | undefined, path: string): UrlAddress | undefined
  find(address: UrlAddress): FunctionUrlRecord | undefined
  preflight(cors: CorsSettings, request: WireRequest): WireResponse | undefined
  /** Takes a `FunctionUrlRequest`, answers a `WireResponse`. */
  readonly operation: BoundOperation
  badGateway(): WireResponse
  /** FIDELITY: the latency of a streamed answer is that of its head. */
  answered(url: FunctionUrlRecord, answer: { readonly status: number; readonly latencyMs: number }): void
}

export function createFunctionUrls(lambda: LambdaService): FunctionUrls {
  return {
    addressOf: urlAddress,
    find({ id, region }) {
      const url = lambda.urls.byId(id)
      return region === undefined || url?.region === region ? url : undefined
    },
    preflight: preflightResponse,
    operation: {
      permissions: (input, caller) => invokeFunctionUrl.permissions(input as never, caller, lambda),
      refuses: [],
      handle: (input, caller) => invokeFunctionUrl.handle(input as never, caller, lambda),
    },
    badGateway,
    answered: (url, answer) => lambda.metrics.urlAnswered(targetOfUrl(url), answer),
  }
}
