/** AWS::EC2::Subnet. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnet.html */
import { tagSpecifications, updateTags } from './tags.ts'
import { unlessMissing } from '../handler-error.ts'
import { boolean, object, refused, string, tags } from '../property-schema.ts'
import { booleanOf, textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

export const subnet: ResourceProvider = {
  type: 'AWS::EC2::Subnet',
  schema: object(
    {
      AssignIpv6AddressOnCreation: refused,
      AvailabilityZone: string,
      AvailabilityZoneId: string,
      CidrBlock: string,
      EnableDns64: refused,
      EnableLniAtDeviceIndex: refused,
      Ipv4IpamPoolId: refused,
      Ipv4NetmaskLength: refused,
      Ipv6CidrBlock: refused,
      Ipv6IpamPoolId: refused,
      Ipv6Native: refused,
      Ipv6NetmaskLength: refused,
      MapPublicIpOnLaunch: boolean,
      OutpostArn: refused,
      PrivateDnsNameOptionsOnLaunch: refused,
      Tags: tags,
      VpcId: string,
    },
    ['VpcId'],
  ),
  replacedBy: new Set(['AvailabilityZone', 'AvailabilityZoneId', 'CidrBlock', 'VpcId']),
  attributes: ['AvailabilityZone', 'AvailabilityZoneId', 'CidrBlock', 'NetworkAclAssociationId', 'SubnetId', 'VpcId'],
  taggable: true,

  async create(properties, { call, stackTags }, initiated) {
    const { Subnet } = await call('ec2', 'CreateSubnet', {
      VpcId: textOf(properties, 'VpcId') ?? '',
      CidrBlock: textOf(properties, 'CidrBlock'),
      AvailabilityZone: textOf(properties, 'AvailabilityZone'),
      AvailabilityZoneId: textOf(properties, 'AvailabilityZoneId'),
      TagSpecifications: tagSpecifications('subnet', properties, stackTags),
    })
    const SubnetId = Subnet?.SubnetId ?? ''
    initiated(SubnetId)
    if (booleanOf(properties, 'MapPublicIpOnLaunch') === true) {
      await call('ec2', 'ModifySubnetAttribute', { SubnetId, MapPublicIpOnLaunch: { Value: true } })
    }
    const Filters = [{ Name: 'association.subnet-id', Values: [SubnetId] }]
    const { NetworkAcls } = await call('ec2', 'DescribeNetworkAcls', { Filters })
    const association = NetworkAcls?.[0]?.Associations?.find((candidate) => candidate.SubnetId === SubnetId)
    return {
      physicalId: SubnetId,
      attributes: {
        SubnetId,
        VpcId: Subnet?.VpcId ?? '',
        CidrBlock: Subnet?.CidrBlock ?? '',
        AvailabilityZone: Subnet?.AvailabilityZone ?? '',
        AvailabilityZoneId: Subnet?.AvailabilityZoneId ?? '',
        NetworkAclAssociationId: association?.NetworkAclAssociationId ?? '',
      },
    }
  },

  async update(next, previous, resource, context) {
    const SubnetId = resource.physicalId
    const Value = booleanOf(next, 'MapPublicIpOnLaunch') ?? false
    if (Value !== (booleanOf(previous.properties, 'MapPublicIpOnLaunch') ?? false)) {
      await context.call('ec2', 'ModifySubnetAttribute', { SubnetId, MapPublicIpOnLaunch: { Value } })
    }
    await updateTags(SubnetId, next, previous, context)
    return resource
  },

  async delete(_properties, { physicalId: SubnetId }, { call }) {
    await unlessMissing(call('ec2', 'DeleteSubnet', { SubnetId }))
  },
}
