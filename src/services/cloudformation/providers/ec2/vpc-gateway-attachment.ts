/** AWS::EC2::VPCGatewayAttachment. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcgatewayattachment.html */
import type { JsonObject } from '../../template/json.ts'
import { unlessMissing } from '../handler-error.ts'
import { object, refused, string } from '../property-schema.ts'
import { textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

const ATTACHMENT_TYPE = 'IGW'

export const vpcGatewayAttachment: ResourceProvider = {
  type: 'AWS::EC2::VPCGatewayAttachment',
  schema: object({ InternetGatewayId: string, VpcId: string, VpnGatewayId: refused }, ['VpcId', 'InternetGatewayId']),
  replacedBy: new Set(['VpcId']),
  attributes: ['AttachmentType'],
  taggable: false,

  async create(properties, { call }, initiated) {
    await call('ec2', 'AttachInternetGateway', ends(properties))
    const physicalId = `${ATTACHMENT_TYPE}|${ends(properties).VpcId}`
    initiated(physicalId)
    return { physicalId, attributes: { AttachmentType: ATTACHMENT_TYPE } }
  },

  async update(next, previous, resource, { call }) {
    await call('ec2', 'DetachInternetGateway', ends(previous.properties))
    await call('ec2', 'AttachInternetGateway', ends(next))
    return resource
  },

  async delete(properties, _resource, { call }) {
    // A gateway that is not attached is as good as detached.
    const { Attachments = [] } =
      (
        await call('ec2', 'DescribeInternetGateways', {
          Filters: [{ Name: 'internet-gateway-id', Values: [ends(properties).InternetGatewayId] }],
        })
      ).InternetGateways?.[0] ?? {}
    if (!Attachments.some(({ VpcId }) => VpcId === ends(properties).VpcId)) return
    await unlessMissing(call('ec2', 'DetachInternetGateway', ends(properties)))
  },
}

function ends(properties: JsonObject): { InternetGatewayId: string; VpcId: string } {
  return {
    InternetGatewayId: textOf(properties, 'InternetGatewayId') ?? '',
    VpcId: textOf(properties, 'VpcId') ?? '',
  }
}
