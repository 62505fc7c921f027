/** AWS::EC2::DHCPOptions. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-dhcpoptions.html */
import type { JsonObject } from '../../template/json.ts'
import { tagSpecifications, updateTags } from './tags.ts'
import { unlessMissing } from '../handler-error.ts'
import { integer, list, object, string, tags } from '../property-schema.ts'
import { numberOf, textOf, textsOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

export const dhcpOptions: ResourceProvider = {
  type: 'AWS::EC2::DHCPOptions',
  schema: object({
    DomainName: string,
    DomainNameServers: list(string),
    Ipv6AddressPreferredLeaseTime: integer,
    NetbiosNameServers: list(string),
    NetbiosNodeType: integer,
    NtpServers: list(string),
    Tags: tags,
  }),
  replacedBy: new Set([
    'DomainName',
    'DomainNameServers',
    'Ipv6AddressPreferredLeaseTime',
    'NetbiosNameServers',
    'NetbiosNodeType',
    'NtpServers',
  ]),
  attributes: ['DhcpOptionsId'],
  taggable: true,

  async create(properties, context, initiated) {
    const { DhcpOptions } = await context.call('ec2', 'CreateDhcpOptions', {
      DhcpConfigurations: configurationsOf(properties),
      TagSpecifications: tagSpecifications('dhcp-options', properties, context.stackTags),
    })
    const DhcpOptionsId = DhcpOptions?.DhcpOptionsId ?? ''
    initiated(DhcpOptionsId)
    return { physicalId: DhcpOptionsId, attributes: { DhcpOptionsId } }
  },

  async update(next, previous, resource, context) {
    await updateTags(resource.physicalId, next, previous, context)
    return resource
  },

  async delete(_properties, { physicalId: DhcpOptionsId }, { call }) {
    await unlessMissing(call('ec2', 'DeleteDhcpOptions', { DhcpOptionsId }))
  },
}

function configurationsOf(properties: JsonObject) {
  const one = (value: string | number | undefined) => (value === undefined ? [] : [String(value)])
  return [
    { Key: 'domain-name', Values: one(textOf(properties, 'DomainName')) },
    { Key: 'domain-name-servers', Values: textsOf(properties, 'DomainNameServers') },
    {
      Key: 'ipv6-address-preferred-lease-time',
      Values: one(numberOf(properties, 'Ipv6AddressPreferredLeaseTime')),
    },
    { Key: 'netbios-name-servers', Values: textsOf(properties, 'NetbiosNameServers') },
    { Key: 'netbios-node-type', Values: one(numberOf(properties, 'NetbiosNodeType')) },
    { Key: 'ntp-servers', Values: textsOf(properties, 'NtpServers') },
  ].filter(({ Values }) => Values.length > 0)
}
