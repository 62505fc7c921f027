/** AWS::EC2::VPCDHCPOptionsAssociation. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcdhcpoptionsassociation.html */
import { unlessMissing } from '../handler-error.ts'
import { object, string } from '../property-schema.ts'
import { textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

export const vpcDhcpOptionsAssociation: ResourceProvider = {
  type: 'AWS::EC2::VPCDHCPOptionsAssociation',
  schema: object({ DhcpOptionsId: string, VpcId: string }, ['VpcId', 'DhcpOptionsId']),
  replacedBy: new Set(['VpcId']),
  attributes: [],
  taggable: false,

  async create(properties, { call }, initiated) {
    const DhcpOptionsId = textOf(properties, 'DhcpOptionsId') ?? ''
    const VpcId = textOf(properties, 'VpcId') ?? ''
    await call('ec2', 'AssociateDhcpOptions', { DhcpOptionsId, VpcId })
    const physicalId = `${DhcpOptionsId}|${VpcId}`
    initiated(physicalId)
    return { physicalId, attributes: {} }
  },

  async update(next, _previous, resource, { call }) {
    const DhcpOptionsId = textOf(next, 'DhcpOptionsId') ?? ''
    await call('ec2', 'AssociateDhcpOptions', { DhcpOptionsId, VpcId: textOf(next, 'VpcId') ?? '' })
    return resource
  },

  async delete(properties, _resource, { call }) {
    const VpcId = textOf(properties, 'VpcId') ?? ''
    await unlessMissing(call('ec2', 'AssociateDhcpOptions', { DhcpOptionsId: 'default', VpcId }))
  },
}
