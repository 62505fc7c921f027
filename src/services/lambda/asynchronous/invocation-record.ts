/**
 * What destinations and dead-letter queues are told of an asynchronous invocation. Pure.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
import { isoTime } from '../../../core/clock.ts'
import type { AsyncEvent, Condition } from './async-event.ts'
import { functionArn, LATEST } from '../function-name.ts'

/** The function with the qualifier it was invoked as, `$LATEST` where none was given. */
export function qualifiedArn({ account, region, functionName, qualifier = LATEST }: AsyncEvent): string {
  return functionArn({ account, region, name: functionName, qualifier })
}

export function invocationRecord(event: AsyncEvent, condition: Condition, nowMs: number): object {
  const { last } = event
  return {
    version: '1.0',
    timestamp: isoTime(nowMs),
    requestContext: {
      requestId: event.id,
      functionArn: qualifiedArn(event),
      condition,
      approximateInvokeCount: event.attempts,
    },
    requestPayload: json(event.payloadBase64),
    ...(last && {
      responseContext: {
        statusCode: 200,
        executedVersion: last.executedVersion,
        ...(last.functionError !== undefined && { functionError: last.functionError }),
      },
      responsePayload: json(last.payloadBase64),
    }),
  }
}

const ERROR_MESSAGE_BYTES_MAX = 1024

/** The attributes of a dead letter, whose body is the event itself. */
export function deadLetterAttributes(
  event: AsyncEvent,
): Readonly<Record<string, { DataType: string; StringValue: string }>> {
  const { last } = event
  const message = last ? errorMessageOf(last.payloadBase64) : ''
  return {
    RequestID: { DataType: 'String', StringValue: event.id },
    // FIDELITY: recorded for errors of the function only; where it never ran, the status a caller would have been answered.
    ErrorCode: { DataType: 'Number', StringValue: last ? '200' : '429' },
    ErrorMessage: { DataType: 'String', StringValue: firstBytes(message === '' ? 'Rate Exceeded.' : message) },
  }
}

function errorMessageOf(payloadBase64: string): string {
  const payload = json(payloadBase64)
  if (typeof payload !== 'object' || payload === null || !('errorMessage' in payload)) return JSON.stringify(payload)
  const { errorMessage } = payload
  return typeof errorMessage === 'string' ? errorMessage : JSON.stringify(errorMessage)
}

/** No character is cut in two. */
function firstBytes(text: string): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= ERROR_MESSAGE_BYTES_MAX) return text
  return bytes
    .subarray(0, ERROR_MESSAGE_BYTES_MAX)
    .toString()
    .replace(/\ufffd+$/, '')
}

/** A payload that is no JSON is shown as text. */
function json(base64: string): unknown {
  const text = Buffer.from(base64, 'base64').toString()
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
