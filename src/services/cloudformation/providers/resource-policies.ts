/** AWS::SNS::TopicPolicy and AWS::SQS::QueuePolicy: one policy put on several topics or queues. */
import { unlessMissing } from './handler-error.ts'
import { document, list, object, string } from './property-schema.ts'
import { documentOf, textsOf } from './property-values.ts'
import type { CallService, ResourceProvider } from './provider.ts'

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicpolicy.html */
export const topicPolicy = policyOnSeveral('AWS::SNS::TopicPolicy', 'Topics', (TopicArn, AttributeValue, call) =>
  call('sns', 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue }),
)

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queuepolicy.html */
export const queuePolicy = policyOnSeveral('AWS::SQS::QueuePolicy', 'Queues', (QueueUrl, Policy, call) =>
  call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } }),
)

/** `put` with an empty text gives a target back the policy it began with, if it began with one. */
function policyOnSeveral(
  type: string,
  targets: 'Topics' | 'Queues',
  put: (target: string, policy: string, call: CallService) => Promise<unknown>,
): ResourceProvider {
  return {
    type,
    schema: object({ PolicyDocument: document, [targets]: list(string) }, ['PolicyDocument', targets]),
    replacedBy: new Set(),
    attributes: ['Id'],
    taggable: false,

    async create(properties, { call, generateShortId }, initiated) {
      const physicalId = generateShortId()
      initiated(physicalId)
      const policy = documentOf(properties, 'PolicyDocument') ?? ''
      for (const target of textsOf(properties, targets)) await put(target, policy, call)
      return { physicalId, attributes: { Id: physicalId } }
    },

    async update(next, previous, resource, { call }) {
      const kept = textsOf(next, targets)
      const policy = documentOf(next, 'PolicyDocument') ?? ''
      for (const target of kept) await put(target, policy, call)
      const left = textsOf(previous.properties, targets).filter((target) => !kept.includes(target))
      for (const target of left) await unlessMissing(put(target, '', call))
      return resource
    },

    async delete(properties, _resource, { call }) {
      for (const target of textsOf(properties, targets)) await unlessMissing(put(target, '', call))
    },
  }
}
