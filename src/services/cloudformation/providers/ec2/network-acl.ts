/** AWS::EC2::NetworkAcl. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-networkacl.html */
import { tagSpecifications, updateTags } from './tags.ts'
import { unlessMissing } from '../handler-error.ts'
import { object, string, tags } from '../property-schema.ts'
import { textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

export const networkAcl: ResourceProvider = {
  type: 'AWS::EC2::NetworkAcl',
  schema: object({ Tags: tags, VpcId: string }, ['VpcId']),
  replacedBy: new Set(['VpcId']),
  attributes: ['Id'],
  taggable: true,

  async create(properties, { call, stackTags }, initiated) {
    const { NetworkAcl } = await call('ec2', 'CreateNetworkAcl', {
      VpcId: textOf(properties, 'VpcId') ?? '',
      TagSpecifications: tagSpecifications('network-acl', properties, stackTags),
    })
    const Id = NetworkAcl?.NetworkAclId ?? ''
    initiated(Id)
    return { physicalId: Id, attributes: { Id } }
  },

  async update(next, previous, resource, context) {
    await updateTags(resource.physicalId, next, previous, context)
    return resource
  },

  async delete(_properties, { physicalId: NetworkAclId }, { call }) {
    await unlessMissing(call('ec2', 'DeleteNetworkAcl', { NetworkAclId }))
  },
}
