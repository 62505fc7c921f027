/** AWS::EC2::SubnetRouteTableAssociation. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnetroutetableassociation.html */
import { unlessMissing } from '../handler-error.ts'
import { object, string } from '../property-schema.ts'
import { textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

export const subnetRouteTableAssociation: ResourceProvider = {
  type: 'AWS::EC2::SubnetRouteTableAssociation',
  schema: object({ RouteTableId: string, SubnetId: string }, ['RouteTableId', 'SubnetId']),
  replacedBy: new Set(['SubnetId']),
  attributes: ['Id'],
  taggable: false,

  async create(properties, { call }, initiated) {
    const { AssociationId = '' } = await call('ec2', 'AssociateRouteTable', {
      RouteTableId: textOf(properties, 'RouteTableId') ?? '',
      SubnetId: textOf(properties, 'SubnetId'),
    })
    initiated(AssociationId)
    return { physicalId: AssociationId, attributes: { Id: AssociationId } }
  },

  async update(next, _previous, { physicalId: AssociationId }, { call }) {
    const { NewAssociationId = '' } = await call('ec2', 'ReplaceRouteTableAssociation', {
      AssociationId,
      RouteTableId: textOf(next, 'RouteTableId') ?? '',
    })
    return { physicalId: NewAssociationId, attributes: { Id: NewAssociationId } }
  },

  async delete(_properties, { physicalId: AssociationId }, { call }) {
    await unlessMissing(call('ec2', 'DisassociateRouteTable', { AssociationId }))
  },
}
