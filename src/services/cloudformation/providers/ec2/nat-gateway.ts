/** AWS::EC2::NatGateway. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-natgateway.html */
import type { ConnectivityType, NatGateway } from '@aws-sdk/client-ec2'

import { tagSpecifications, updateTags } from './tags.ts'
import { HandlerError, isMissing } from '../handler-error.ts'
import { object, refused, string, tags } from '../property-schema.ts'
import { textOf } from '../property-values.ts'
import type { ResourceContext, ResourceProvider } from '../provider.ts'

const LOOK_EVERY_MS = 100

export const natGateway: ResourceProvider = {
  type: 'AWS::EC2::NatGateway',
  schema: object({
    AllocationId: string,
    AvailabilityMode: refused,
    AvailabilityZoneAddresses: refused,
    ConnectivityType: string,
    MaxDrainDurationSeconds: refused,
    PrivateIpAddress: string,
    SecondaryAllocationIds: refused,
    SecondaryPrivateIpAddressCount: refused,
    SecondaryPrivateIpAddresses: refused,
    SubnetId: string,
    Tags: tags,
    VpcId: refused,
  }),
  replacedBy: new Set(['AllocationId', 'ConnectivityType', 'PrivateIpAddress', 'SubnetId']),
  attributes: ['EniId', 'NatGatewayId'],
  taggable: true,

  async create(properties, context, initiated) {
    const { NatGateway: created } = await context.call('ec2', 'CreateNatGateway', {
      SubnetId: textOf(properties, 'SubnetId'),
      AllocationId: textOf(properties, 'AllocationId'),
      ConnectivityType: textOf(properties, 'ConnectivityType') as ConnectivityType | undefined,
      PrivateIpAddress: textOf(properties, 'PrivateIpAddress'),
      TagSpecifications: tagSpecifications('natgateway', properties, context.stackTags),
    })
    const NatGatewayId = created?.NatGatewayId ?? ''
    initiated(NatGatewayId)
    const gateway = await settled(NatGatewayId, context)
    if (gateway?.State !== 'available') {
      throw new HandlerError(
        'NotStabilized',
        `NatGateway ${NatGatewayId} is in state ${gateway?.State ?? 'deleted'} and hence failed to stabilize. Detailed failure message: ${gateway?.FailureMessage ?? ''}`,
      )
    }
    const EniId = gateway.NatGatewayAddresses?.[0]?.NetworkInterfaceId ?? ''
    return { physicalId: NatGatewayId, attributes: { NatGatewayId, EniId } }
  },

  async update(next, previous, resource, context) {
    await updateTags(resource.physicalId, next, previous, context)
    return resource
  },

  async delete(_properties, { physicalId: NatGatewayId }, context) {
    try {
      await context.call('ec2', 'DeleteNatGateway', { NatGatewayId })
      await settled(NatGatewayId, context)
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  },
}

/** Once it is no longer on its way. */
async function settled(id: string, { call, pause }: ResourceContext): Promise<NatGateway | undefined> {
  for (;;) {
    const { NatGateways } = await call('ec2', 'DescribeNatGateways', { NatGatewayIds: [id] })
    const [gateway] = NatGateways ?? []
    if (gateway?.State !== 'pending' && gateway?.State !== 'deleting') return gateway
    await pause(LOOK_EVERY_MS)
  }
}
