/** How large a request may be before Lambda's front end refuses it. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
import { AwsError } from '../core/aws-error.ts'

export const INVOKE_REQUEST_BYTES_MAX = 6_291_456
/** Raised from 256 KB in October 2025. */
export const ASYNC_INVOKE_REQUEST_BYTES_MAX = 1_048_576
export const INVOKE_ASYNC_REQUEST_BYTES_MAX = 262_144
/** A 50 MB archive in base64, and its envelope. */
export const UPLOAD_REQUEST_BYTES_MAX = 70_167_211
/** FIDELITY: other services have limits of their own that are not documented; this one only guards our memory. */
export const REQUEST_BYTES_MAX = UPLOAD_REQUEST_BYTES_MAX

/** The front end names operations as IAM does. */
const FRONT_END_NAMES: Readonly<Record<string, string>> = {
  Invoke: 'InvokeFunction',
  InvokeWithResponseStream: 'InvokeWithResponseStream',
}

/** `invocationType` is the `X-Amz-Invocation-Type` header. */
export function requestBytesMax(service: string, operationName: string | undefined, invocationType?: string): number {
  if (service !== 'lambda') return REQUEST_BYTES_MAX
  switch (operationName) {
    case 'Invoke':
      return invocationType === 'Event' ? ASYNC_INVOKE_REQUEST_BYTES_MAX : INVOKE_REQUEST_BYTES_MAX
    case 'InvokeWithResponseStream':
      return INVOKE_REQUEST_BYTES_MAX
    case 'InvokeAsync':
      return INVOKE_ASYNC_REQUEST_BYTES_MAX
    case undefined:
    default:
      return UPLOAD_REQUEST_BYTES_MAX
  }
}

export function requestTooLarge(operationName: string, bytesMax: number): AwsError {
  const name = FRONT_END_NAMES[operationName] ?? operationName
  return new AwsError(
    'RequestEntityTooLargeException',
    `Request must be smaller than ${bytesMax} bytes for the ${name} operation`,
    { status: 413 },
  )
}
