/** AWS::SNS::TopicPolicy: one policy put on several topics. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicpolicy.html */
import { unlessMissing } from './handler-error.ts'
import { document, list, object, string } from './property-schema.ts'
import { documentOf, textsOf } from './property-values.ts'
import type { CallService, ResourceProvider } from './provider.ts'

export const topicPolicy: ResourceProvider = {
  type: 'AWS::SNS::TopicPolicy',
  schema: object({ PolicyDocument: document, Topics: list(string) }, ['PolicyDocument', 'Topics']),
  replacedBy: new Set(),
  attributes: ['Id'],
  taggable: false,

  async create(properties, { call, generateShortId }, initiated) {
    const physicalId = generateShortId()
    initiated(physicalId)
    await put(textsOf(properties, 'Topics'), documentOf(properties, 'PolicyDocument') ?? '', call)
    return { physicalId, attributes: { Id: physicalId } }
  },

  async update(next, previous, resource, { call }) {
    const topics = textsOf(next, 'Topics')
    await put(topics, documentOf(next, 'PolicyDocument') ?? '', call)
    const left = textsOf(previous.properties, 'Topics').filter((arn) => !topics.includes(arn))
    for (const arn of left) await unlessMissing(put([arn], '', call))
    return resource
  },

  /** The topics get back the policy they began with. */
  async delete(properties, _resource, { call }) {
    for (const arn of textsOf(properties, 'Topics')) await unlessMissing(put([arn], '', call))
  },
}

async function put(topics: readonly string[], AttributeValue: string, call: CallService): Promise<void> {
  for (const TopicArn of topics) {
    await call('sns', 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue })
  }
}
