/** AWS::EC2::Route. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-route.html */
import type { JsonObject } from '../../template/json.ts'
import { unlessMissing } from '../handler-error.ts'
import { object, refused, string } from '../property-schema.ts'
import { textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

export const route: ResourceProvider = {
  type: 'AWS::EC2::Route',
  schema: object(
    {
      CarrierGatewayId: refused,
      CoreNetworkArn: refused,
      DestinationCidrBlock: string,
      DestinationIpv6CidrBlock: refused,
      DestinationPrefixListId: string,
      EgressOnlyInternetGatewayId: refused,
      GatewayId: string,
      InstanceId: refused,
      LocalGatewayId: refused,
      NatGatewayId: string,
      NetworkInterfaceId: string,
      RouteTableId: string,
      TransitGatewayId: refused,
      VpcEndpointId: refused,
      VpcPeeringConnectionId: string,
    },
    ['RouteTableId'],
  ),
  replacedBy: new Set(['DestinationCidrBlock', 'DestinationPrefixListId', 'RouteTableId']),
  attributes: ['CidrBlock'],
  taggable: false,

  async create(properties, { call }, initiated) {
    await call('ec2', 'CreateRoute', { ...destination(properties), ...target(properties) })
    const { DestinationCidrBlock: cidr = '', DestinationPrefixListId: listId } = destination(properties)
    const physicalId = `${textOf(properties, 'RouteTableId') ?? ''}|${listId ?? cidr}`
    initiated(physicalId)
    return { physicalId, attributes: { CidrBlock: cidr } }
  },

  async update(next, _previous, resource, { call }) {
    await call('ec2', 'ReplaceRoute', { ...destination(next), ...target(next) })
    return resource
  },

  async delete(properties, _resource, { call }) {
    await unlessMissing(call('ec2', 'DeleteRoute', destination(properties)))
  },
}

function destination(properties: JsonObject) {
  return {
    RouteTableId: textOf(properties, 'RouteTableId') ?? '',
    DestinationCidrBlock: textOf(properties, 'DestinationCidrBlock'),
    DestinationPrefixListId: textOf(properties, 'DestinationPrefixListId'),
  }
}

function target(properties: JsonObject) {
  return {
    GatewayId: textOf(properties, 'GatewayId'),
    NatGatewayId: textOf(properties, 'NatGatewayId'),
    NetworkInterfaceId: textOf(properties, 'NetworkInterfaceId'),
    VpcPeeringConnectionId: textOf(properties, 'VpcPeeringConnectionId'),
  }
}
