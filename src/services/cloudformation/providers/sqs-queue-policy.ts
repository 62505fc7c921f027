/** AWS::SQS::QueuePolicy: one policy put on several queues. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queuepolicy.html */
import { unlessMissing } from './handler-error.ts'
import { document, list, object, string } from './property-schema.ts'
import { documentOf, textsOf } from './property-values.ts'
import type { CallService, ResourceProvider } from './provider.ts'

export const queuePolicy: ResourceProvider = {
  type: 'AWS::SQS::QueuePolicy',
  schema: object({ PolicyDocument: document, Queues: list(string) }, ['PolicyDocument', 'Queues']),
  replacedBy: new Set(),
  attributes: ['Id'],
  taggable: false,

  async create(properties, { call, generateShortId }, initiated) {
    const physicalId = generateShortId()
    initiated(physicalId)
    await put(textsOf(properties, 'Queues'), documentOf(properties, 'PolicyDocument') ?? '', call)
    return { physicalId, attributes: { Id: physicalId } }
  },

  async update(next, previous, resource, { call }) {
    const queues = textsOf(next, 'Queues')
    await put(queues, documentOf(next, 'PolicyDocument') ?? '', call)
    const left = textsOf(previous.properties, 'Queues').filter((url) => !queues.includes(url))
    for (const url of left) await unlessMissing(put([url], '', call))
    return resource
  },

  async delete(properties, _resource, { call }) {
    for (const url of textsOf(properties, 'Queues')) await unlessMissing(put([url], '', call))
  },
}

async function put(queues: readonly string[], Policy: string, call: CallService): Promise<void> {
  for (const QueueUrl of queues) await call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } })
}
