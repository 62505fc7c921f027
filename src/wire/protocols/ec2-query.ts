/** EC2's own flavour of the query protocol. https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html */
import { AwsError } from '../../core/aws-error.ts'
import { readForm } from '../form-reader.ts'
import { escapeXml, writeElement, writeMembers, writeText, type XmlDialect } from '../xml-writer.ts'
import type { Protocol } from './protocol.ts'

const DIALECT: XmlDialect = { listElement: 'item', mapEntry: 'entry' }
const CONTENT_TYPE = 'text/xml;charset=UTF-8'
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

export const ec2Query: Protocol = {
  readInput(model, identified) {
    const form = identified.form ?? new Map<string, string>()
    const name = identified.operationName
    if (name === undefined) {
      throw new AwsError('MissingAction', 'The request must contain the parameter Action', { status: 400 })
    }
    const operation = model.operation(name)
    if (!operation) {
      throw new AwsError('InvalidAction', `The action ${name} is not valid for this web service.`, { status: 400 })
    }
    return { operation, input: readForm(operation.input, form, 'ec2') }
  },

  writeOutput(model, operation, output, requestId) {
    const namespace = escapeXml(model.description.xmlNamespace ?? '')
    const content = writeText('requestId', requestId, '    ') + writeMembers(operation.output, output, '    ', DIALECT)
    return {
      status: 200,
      headers: { 'content-type': CONTENT_TYPE, 'x-amzn-requestid': requestId },
      body: `${DECLARATION}<${operation.name}Response xmlns="${namespace}">\n${content}</${operation.name}Response>`,
    }
  },

  writeError(_model, error, requestId) {
    const content = writeText('Code', error.name, '      ') + writeText('Message', error.message, '      ')
    return {
      status: error.status,
      headers: { 'content-type': CONTENT_TYPE, 'x-amzn-requestid': requestId },
      body:
        `${DECLARATION}<Response>\n` +
        writeElement('Errors', writeElement('Error', content, '    '), '  ') +
        writeText('RequestID', requestId, '  ') +
        '</Response>',
    }
  },
}
