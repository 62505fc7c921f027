/** AWS::EC2::VPCPeeringConnection. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcpeeringconnection.html */
import { tagSpecifications, updateTags } from './tags.ts'
import { HandlerError, unlessMissing } from '../handler-error.ts'
import { object, refused, string, tags } from '../property-schema.ts'
import { textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

/**
 * Within the account and Region the connection is accepted with the stack; another account's VPC is connected once that account accepts.
 * FIDELITY: AWS lets `PeerRoleArn` accept in the other account's name; here it is refused.
 */
export const vpcPeeringConnection: ResourceProvider = {
  type: 'AWS::EC2::VPCPeeringConnection',
  schema: object(
    {
      AssumeRoleRegion: refused,
      PeerOwnerId: string,
      PeerRegion: string,
      PeerRoleArn: refused,
      PeerVpcId: string,
      Tags: tags,
      VpcId: string,
    },
    ['VpcId', 'PeerVpcId'],
  ),
  replacedBy: new Set(['PeerOwnerId', 'PeerRegion', 'PeerVpcId', 'VpcId']),
  attributes: ['Id'],
  taggable: true,

  async create(properties, context, initiated) {
    const { call, stackTags, account, region } = context
    const { VpcPeeringConnection: made } = await call('ec2', 'CreateVpcPeeringConnection', {
      VpcId: textOf(properties, 'VpcId') ?? '',
      PeerVpcId: textOf(properties, 'PeerVpcId'),
      PeerOwnerId: textOf(properties, 'PeerOwnerId'),
      PeerRegion: textOf(properties, 'PeerRegion'),
      TagSpecifications: tagSpecifications('vpc-peering-connection', properties, stackTags),
    })
    const VpcPeeringConnectionId = made?.VpcPeeringConnectionId ?? ''
    initiated(VpcPeeringConnectionId)
    const { VpcPeeringConnections } = await call('ec2', 'DescribeVpcPeeringConnections', {
      VpcPeeringConnectionIds: [VpcPeeringConnectionId],
    })
    const status = VpcPeeringConnections?.[0]?.Status
    if (status?.Code === 'failed') throw new HandlerError('NotStabilized', status.Message ?? '')
    const isOwn =
      (textOf(properties, 'PeerOwnerId') ?? account) === account &&
      (textOf(properties, 'PeerRegion') ?? region) === region
    if (isOwn) await call('ec2', 'AcceptVpcPeeringConnection', { VpcPeeringConnectionId })
    return { physicalId: VpcPeeringConnectionId, attributes: { Id: VpcPeeringConnectionId } }
  },

  async update(next, previous, resource, context) {
    await updateTags(resource.physicalId, next, previous, context)
    return resource
  },

  async delete(_properties, { physicalId }, { call }) {
    const { VpcPeeringConnections } = await call('ec2', 'DescribeVpcPeeringConnections', {
      Filters: [{ Name: 'vpc-peering-connection-id', Values: [physicalId] }],
    })
    const code = VpcPeeringConnections?.[0]?.Status?.Code
    // What has ended cannot be deleted; AWS forgets it by itself.
    if (code !== 'active' && code !== 'pending-acceptance') return
    await unlessMissing(call('ec2', 'DeleteVpcPeeringConnection', { VpcPeeringConnectionId: physicalId }))
  },
}
