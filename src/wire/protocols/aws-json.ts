/**
 * JSON RPC: every request is a POST to `/`, the operation stands in `X-Amz-Target`.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
import { AwsError } from '../../core/aws-error.ts'
import { encodeEvents, encodeInitialResponse, EVENT_STREAM_TYPE } from '../event-stream.ts'
import { queryCodeOf, type ErrorForm } from '../error-form.ts'
import { readJsonBody } from '../json-reader.ts'
import { writeJsonBody } from '../json-writer.ts'
import type { ServiceModel } from '../service-model.ts'
import { EMPTY_STRUCTURE } from '../shape.ts'
import type { Protocol } from './protocol.ts'

export const awsJson10: Protocol = createAwsJson('1.0')
export const awsJson11: Protocol = createAwsJson('1.1')

function createAwsJson(version: '1.0' | '1.1'): Protocol {
  const contentType = `application/x-amz-json-${version}`

  return {
    readInput(model, identified, request) {
      const operation = identified.operationName === undefined ? undefined : model.operation(identified.operationName)
      if (!operation) {
        const name = identified.operationName ?? ''
        const message = name === '' ? 'The request names no operation' : `The operation ${name} is not known`
        throw new AwsError('UnknownOperationException', message, { status: 400 })
      }
      return { operation, input: readJsonBody(operation.input, request.body) }
    },

    writeOutput(_model, operation, output, requestId) {
      const stream = operation.output.members.find(({ shape }) => shape.kind === 'structure' && shape.eventStream)
      if (stream?.shape.kind === 'structure') {
        const initial = operation.output.members.filter((member) => member !== stream)
        const body = Buffer.concat([
          encodeInitialResponse(contentType, writeJsonBody(initial, output)),
          encodeEvents(stream.shape, output[stream.name] ?? []),
        ])
        return { status: 200, headers: { 'content-type': EVENT_STREAM_TYPE, 'x-amzn-requestid': requestId }, body }
      }
      // An operation without output answers an empty body, one with an empty output `{}`.
      const body = operation.output === EMPTY_STRUCTURE ? '' : writeJsonBody(operation.output.members, output)
      return { status: 200, headers: { 'content-type': contentType, 'x-amzn-requestid': requestId }, body }
    },

    writeError(model, error, requestId) {
      const type = version === '1.0' && error.model ? `${error.model.namespace}#${error.name}` : error.name
      return {
        // These services answer 400 to every mistake of the client, whatever status the newer models give the shape.
        // https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeAccount.html#API_DescribeAccount_Errors
        status: error.model ? (error.fault === 'client' ? 400 : 500) : error.status,
        headers: { 'content-type': contentType, 'x-amzn-requestid': requestId, ...queryErrorHeader(model, error) },
        body: JSON.stringify({ __type: type, ...error.members }),
      }
    },
  }
}

/** What clients of a service that once spoke the query protocol know the error by. */
export function queryErrorHeader(model: ServiceModel | undefined, error: ErrorForm): Readonly<Record<string, string>> {
  if (!model?.description.queryCompatible) return {}
  const code = error.model?.query?.code ?? (error.model ? error.name : queryCodeOf(error.name))
  return { 'x-amzn-query-error': `${code};${error.fault === 'client' ? 'Sender' : 'Receiver'}` }
}
