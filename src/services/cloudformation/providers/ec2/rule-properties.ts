/** A rule of a security group as templates write it, within the group or as a resource of its own. */
import type { IpPermission } from '@aws-sdk/client-ec2'

import type { JsonObject } from '../../template/json.ts'
import { integer, string, type PropertyType } from '../property-schema.ts'
import { numberOf, textOf } from '../property-values.ts'

const COMMON = {
  CidrIp: string,
  CidrIpv6: string,
  Description: string,
  FromPort: integer,
  IpProtocol: string,
  ToPort: integer,
}

export const INGRESS: Readonly<Record<string, PropertyType>> = {
  ...COMMON,
  SourcePrefixListId: string,
  SourceSecurityGroupId: string,
  SourceSecurityGroupName: string,
  SourceSecurityGroupOwnerId: string,
}

export const EGRESS: Readonly<Record<string, PropertyType>> = {
  ...COMMON,
  DestinationPrefixListId: string,
  DestinationSecurityGroupId: string,
}

export function permissionOf(rule: JsonObject): IpPermission {
  const Description = textOf(rule, 'Description')
  const cidr = textOf(rule, 'CidrIp')
  const cidrIpv6 = textOf(rule, 'CidrIpv6')
  const list = textOf(rule, 'SourcePrefixListId') ?? textOf(rule, 'DestinationPrefixListId')
  const group = textOf(rule, 'SourceSecurityGroupId') ?? textOf(rule, 'DestinationSecurityGroupId')
  const name = textOf(rule, 'SourceSecurityGroupName')
  return {
    IpProtocol: textOf(rule, 'IpProtocol'),
    FromPort: numberOf(rule, 'FromPort'),
    ToPort: numberOf(rule, 'ToPort'),
    ...(cidr !== undefined && { IpRanges: [{ CidrIp: cidr, Description }] }),
    ...(cidrIpv6 !== undefined && { Ipv6Ranges: [{ CidrIpv6: cidrIpv6, Description }] }),
    ...(list !== undefined && { PrefixListIds: [{ PrefixListId: list, Description }] }),
    ...((group ?? name) !== undefined && {
      UserIdGroupPairs: [
        {
          GroupId: group,
          GroupName: group === undefined ? name : undefined,
          UserId: textOf(rule, 'SourceSecurityGroupOwnerId'),
          Description,
        },
      ],
    }),
  }
}
