/** Form parameters in, XML out: IAM, STS, CloudFormation. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
import { AwsError } from '../../core/aws-error.ts'
import { queryCodeOf } from '../error-form.ts'
import { readForm } from '../form-reader.ts'
import { EMPTY_STRUCTURE } from '../shape.ts'
import { escapeXml, writeElement, writeMembers, writeText, type XmlDialect } from '../xml-writer.ts'
import type { Protocol } from './protocol.ts'

const DIALECT: XmlDialect = { listElement: 'member', mapEntry: 'entry' }
const CONTENT_TYPE = 'text/xml'

/** Errors from before a service looks at the request carry this namespace. Observed on STS and IAM. */
const FAULT_NAMESPACE = 'http://webservices.amazon.com/AWSFault/2005-15-09'
const FRONT_END_ERRORS = new Set(['InvalidAction', 'MissingAction', 'MalformedQueryString'])

export const awsQuery: Protocol = {
  readInput(model, identified) {
    const form = identified.form ?? new Map<string, string>()
    if (identified.malformedForm) {
      throw new AwsError('MalformedQueryString', 'The query string contains a syntax error.', { status: 404 })
    }
    const { operationName } = identified
    // FIDELITY: AWS sends a browser to its web site then, with status 302.
    if (operationName === undefined) {
      throw new AwsError('MissingAction', 'The request is missing an action or a required parameter.', { status: 400 })
    }
    const version = form.get('Version') ?? 'NO_VERSION_SPECIFIED'
    const operation = version === model.description.apiVersion ? model.operation(operationName) : undefined
    if (!operation) {
      const message = `Could not find operation ${operationName} for version ${version}`
      throw new AwsError('InvalidAction', message, { status: 400 })
    }
    return { operation, input: readForm(operation.input, form, 'aws') }
  },

  writeOutput(model, operation, output, requestId) {
    const { name } = operation
    const result =
      operation.output === EMPTY_STRUCTURE
        ? ''
        : writeElement(`${name}Result`, writeMembers(operation.output, output, '    ', DIALECT), '  ')
    const metadata = writeElement('ResponseMetadata', writeText('RequestId', requestId, '    '), '  ')
    const namespace = escapeXml(model.description.xmlNamespace ?? '')
    return {
      status: 200,
      headers: { 'content-type': CONTENT_TYPE, 'x-amzn-requestid': requestId },
      body: `<${name}Response xmlns="${namespace}">\n${result}${metadata}</${name}Response>\n`,
    }
  },

  writeError(model, error, requestId) {
    const query = error.model?.query
    const namespace = FRONT_END_ERRORS.has(error.name) ? undefined : model?.description.xmlNamespace
    const members =
      writeText('Type', error.fault === 'client' ? 'Sender' : 'Receiver', '    ') +
      writeText('Code', query?.code ?? queryCodeOf(error.name), '    ') +
      (error.message === '' ? '' : writeText('Message', error.message, '    ')) +
      Object.entries(error.members)
        .filter(([name]) => name.toLowerCase() !== 'message')
        .map(([name, value]) => writeText(name, String(value), '    '))
        .join('')
    return {
      status: query?.status ?? error.status,
      headers: { 'content-type': CONTENT_TYPE, 'x-amzn-requestid': requestId },
      body:
        `<ErrorResponse xmlns="${namespace ?? FAULT_NAMESPACE}">\n` +
        writeElement('Error', members, '  ') +
        writeText('RequestId', requestId, '  ') +
        '</ErrorResponse>\n',
    }
  },
}
