/** AWS::EC2::SubnetNetworkAclAssociation: a subnet without it goes back to the default network ACL. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnetnetworkaclassociation.html */
import type { NetworkAcl } from '@aws-sdk/client-ec2'

import { object, string } from '../property-schema.ts'
import { textOf } from '../property-values.ts'
import type { ResourceContext, ResourceProvider } from '../provider.ts'

export const subnetNetworkAclAssociation: ResourceProvider = {
  type: 'AWS::EC2::SubnetNetworkAclAssociation',
  schema: object({ NetworkAclId: string, SubnetId: string }, ['NetworkAclId', 'SubnetId']),
  replacedBy: new Set(['NetworkAclId', 'SubnetId']),
  attributes: ['AssociationId'],
  taggable: false,

  async create(properties, { call }, initiated) {
    const acl = await aclBy('association.subnet-id', textOf(properties, 'SubnetId') ?? '', call)
    const current = acl?.Associations?.find(({ SubnetId }) => SubnetId === textOf(properties, 'SubnetId'))
    const { NewAssociationId = '' } = await call('ec2', 'ReplaceNetworkAclAssociation', {
      AssociationId: current?.NetworkAclAssociationId ?? '',
      NetworkAclId: textOf(properties, 'NetworkAclId') ?? '',
    })
    initiated(NewAssociationId)
    return { physicalId: NewAssociationId, attributes: { AssociationId: NewAssociationId } }
  },

  update: (_next, _previous, resource) => Promise.resolve(resource),

  async delete(_properties, { physicalId: AssociationId }, { call }) {
    // Where the subnet has been associated anew since, there is nothing to undo.
    const acl = await aclBy('association.association-id', AssociationId, call)
    if (!acl) return
    const { NetworkAcls } = await call('ec2', 'DescribeNetworkAcls', {
      Filters: [
        { Name: 'vpc-id', Values: [acl.VpcId ?? ''] },
        { Name: 'default', Values: ['true'] },
      ],
    })
    await call('ec2', 'ReplaceNetworkAclAssociation', {
      AssociationId,
      NetworkAclId: NetworkAcls?.[0]?.NetworkAclId ?? '',
    })
  },
}

async function aclBy(filter: string, value: string, call: ResourceContext['call']): Promise<NetworkAcl | undefined> {
  const { NetworkAcls } = await call('ec2', 'DescribeNetworkAcls', { Filters: [{ Name: filter, Values: [value] }] })
  return NetworkAcls?.[0]
}
