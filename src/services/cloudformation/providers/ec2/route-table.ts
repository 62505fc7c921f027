/** AWS::EC2::RouteTable. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-routetable.html */
import { tagSpecifications, updateTags } from './tags.ts'
import { unlessMissing } from '../handler-error.ts'
import { object, string, tags } from '../property-schema.ts'
import { textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

export const routeTable: ResourceProvider = {
  type: 'AWS::EC2::RouteTable',
  schema: object({ Tags: tags, VpcId: string }, ['VpcId']),
  replacedBy: new Set(['VpcId']),
  attributes: ['RouteTableId'],
  taggable: true,

  async create(properties, { call, stackTags }, initiated) {
    const { RouteTable } = await call('ec2', 'CreateRouteTable', {
      VpcId: textOf(properties, 'VpcId') ?? '',
      TagSpecifications: tagSpecifications('route-table', properties, stackTags),
    })
    const RouteTableId = RouteTable?.RouteTableId ?? ''
    initiated(RouteTableId)
    return { physicalId: RouteTableId, attributes: { RouteTableId } }
  },

  async update(next, previous, resource, context) {
    await updateTags(resource.physicalId, next, previous, context)
    return resource
  },

  async delete(_properties, { physicalId: RouteTableId }, { call }) {
    await unlessMissing(call('ec2', 'DeleteRouteTable', { RouteTableId }))
  },
}
