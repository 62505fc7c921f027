/** The entries of network ACLs. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html */
import { isIPv6 } from 'node:net'

import type * as sdk from '@aws-sdk/client-ec2'

import { AwsError } from '../../../core/aws-error.ts'
import { formatCidr, parseCidr } from '../../../core/cidr.ts'
import { onResource } from '../access.ts'
import { invalidCombination, invalidParameterValue, invalidValue, missingParameter } from '../errors.ts'
import { checkQuota, QUOTAS } from '../quotas.ts'
import type { NetworkAclEntryRecord, NetworkAclRecord } from '../records.ts'
import type { Ec2Operations } from '../service.ts'
import { LAST_RULE_NUMBER } from '../vpcs/vpc-creation.ts'

const PORT_MAX = 65_535
const PROTOCOL_MAX = 255
const TCP = 6
const UDP = 17
const ICMP = 1
const ICMPV6 = 58
const NAMES: Readonly<Record<string, number>> = { all: -1, tcp: TCP, udp: UDP, icmp: ICMP, icmpv6: ICMPV6 }

export const networkAclEntries: Ec2Operations = {
  CreateNetworkAclEntry: {
    permissions: ({ NetworkAclId }, caller, ec2) => [
      onResource(ec2, caller, 'CreateNetworkAclEntry', 'network-acl', NetworkAclId),
    ],
    handle(input, caller, ec2) {
      const acl = ec2.get('network-acl', caller, input.NetworkAclId)
      const entry = entryFrom(input)
      if (existing(acl, entry)) {
        throw new AwsError(
          'NetworkAclEntryAlreadyExists',
          `The network acl entry identified by ${entry.ruleNumber} already exists.`,
        )
      }
      // The last entry of each direction is not counted.
      const count = acl.entries.filter(({ egress }) => egress === entry.egress).length - 1
      checkQuota(ec2, acl, QUOTAS.rulesPerNetworkAcl, count, {
        code: 'NetworkAclEntryLimitExceeded',
        message: 'The maximum number of network acl entries has been reached.',
      })
      ec2.put('network-acl', { ...acl, entries: [...acl.entries, entry] })
      return {}
    },
  },

  ReplaceNetworkAclEntry: {
    permissions: ({ NetworkAclId }, caller, ec2) => [
      onResource(ec2, caller, 'ReplaceNetworkAclEntry', 'network-acl', NetworkAclId),
    ],
    handle(input, caller, ec2) {
      const acl = ec2.get('network-acl', caller, input.NetworkAclId)
      const entry = entryFrom(input)
      const old = existing(acl, entry) ?? notFound(entry)
      ec2.put('network-acl', { ...acl, entries: acl.entries.map((other) => (other === old ? entry : other)) })
      return {}
    },
  },

  DeleteNetworkAclEntry: {
    permissions: ({ NetworkAclId }, caller, ec2) => [
      onResource(ec2, caller, 'DeleteNetworkAclEntry', 'network-acl', NetworkAclId),
    ],
    handle({ Egress: egress, NetworkAclId, RuleNumber: ruleNumber }, caller, ec2) {
      const acl = ec2.get('network-acl', caller, NetworkAclId)
      checkRuleNumber(ruleNumber)
      const old = existing(acl, { egress, ruleNumber }) ?? notFound({ ruleNumber })
      ec2.put('network-acl', { ...acl, entries: acl.entries.filter((other) => other !== old) })
      return {}
    },
  },
}

function existing(
  acl: NetworkAclRecord,
  { egress, ruleNumber }: Pick<NetworkAclEntryRecord, 'egress' | 'ruleNumber'>,
): NetworkAclEntryRecord | undefined {
  return acl.entries.find((entry) => entry.egress === egress && entry.ruleNumber === ruleNumber)
}

function notFound({ ruleNumber }: Pick<NetworkAclEntryRecord, 'ruleNumber'>): never {
  throw new AwsError(
    'InvalidNetworkAclEntry.NotFound',
    `The network acl entry identified by ${ruleNumber} does not exist.`,
  )
}

function checkRuleNumber(ruleNumber: number): void {
  if (ruleNumber >= 1 && ruleNumber < LAST_RULE_NUMBER) return
  throw invalidValue('ruleNumber', String(ruleNumber), `The rule number must be from 1 to ${LAST_RULE_NUMBER - 1}.`)
}

type EntryInput = Pick<
  sdk.CreateNetworkAclEntryRequest,
  'CidrBlock' | 'IcmpTypeCode' | 'Ipv6CidrBlock' | 'PortRange'
> & {
  readonly Egress: boolean
  readonly Protocol: string
  readonly RuleAction: sdk.RuleAction
  readonly RuleNumber: number
}

function entryFrom(input: EntryInput): NetworkAclEntryRecord {
  checkRuleNumber(input.RuleNumber)
  const protocol = protocolFrom(input.Protocol)
  const entry: NetworkAclEntryRecord = {
    ruleNumber: input.RuleNumber,
    egress: input.Egress,
    action: input.RuleAction,
    cidr: cidrFrom(input),
    protocol,
  }
  if (protocol === TCP || protocol === UDP) return { ...entry, ports: portsFrom(input.PortRange) }
  if (protocol !== ICMP && protocol !== ICMPV6) return entry
  const { Type: type, Code: code } = input.IcmpTypeCode ?? {}
  if (type === undefined || code === undefined) throw missingParameter('icmpTypeCode')
  return { ...entry, icmp: { type, code } }
}

function protocolFrom(text: string): number {
  const protocol = NAMES[text.toLowerCase()] ?? (/^(-1|\d{1,3})$/.test(text) ? Number(text) : undefined)
  if (protocol === undefined || protocol > PROTOCOL_MAX) {
    throw invalidParameterValue(`Invalid value '${text}' for IP protocol. Unknown protocol.`)
  }
  return protocol
}

function cidrFrom({ CidrBlock, Ipv6CidrBlock }: EntryInput): string {
  if (CidrBlock !== undefined && Ipv6CidrBlock !== undefined) {
    throw invalidCombination('The parameter ipv6CidrBlock cannot be used with the parameter cidrBlock')
  }
  if (Ipv6CidrBlock !== undefined) {
    if (isIPv6(Ipv6CidrBlock.split('/')[0] ?? '') && /\/\d{1,3}$/.test(Ipv6CidrBlock))
      return Ipv6CidrBlock.toLowerCase()
    throw invalidValue('ipv6CidrBlock', Ipv6CidrBlock, 'This is not a valid IPv6 CIDR block.')
  }
  if (CidrBlock === undefined) throw missingParameter('cidrBlock')
  const cidr = parseCidr(CidrBlock)
  if (!cidr) throw invalidValue('cidrBlock', CidrBlock, 'This is not a valid CIDR block.')
  return formatCidr(cidr)
}

function portsFrom(range: sdk.PortRange | undefined): { readonly from: number; readonly to: number } {
  const { From: from, To: to } = range ?? {}
  if (from === undefined || to === undefined) throw missingParameter('portRange')
  for (const port of [from, to]) {
    if (port < 0 || port > PORT_MAX) throw invalidParameterValue(`TCP/UDP port (${port}) out of range`)
  }
  if (from > to) throw invalidParameterValue(`Invalid TCP/UDP port range (${from}:${to})`)
  return { from, to }
}
