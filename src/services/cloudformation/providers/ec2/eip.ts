/** AWS::EC2::EIP: its id is the address itself. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-eip.html */
import type { DomainType } from '@aws-sdk/client-ec2'

import { tagSpecifications, updateTags } from './tags.ts'
import { unlessMissing } from '../handler-error.ts'
import { object, refused, string, tags } from '../property-schema.ts'
import { textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

export const elasticIp: ResourceProvider = {
  type: 'AWS::EC2::EIP',
  schema: object({
    Address: refused,
    Domain: string,
    InstanceId: refused,
    IpamPoolId: refused,
    NetworkBorderGroup: string,
    PublicIpv4Pool: string,
    Tags: tags,
    TransferAddress: refused,
  }),
  replacedBy: new Set(['Domain', 'NetworkBorderGroup', 'PublicIpv4Pool']),
  attributes: ['AllocationId', 'PublicIp'],
  taggable: true,

  async create(properties, { call, stackTags }, initiated) {
    const { AllocationId = '', PublicIp = '' } = await call('ec2', 'AllocateAddress', {
      Domain: textOf(properties, 'Domain') as DomainType | undefined,
      NetworkBorderGroup: textOf(properties, 'NetworkBorderGroup'),
      PublicIpv4Pool: textOf(properties, 'PublicIpv4Pool'),
      TagSpecifications: tagSpecifications('elastic-ip', properties, stackTags),
    })
    initiated(PublicIp)
    return { physicalId: PublicIp, attributes: { AllocationId, PublicIp } }
  },

  async update(next, previous, resource, context) {
    await updateTags(resource.attributes['AllocationId'] ?? '', next, previous, context)
    return resource
  },

  async delete(_properties, { physicalId, attributes }, { call }) {
    // What a creation left half-made has no attributes yet.
    const Filters = [{ Name: 'public-ip', Values: [physicalId] }]
    const AllocationId =
      attributes['AllocationId'] ?? (await call('ec2', 'DescribeAddresses', { Filters })).Addresses?.[0]?.AllocationId
    if (AllocationId !== undefined) await unlessMissing(call('ec2', 'ReleaseAddress', { AllocationId }))
  },
}
