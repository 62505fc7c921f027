/** AWS::EC2::InternetGateway. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-internetgateway.html */
import { tagSpecifications, updateTags } from './tags.ts'
import { unlessMissing } from '../handler-error.ts'
import { object, tags } from '../property-schema.ts'
import type { ResourceProvider } from '../provider.ts'

export const internetGateway: ResourceProvider = {
  type: 'AWS::EC2::InternetGateway',
  schema: object({ Tags: tags }),
  replacedBy: new Set(),
  attributes: ['InternetGatewayId'],
  taggable: true,

  async create(properties, { call, stackTags }, initiated) {
    const { InternetGateway } = await call('ec2', 'CreateInternetGateway', {
      TagSpecifications: tagSpecifications('internet-gateway', properties, stackTags),
    })
    const InternetGatewayId = InternetGateway?.InternetGatewayId ?? ''
    initiated(InternetGatewayId)
    return { physicalId: InternetGatewayId, attributes: { InternetGatewayId } }
  },

  async update(next, previous, resource, context) {
    await updateTags(resource.physicalId, next, previous, context)
    return resource
  },

  async delete(_properties, { physicalId: InternetGatewayId }, { call }) {
    await unlessMissing(call('ec2', 'DeleteInternetGateway', { InternetGatewayId }))
  },
}
