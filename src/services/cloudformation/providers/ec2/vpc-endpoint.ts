/** AWS::EC2::VPCEndpoint. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html */
import type { IpAddressType, VpcEndpoint, VpcEndpointType } from '@aws-sdk/client-ec2'

import type { JsonObject } from '../../template/json.ts'
import { tagSpecifications, updateTags } from './tags.ts'
import { unlessMissing } from '../handler-error.ts'
import { boolean, document, list, object, refused, string, tags } from '../property-schema.ts'
import { booleanOf, documentOf, textOf, textsOf } from '../property-values.ts'
import type { Resource, ResourceContext, ResourceProvider } from '../provider.ts'

const LOOK_EVERY_MS = 50

export const vpcEndpoint: ResourceProvider = {
  type: 'AWS::EC2::VPCEndpoint',
  schema: object(
    {
      DnsOptions: refused,
      IpAddressType: string,
      PolicyDocument: document,
      PrivateDnsEnabled: boolean,
      ResourceConfigurationArn: refused,
      RouteTableIds: list(string),
      SecurityGroupIds: list(string),
      ServiceName: string,
      ServiceNetworkArn: refused,
      ServiceRegion: string,
      SubnetIds: list(string),
      Tags: tags,
      VpcEndpointType: string,
      VpcId: string,
    },
    ['VpcId'],
  ),
  replacedBy: new Set(['ServiceName', 'ServiceRegion', 'VpcEndpointType', 'VpcId']),
  attributes: ['CreationTimestamp', 'Id'],
  taggable: true,

  async create(properties, context, initiated) {
    const { VpcEndpoint: made } = await context.call('ec2', 'CreateVpcEndpoint', {
      VpcId: textOf(properties, 'VpcId') ?? '',
      ServiceName: textOf(properties, 'ServiceName'),
      ServiceRegion: textOf(properties, 'ServiceRegion'),
      VpcEndpointType: textOf(properties, 'VpcEndpointType') as VpcEndpointType | undefined,
      IpAddressType: textOf(properties, 'IpAddressType') as IpAddressType | undefined,
      PolicyDocument: documentOf(properties, 'PolicyDocument'),
      // Unlike the API, CloudFormation takes the service's name only where it is asked to.
      PrivateDnsEnabled: booleanOf(properties, 'PrivateDnsEnabled') ?? false,
      RouteTableIds: textsOf(properties, 'RouteTableIds'),
      SecurityGroupIds: textsOf(properties, 'SecurityGroupIds'),
      SubnetIds: textsOf(properties, 'SubnetIds'),
      TagSpecifications: tagSpecifications('vpc-endpoint', properties, context.stackTags),
    })
    const id = made?.VpcEndpointId ?? ''
    initiated(id)
    await untilAvailable(id, context)
    return resourceOf(made)
  },

  async update(next, previous, resource, context) {
    const changes = (name: string) => differences(previous.properties, next, name)
    const policyBefore = documentOf(previous.properties, 'PolicyDocument')
    const policy = documentOf(next, 'PolicyDocument')
    const tables = changes('RouteTableIds')
    const groups = changes('SecurityGroupIds')
    const subnets = changes('SubnetIds')
    await context.call('ec2', 'ModifyVpcEndpoint', {
      VpcEndpointId: resource.physicalId,
      ...(policy !== policyBefore && (policy === undefined ? { ResetPolicy: true } : { PolicyDocument: policy })),
      ...(textOf(next, 'VpcEndpointType') === 'Interface' && {
        PrivateDnsEnabled: booleanOf(next, 'PrivateDnsEnabled') ?? false,
      }),
      AddRouteTableIds: tables.added,
      RemoveRouteTableIds: tables.removed,
      AddSecurityGroupIds: groups.added,
      RemoveSecurityGroupIds: groups.removed,
      AddSubnetIds: subnets.added,
      RemoveSubnetIds: subnets.removed,
    })
    await updateTags(resource.physicalId, next, previous, context)
    return resource
  },

  async delete(_properties, { physicalId }, { call }) {
    // One that is gone already is among the unsuccessful ones, which is as good.
    await unlessMissing(call('ec2', 'DeleteVpcEndpoints', { VpcEndpointIds: [physicalId] }))
  },
}

function differences(previous: JsonObject, next: JsonObject, name: string) {
  const [before, after] = [textsOf(previous, name), textsOf(next, name)]
  return {
    added: after.filter((id) => !before.includes(id)),
    removed: before.filter((id) => !after.includes(id)),
  }
}

async function untilAvailable(id: string, { call, pause }: ResourceContext): Promise<void> {
  for (;;) {
    const { VpcEndpoints } = await call('ec2', 'DescribeVpcEndpoints', { VpcEndpointIds: [id] })
    // AWS answers states in small letters, whatever its model says.
    if (VpcEndpoints?.[0]?.State?.toLowerCase() !== 'pending') return
    await pause(LOOK_EVERY_MS)
  }
}

function resourceOf(made: VpcEndpoint | undefined): Resource {
  const id = made?.VpcEndpointId ?? ''
  return { physicalId: id, attributes: { Id: id, CreationTimestamp: made?.CreationTimestamp?.toISOString() ?? '' } }
}
