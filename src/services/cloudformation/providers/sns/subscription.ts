/** AWS::SNS::Subscription. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html */
import type { JsonObject } from '../../template/json.ts'
import { HandlerError, unlessMissing } from '../handler-error.ts'
import { boolean, document, object, refused, string } from '../property-schema.ts'
import { booleanOf, documentOf, textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

const REFUSED = ['DeliveryPolicy', 'Region', 'ReplayPolicy', 'SubscriptionRoleArn']

export const subscription: ResourceProvider = {
  type: 'AWS::SNS::Subscription',
  schema: object(
    {
      ...Object.fromEntries(REFUSED.map((name) => [name, refused])),
      Endpoint: string,
      FilterPolicy: document,
      FilterPolicyScope: string,
      Protocol: string,
      RawMessageDelivery: boolean,
      RedrivePolicy: document,
      TopicArn: string,
    },
    ['Protocol', 'TopicArn'],
  ),
  replacedBy: new Set(['Endpoint', 'Protocol', 'TopicArn']),
  attributes: ['Arn'],
  taggable: false,

  async create(properties, { call }, initiated) {
    const { SubscriptionArn: arn = '' } = await call('sns', 'Subscribe', {
      TopicArn: textOf(properties, 'TopicArn') ?? '',
      Protocol: textOf(properties, 'Protocol') ?? '',
      Endpoint: textOf(properties, 'Endpoint'),
      Attributes: attributesOf(properties),
      ReturnSubscriptionArn: true,
    })
    if (!arn.startsWith('arn:')) throw new HandlerError('AlreadyExists', 'A subscription of this endpoint is pending')
    initiated(arn)
    return { physicalId: arn, attributes: { Arn: arn } }
  },

  async update(next, _previous, resource, { call }) {
    const { FilterPolicy = '', ...others } = attributesOf(next)
    const wanted = { RawMessageDelivery: 'false', RedrivePolicy: '', FilterPolicyScope: 'MessageAttributes', ...others }
    // The policy there was may not be one of the new scope, so it goes first and the new one comes last.
    const steps = [['FilterPolicy', ''] as const, ...Object.entries(wanted), ['FilterPolicy', FilterPolicy] as const]
    for (const [AttributeName, AttributeValue] of steps) {
      await call('sns', 'SetSubscriptionAttributes', {
        SubscriptionArn: resource.physicalId,
        AttributeName,
        AttributeValue,
      })
    }
    return resource
  },

  async delete(_properties, { physicalId: SubscriptionArn }, { call }) {
    await unlessMissing(call('sns', 'Unsubscribe', { SubscriptionArn }))
  },
}

function attributesOf(properties: JsonObject): Record<string, string> {
  const raw = booleanOf(properties, 'RawMessageDelivery')
  const redrive = documentOf(properties, 'RedrivePolicy')
  const filter = documentOf(properties, 'FilterPolicy')
  const scope = textOf(properties, 'FilterPolicyScope')
  return {
    ...(filter !== undefined && { FilterPolicy: filter }),
    ...(scope !== undefined && { FilterPolicyScope: scope }),
    ...(raw !== undefined && { RawMessageDelivery: String(raw) }),
    ...(redrive !== undefined && { RedrivePolicy: redrive }),
  }
}
