/** AWS::EC2::VPC. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpc.html */
import type { Tenancy } from '@aws-sdk/client-ec2'

import { tagSpecifications, updateTags } from './tags.ts'
import { unlessMissing } from '../handler-error.ts'
import { boolean, object, refused, string, tags } from '../property-schema.ts'
import { booleanOf, textOf } from '../property-values.ts'
import type { ResourceContext, ResourceProvider } from '../provider.ts'

export const vpc: ResourceProvider = {
  type: 'AWS::EC2::VPC',
  schema: object({
    CidrBlock: string,
    EnableDnsHostnames: boolean,
    EnableDnsSupport: boolean,
    InstanceTenancy: string,
    Ipv4IpamPoolId: refused,
    Ipv4NetmaskLength: refused,
    Tags: tags,
  }),
  replacedBy: new Set(['CidrBlock', 'InstanceTenancy']),
  attributes: ['CidrBlock', 'DefaultNetworkAcl', 'DefaultSecurityGroup', 'VpcId'],
  taggable: true,

  async create(properties, context, initiated) {
    const { call, stackTags } = context
    const { Vpc } = await call('ec2', 'CreateVpc', {
      CidrBlock: textOf(properties, 'CidrBlock'),
      InstanceTenancy: textOf(properties, 'InstanceTenancy') as Tenancy | undefined,
      TagSpecifications: tagSpecifications('vpc', properties, stackTags),
    })
    const VpcId = Vpc?.VpcId ?? ''
    initiated(VpcId)
    await setDns(VpcId, booleanOf(properties, 'EnableDnsSupport'), booleanOf(properties, 'EnableDnsHostnames'), call)
    const Filters = [{ Name: 'vpc-id', Values: [VpcId] }]
    const { NetworkAcls } = await call('ec2', 'DescribeNetworkAcls', { Filters })
    const { SecurityGroups } = await call('ec2', 'DescribeSecurityGroups', { Filters })
    return {
      physicalId: VpcId,
      attributes: {
        VpcId,
        CidrBlock: Vpc?.CidrBlock ?? '',
        DefaultNetworkAcl: NetworkAcls?.[0]?.NetworkAclId ?? '',
        DefaultSecurityGroup: SecurityGroups?.[0]?.GroupId ?? '',
      },
    }
  },

  async update(next, previous, resource, context) {
    const changed = (name: string) =>
      booleanOf(previous.properties, name) === booleanOf(next, name) ? undefined : booleanOf(next, name)
    const support = 'EnableDnsSupport'
    await setDns(resource.physicalId, changed(support), changed('EnableDnsHostnames'), context.call)
    await updateTags(resource.physicalId, next, previous, context)
    return resource
  },

  async delete(_properties, { physicalId: VpcId }, { call }) {
    await unlessMissing(call('ec2', 'DeleteVpc', { VpcId }))
  },
}

/** One attribute at a time. */
async function setDns(
  VpcId: string,
  support: boolean | undefined,
  hostnames: boolean | undefined,
  call: ResourceContext['call'],
): Promise<void> {
  if (support !== undefined) await call('ec2', 'ModifyVpcAttribute', { VpcId, EnableDnsSupport: { Value: support } })
  if (hostnames !== undefined) {
    await call('ec2', 'ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: hostnames } })
  }
}
