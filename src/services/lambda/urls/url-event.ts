/**
 * The event that a request to a function URL becomes: API Gateway's payload format 2.0. Pure.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
import { isUtf8 } from 'node:buffer'

import { header, type WireRequest } from '../../../wire/message.ts'
import { parseQueryString } from '../../../wire/query-string.ts'
import { callerArn } from '../../../policy/principal-text.ts'
import { callerUserId, type Caller } from '../../caller.ts'
import type { FunctionUrlRequest } from './url-request.ts'

export interface EventFacts {
  readonly caller: Caller
  readonly traceId: string
  readonly nowMs: number
  /** Of the caller's account. */
  readonly organizationId: string | undefined
}

export function eventOf({ url, request, rawPath }: FunctionUrlRequest, facts: EventFacts): object {
  const { caller, nowMs } = facts
  const isSigned = url.authType === 'AWS_IAM'
  const parameters = queryParameters(request.rawQuery)
  const cookies = header(request, 'cookie')
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: request.rawQuery,
    ...(cookies !== undefined && { cookies: cookies.split(/;\s*/) }),
    headers: headersOf(request, facts, isSigned),
    ...(parameters && { queryStringParameters: parameters }),
    requestContext: {
      accountId: isSigned ? url.account : 'anonymous',
      apiId: url.id,
      ...(isSigned && { authentication: null, authorizer: { iam: signer(facts) } }),
      domainName: `${url.id}.lambda-url.${url.region}.on.aws`,
      domainPrefix: url.id,
      http: {
        method: request.method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: caller.sourceIp ?? '',
        userAgent: header(request, 'user-agent') ?? '',
      },
      requestId: caller.requestId,
      routeKey: '$default',
      stage: '$default',
      time: logTime(nowMs),
      timeEpoch: nowMs,
    },
    ...bodyOf(request),
  }
}

/** Ours to the next hop, or told in another member. */
const LEFT_OUT = new Set(['connection', 'cookie', 'keep-alive', 'transfer-encoding'])
/** Who signed a request is told; the function gets nothing to sign with. */
const LEFT_OUT_OF_SIGNED = new Set(['authorization', 'x-amz-security-token'])

/** FIDELITY: AWS adds what it knows of the TLS connection (`x-amzn-tls-version`), and port 443; here connections are plain HTTP. */
function headersOf(request: WireRequest, { caller, traceId }: EventFacts, isSigned: boolean): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name of Object.keys(request.headers)) {
    if (LEFT_OUT.has(name) || (isSigned && LEFT_OUT_OF_SIGNED.has(name))) continue
    headers[name] = header(request, name) ?? ''
  }
  return {
    ...headers,
    'x-forwarded-for': caller.sourceIp ?? '',
    'x-forwarded-port': /:(\d+)$/.exec(header(request, 'host') ?? '')?.[1] ?? '80',
    'x-forwarded-proto': 'http',
    'x-amzn-trace-id': traceId,
  }
}

function queryParameters(rawQuery: string): Record<string, string> | undefined {
  const query = parseQueryString(rawQuery)
  const parameters: Record<string, string> = {}
  for (const [name, value] of query.pairs) {
    parameters[name] = Object.hasOwn(parameters, name) ? `${parameters[name]},${value}` : value
  }
  return query.pairs.length > 0 ? parameters : undefined
}

function signer({ caller, organizationId }: EventFacts): object {
  const id = callerUserId(caller.principal) ?? null
  return {
    accessKey: caller.accessKeyId ?? null,
    accountId: caller.account,
    callerId: id,
    cognitoIdentity: null,
    principalOrgId: organizationId ?? null,
    userArn: callerArn(caller.principal),
    userId: id,
  }
}

/** A body is text where its type says so, as AWS has been seen to decide. */
const TEXT_TYPE = /text|json|xml|javascript/i

function bodyOf(request: WireRequest): object {
  const { body } = request
  if (body.length === 0) return { isBase64Encoded: false }
  const isText = TEXT_TYPE.test(header(request, 'content-type') ?? '') && isUtf8(body)
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `12/Mar/2020:19:03:58 +0000` */
function logTime(epochMs: number): string {
  const date = new Date(epochMs)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`
  return `${day}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`
}
