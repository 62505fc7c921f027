/**
 * What EC2's operations ask permission for, and the condition keys of their resources.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
import type * as sdk from '@aws-sdk/client-ec2'

import { formatArn } from '../../core/arn.ts'
import type { ContextValue } from '../../policy/model.ts'
import type { Caller } from '../caller.ts'
import type { Permission } from '../operation.ts'
import type { Kind, Records, Tags } from './records.ts'
import type { Ec2Service, Place } from './service.ts'
import { requestedTags } from './requests/tag-set.ts'
import { zoneIdOf } from './zones/zones.ts'

type Context = Readonly<Record<string, ContextValue>>

export function resourceArn(kind: Kind | 'security-group-rule', { account, region }: Place, id: string): string {
  return formatArn({ service: 'ec2', region, account, resource: `${kind}/${id}` })
}

/** A call about no resource in particular: AWS's sentence then names none. */
export function onAll(caller: Caller, action: string): Permission {
  return { action: `ec2:${action}`, resource: '*', resourceText: null, context: { 'ec2:region': caller.region } }
}

/**
 * One resource that exists, or a resource of the caller's by the id it would have. `requestTags` and `context` are the request's own, beside
 * those of the resource.
 */
export function onResource(
  ec2: Ec2Service,
  caller: Caller,
  action: string,
  kind: Kind,
  id: string | undefined,
  more: { readonly requestTags?: Tags | undefined; readonly context?: Context } = {},
): Permission {
  const record = id === undefined ? undefined : ec2.find(kind, caller, id)
  return {
    action: `ec2:${action}`,
    resource: resourceArn(kind, caller, id ?? '*'),
    resourceAccount: record?.account ?? caller.account,
    context: {
      'ec2:region': caller.region,
      ...(record && contextOf(kind, record)),
      ...more.context,
    },
    ...(record && { resourceTags: record.tags }),
    ...(more.requestTags && { requestTags: more.requestTags }),
  }
}

/** What is about to exist, and the tagging of it where the request gives tags. */
export function onCreation(
  caller: Caller,
  action: string,
  kind: Kind | 'security-group-rule',
  specifications: readonly sdk.TagSpecification[] | undefined,
  context: Context = {},
): readonly Permission[] {
  const requestTags = requestedTags(specifications)
  const resource = resourceArn(kind, caller, '*')
  const created: Permission = {
    action: `ec2:${action}`,
    resource,
    context: { 'ec2:region': caller.region, ...context },
    ...(requestTags && { requestTags }),
  }
  if (!requestTags) return [created]
  const tagged: Permission = {
    action: 'ec2:CreateTags',
    resource,
    context: { 'ec2:region': caller.region, 'ec2:createaction': action, ...context },
    requestTags,
  }
  return [created, tagged]
}

/** Keys are in lower case, as they are compared. */
const CONTEXTS: { readonly [K in Kind]: (record: Records[K]) => Context } = {
  vpc: ({ id, tenancy }) => ({ 'ec2:vpcid': id, 'ec2:tenancy': tenancy }),
  subnet: (subnet) => ({
    'ec2:subnetid': subnet.id,
    'ec2:vpc': vpcArn(subnet),
    'ec2:availabilityzone': subnet.zone,
    'ec2:availabilityzoneid': zoneIdOf(subnet.zone),
  }),
  'route-table': (table) => ({ 'ec2:routetableid': table.id, 'ec2:vpc': vpcArn(table) }),
  'internet-gateway': ({ id }) => ({ 'ec2:internetgatewayid': id }),
  natgateway: () => ({}),
  'elastic-ip': ({ id, publicIp }) => ({
    'ec2:allocationid': id,
    'ec2:domain': 'vpc',
    'ec2:publicipaddress': publicIp,
  }),
  'security-group': (group) => ({ 'ec2:securitygroupid': group.id, 'ec2:vpc': vpcArn(group) }),
  'network-acl': (acl) => ({ 'ec2:networkaclid': acl.id, 'ec2:vpc': vpcArn(acl) }),
  'network-interface': (networkInterface) => ({
    'ec2:networkinterfaceid': networkInterface.id,
    'ec2:vpc': vpcArn(networkInterface),
    'ec2:subnet': resourceArn('subnet', networkInterface, networkInterface.subnetId),
    'ec2:availabilityzone': networkInterface.zone,
  }),
  'vpc-endpoint': ({ serviceName, region }) => endpointContext(serviceName, region),
  'vpc-peering-connection': ({ id, requester, accepter }) => ({
    'ec2:requestervpc': vpcArn(requester),
    'ec2:acceptervpc': vpcArn(accepter),
    'ec2:vpcpeeringconnectionid': id,
  }),
  'prefix-list': () => ({}),
  'dhcp-options': ({ id }) => ({ 'ec2:dhcpoptionsid': id }),
  'vpc-flow-log': () => ({}),
}

/** All of AWS's own services, and of the endpoint's Region. */
export function endpointContext(serviceName: string | undefined, region: string): Context {
  return {
    ...(serviceName !== undefined && { 'ec2:vpceservicename': serviceName }),
    'ec2:vpceserviceowner': 'amazon',
    'ec2:vpceserviceregion': region,
    'ec2:vpcemultiregion': 'false',
  }
}

/** INVARIANT: the record is of the kind. */
function contextOf(kind: Kind, record: Records[Kind]): Context {
  const read = CONTEXTS[kind] as (record: Records[Kind]) => Context
  return read(record)
}

function vpcArn(resource: Place & { readonly vpcId: string }): string {
  return resourceArn('vpc', resource, resource.vpcId)
}
