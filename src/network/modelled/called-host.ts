/** Which of AWS's hosts a request is for, told by its head: a client that was sent here by `AWS_ENDPOINT_URL` no longer names the host itself. */
import { isRegion } from '../../core/region.ts'
import { awsServiceOfName, serviceOfFunctionUrl } from '../plan/names.ts'

/** `20260101/us-east-1/lambda/aws4_request` */
const SCOPE = /\/\d{8}\/(?<region>[a-z0-9-]+)\/(?<service>[a-z0-9-]+)\/aws4_request/

/** What STS serves is all that a client asks for without signing. */
const UNSIGNED_HOST = 'sts.amazonaws.com'

/**
 * `head` ends with the blank line: `lambda.us-east-1.amazonaws.com`. What the request is signed for goes before its Host header, because that is
 * what decides who serves it; a function URL is known by its name only.
 */
export function calledHost(head: string): string {
  const named = /^host:\s*(?<host>[^\s:]+)/im.exec(head)?.groups?.['host']?.toLowerCase() ?? ''
  if (serviceOfFunctionUrl(named) !== undefined) return named
  // In a header it is plain, in a presigned URL its slashes are encoded.
  const { region = '', service = '' } = SCOPE.exec(head.replaceAll(/%2f/gi, '/'))?.groups ?? {}
  if (isRegion(region)) return `${service}.${region}.amazonaws.com`
  return awsServiceOfName(named) === undefined ? UNSIGNED_HOST : named
}
