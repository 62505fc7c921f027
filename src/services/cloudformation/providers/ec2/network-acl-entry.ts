/** AWS::EC2::NetworkAclEntry. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-networkaclentry.html */
import type { RuleAction } from '@aws-sdk/client-ec2'

import type { JsonObject } from '../../template/json.ts'
import { unlessMissing } from '../handler-error.ts'
import { boolean, integer, object, string } from '../property-schema.ts'
import { booleanOf, numberOf, objectOf, textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

export const networkAclEntry: ResourceProvider = {
  type: 'AWS::EC2::NetworkAclEntry',
  schema: object(
    {
      CidrBlock: string,
      Egress: boolean,
      Icmp: object({ Code: integer, Type: integer }),
      Ipv6CidrBlock: string,
      NetworkAclId: string,
      PortRange: object({ From: integer, To: integer }),
      Protocol: integer,
      RuleAction: string,
      RuleNumber: integer,
    },
    ['NetworkAclId', 'Protocol', 'RuleAction', 'RuleNumber'],
  ),
  replacedBy: new Set(['Egress', 'NetworkAclId', 'RuleNumber']),
  attributes: ['Id'],
  taggable: false,

  async create(properties, { call, generateShortId }, initiated) {
    const physicalId = generateShortId()
    await call('ec2', 'CreateNetworkAclEntry', entryOf(properties))
    initiated(physicalId)
    return { physicalId, attributes: { Id: physicalId } }
  },

  async update(next, _previous, resource, { call }) {
    await call('ec2', 'ReplaceNetworkAclEntry', entryOf(next))
    return resource
  },

  async delete(properties, _resource, { call }) {
    const { Egress, NetworkAclId, RuleNumber } = entryOf(properties)
    await unlessMissing(call('ec2', 'DeleteNetworkAclEntry', { Egress, NetworkAclId, RuleNumber }))
  },
}

function entryOf(properties: JsonObject) {
  const icmp = objectOf(properties, 'Icmp')
  const ports = objectOf(properties, 'PortRange')
  return {
    NetworkAclId: textOf(properties, 'NetworkAclId') ?? '',
    RuleNumber: numberOf(properties, 'RuleNumber') ?? 0,
    Egress: booleanOf(properties, 'Egress') ?? false,
    Protocol: String(numberOf(properties, 'Protocol') ?? ''),
    RuleAction: (textOf(properties, 'RuleAction') ?? '') as RuleAction,
    CidrBlock: textOf(properties, 'CidrBlock'),
    Ipv6CidrBlock: textOf(properties, 'Ipv6CidrBlock'),
    IcmpTypeCode: icmp && { Code: numberOf(icmp, 'Code'), Type: numberOf(icmp, 'Type') },
    PortRange: ports && { From: numberOf(ports, 'From'), To: numberOf(ports, 'To') },
  }
}
