/** REST with JSON bodies, as Lambda speaks it. https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
import { AwsError } from '../../core/aws-error.ts'
import { toBytes } from '../base64.ts'
import { encodeEach, encodeEvents, EVENT_STREAM_TYPE, isAsync } from '../event-stream.ts'
import { parseJson, readJson, readJsonBody, serializationError } from '../json-reader.ts'
import { writeJson, writeJsonBody } from '../json-writer.ts'
import { header, type WireRequest, type WireResponse } from '../message.ts'
import { parseQueryString, type QueryString } from '../query-string.ts'
import { readScalar, scalarText, writeScalar } from '../scalar.ts'
import type { OperationModel } from '../service-model.ts'
import { EMPTY_STRUCTURE, type Member } from '../shape.ts'
import type { Protocol } from './protocol.ts'

const JSON_TYPE = 'application/json'
const REQUEST_ID = 'x-amzn-requestid'
const NO_CONTENT = 204

export const restJson1: Protocol = {
  readInput(model, _identified, request) {
    const query = parseQueryString(request.rawQuery)
    const match = model.route(request.method, request.path, query, request.headers)
    // FIDELITY: AWS says only `Unable to determine service/operation name to be authorized`.
    if (!match) {
      throw new AwsError('UnknownOperationException', `No operation at ${request.method} ${request.path}`, {
        status: 404,
      })
    }
    return { operation: match.operation, input: readInput(match.operation, match.labels, query, request) }
  },

  writeOutput(_model, operation, output, requestId) {
    const response = writeOutput(operation, output)
    response.headers[REQUEST_ID] = requestId
    return response
  },

  writeError(_model, error, requestId) {
    return {
      status: error.status,
      headers: {
        'content-type': JSON_TYPE,
        [REQUEST_ID]: requestId,
        // REST has the error's name here and nowhere else.
        'x-amzn-errortype': error.name,
        ...error.headers,
      },
      body: JSON.stringify(error.members),
    }
  },
}

function readInput(
  operation: OperationModel,
  labels: Readonly<Record<string, string>>,
  query: QueryString,
  request: WireRequest,
): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const member of operation.input.members) {
    switch (member.location) {
      case 'label':
        input[member.name] = readText(member, labels[member.name] ?? '')
        break
      case 'query':
        if (query.has(member.locationName)) input[member.name] = readQuery(member, query)
        break
      case 'header': {
        const text = header(request, member.locationName)
        if (text !== undefined) input[member.name] = readText(member, text)
        break
      }
      case 'prefix-headers':
        input[member.name] = readPrefixHeaders(member, request)
        break
      case 'payload': {
        const payload = readPayload(member, request.body)
        if (payload !== undefined) input[member.name] = payload
        break
      }
      case 'body':
      case 'status':
        break
    }
  }
  if (operation.inputBody.members.length > 0 && request.body.length > 0)
    Object.assign(input, readJsonBody(operation.inputBody, request.body))
  return input
}

function readQuery(member: Member, query: QueryString): unknown {
  const { shape, locationName, constraint } = member
  if (shape.kind !== 'list') return readText(member, query.get(locationName) ?? '')
  return query
    .all(locationName)
    .map((text) => readScalar(shape.element, text, constraint?.element) ?? unreadable(shape.element.kind))
}

function readText(member: Member, text: string): unknown {
  return readScalar(member.shape, text, member.constraint) ?? unreadable(member.shape.kind)
}

function unreadable(kind: string): never {
  const wanted = kind === 'boolean' ? 'a Boolean' : kind === 'number' ? 'an Integer' : 'milliseconds since epoch'
  throw serializationError(`STRING_VALUE can not be converted to ${wanted}`)
}

function readPrefixHeaders(member: Member, request: WireRequest): Record<string, string> | undefined {
  const found = Object.keys(request.headers).filter((name) => name.startsWith(member.locationName))
  if (found.length === 0) return undefined
  return Object.fromEntries(found.map((name) => [name.slice(member.locationName.length), header(request, name) ?? '']))
}

/** An empty body is no payload: Lambda gives the function `{}` then. */
function readPayload(member: Member, body: Buffer): unknown {
  if (body.length === 0) return undefined
  if (member.shape.kind === 'blob') return body
  if (member.shape.kind === 'string') return body.toString('utf8')
  return readJson(member.shape, parseJson(body), member.constraint)
}

function writeOutput(operation: OperationModel, output: Readonly<Record<string, unknown>>): WireResponse {
  const headers: Record<string, string> = {}
  let status = operation.http?.status ?? 200
  let payload: Member | undefined
  for (const member of operation.output.members) {
    const value = output[member.name]
    if (member.location === 'payload') payload = member
    if (value === undefined || value === null) continue
    if (member.location === 'status') status = Number(value)
    else if (member.location === 'header') headers[member.locationName] = writeScalar(member.shape, value)
    else if (member.location === 'prefix-headers') {
      for (const [name, text] of Object.entries(value as Record<string, unknown>)) {
        headers[member.locationName + name.toLowerCase()] = String(text)
      }
    }
  }
  if (payload) return { status, headers, body: writePayload(payload, output[payload.name], headers) }
  // A structure without members answers `{}`; one whose members are all in the status and the headers answers nothing.
  const isEmptyStructure = operation.output !== EMPTY_STRUCTURE && operation.output.members.length === 0
  if (operation.outputBody.members.length > 0 || (isEmptyStructure && status !== NO_CONTENT)) {
    headers['content-type'] = JSON_TYPE
    return { status, headers, body: writeJsonBody(operation.outputBody.members, output) }
  }
  return { status, headers, body: '' }
}

function writePayload(member: Member, value: unknown, headers: Record<string, string>): WireResponse['body'] {
  if (value === undefined || value === null) return ''
  if (member.shape.kind === 'structure' && member.shape.eventStream) {
    headers['content-type'] ??= EVENT_STREAM_TYPE
    return isAsync(value) ? encodeEach(member.shape, value) : encodeEvents(member.shape, value)
  }
  // Lambda labels every payload JSON, whatever the function returned.
  headers['content-type'] ??= JSON_TYPE
  if (member.shape.kind === 'blob') return toBytes(value)
  return member.shape.kind === 'string' ? scalarText(value) : writeJson(member.shape, value)
}
