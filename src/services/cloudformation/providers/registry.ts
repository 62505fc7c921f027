/** The resource types there are. */
import { dhcpOptions } from './ec2/dhcp-options.ts'
import { elasticIp } from './ec2/eip.ts'
import { flowLog } from './ec2/flow-log.ts'
import { internetGateway } from './ec2/internet-gateway.ts'
import { natGateway } from './ec2/nat-gateway.ts'
import { networkAclEntry } from './ec2/network-acl-entry.ts'
import { networkAcl } from './ec2/network-acl.ts'
import { prefixList } from './ec2/prefix-list.ts'
import { routeTable } from './ec2/route-table.ts'
import { route } from './ec2/route.ts'
import { securityGroupEgress, securityGroupIngress } from './ec2/security-group-rule.ts'
import { securityGroup } from './ec2/security-group.ts'
import { subnetNetworkAclAssociation } from './ec2/subnet-network-acl-association.ts'
import { subnetRouteTableAssociation } from './ec2/subnet-route-table-association.ts'
import { subnet } from './ec2/subnet.ts'
import { vpcDhcpOptionsAssociation } from './ec2/vpc-dhcp-options-association.ts'
import { vpcEndpoint } from './ec2/vpc-endpoint.ts'
import { vpcGatewayAttachment } from './ec2/vpc-gateway-attachment.ts'
import { vpcPeeringConnection } from './ec2/vpc-peering-connection.ts'
import { vpc } from './ec2/vpc.ts'
import { eventBus } from './events/event-bus.ts'
import { rule } from './events/rule.ts'
import { group } from './iam/group.ts'
import { managedPolicy } from './iam/managed-policy.ts'
import { policy } from './iam/policy.ts'
import { role } from './iam/role.ts'
import { user } from './iam/user.ts'
import { alias } from './lambda/alias.ts'
import { eventInvokeConfig } from './lambda/event-invoke-config.ts'
import { lambdaFunction } from './lambda/function.ts'
import { layerVersion } from './lambda/layer-version.ts'
import { layerVersionPermission } from './lambda/layer-version-permission.ts'
import { permission } from './lambda/permission.ts'
import { functionUrl } from './lambda/url.ts'
import { version } from './lambda/version.ts'
import { logGroup } from './logs/log-group.ts'
import type { ResourceProvider } from './provider.ts'
import { subscription } from './sns/subscription.ts'
import { topic } from './sns/topic.ts'
import { queuePolicy, topicPolicy } from './resource-policies.ts'
import { queue } from './sqs/queue.ts'

const ALL: readonly ResourceProvider[] = [
  dhcpOptions,
  elasticIp,
  flowLog,
  internetGateway,
  natGateway,
  networkAcl,
  networkAclEntry,
  prefixList,
  route,
  routeTable,
  securityGroup,
  securityGroupEgress,
  securityGroupIngress,
  subnet,
  subnetNetworkAclAssociation,
  subnetRouteTableAssociation,
  vpc,
  vpcDhcpOptionsAssociation,
  vpcEndpoint,
  vpcGatewayAttachment,
  vpcPeeringConnection,
  group,
  managedPolicy,
  policy,
  role,
  user,
  alias,
  eventInvokeConfig,
  lambdaFunction,
  layerVersion,
  layerVersionPermission,
  permission,
  functionUrl,
  version,
  logGroup,
  queue,
  queuePolicy,
  topic,
  topicPolicy,
  subscription,
  rule,
  eventBus,
]

const PROVIDERS: ReadonlyMap<string, ResourceProvider> = new Map(ALL.map((provider) => [provider.type, provider]))

export function isResourceType(type: string): boolean {
  return PROVIDERS.has(type)
}

/** INVARIANT: templates are refused before they get here with a type that is not in the registry. */
export function providerOf(type: string): ResourceProvider {
  const provider = PROVIDERS.get(type)
  if (!provider) throw new Error(`no provider for ${type}`)
  return provider
}
