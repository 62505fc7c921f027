/**
 * RPC in CBOR: the operation stands in the path, input and output are CBOR maps.
 * https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
 */
import { AwsError } from '../../core/aws-error.ts'
import { readCborBody } from '../cbor-reader.ts'
import { writeCbor, writeCborBody } from '../cbor-writer.ts'
import { EMPTY_STRUCTURE } from '../shape.ts'
import { queryErrorHeader } from './aws-json.ts'
import type { Protocol } from './protocol.ts'

const CONTENT_TYPE = 'application/cbor'
/** In every request and response: what tells this protocol from others. */
const PROTOCOL = { 'smithy-protocol': 'rpc-v2-cbor' }

export const rpcV2Cbor: Protocol = {
  readInput(model, { operationName = '' }, request) {
    const operation = model.operation(operationName)
    if (!operation) {
      throw new AwsError('UnknownOperationException', `The operation ${operationName} is not known`, { status: 404 })
    }
    return { operation, input: readCborBody(operation.input, request.body) }
  },

  writeOutput(_model, operation, output, requestId) {
    const headers = { ...PROTOCOL, 'x-amzn-requestid': requestId }
    // An operation without output has no body, and then no type of one.
    if (operation.output === EMPTY_STRUCTURE) return { status: 200, headers, body: '' }
    return {
      status: 200,
      headers: { ...headers, 'content-type': CONTENT_TYPE },
      body: writeCborBody(operation.output.members, output),
    }
  },

  writeError(model, error, requestId) {
    const type = error.model ? `${error.model.namespace}#${error.name}` : error.name
    return {
      status: error.status,
      headers: {
        ...PROTOCOL,
        'content-type': CONTENT_TYPE,
        'x-amzn-requestid': requestId,
        ...queryErrorHeader(model, error),
      },
      body: writeCbor({ __type: type, ...error.members }),
    }
  },
}
