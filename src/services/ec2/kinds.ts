/** The kinds of resources: how their ids look, and what AWS says when there is no such resource. */
import { AwsError } from '../../core/aws-error.ts'
import type { Kind } from './records.ts'

export interface KindFacts {
  readonly idPrefix: string
  readonly notFound: (id: string) => AwsError
  /** The error's code for a text that is no id of the kind. */
  readonly malformedCode: string
}

/**
 * Keyed by the type in the resource's ARN, which is also its type in tag specifications, but for NAT gateways.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export const KINDS: Readonly<Record<Kind, KindFacts>> = {
  vpc: {
    idPrefix: 'vpc',
    notFound: (id) => new AwsError('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`),
    malformedCode: 'InvalidVpcID.Malformed',
  },
  subnet: {
    idPrefix: 'subnet',
    notFound: (id) => new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`),
    malformedCode: 'InvalidSubnetID.Malformed',
  },
  'route-table': {
    idPrefix: 'rtb',
    notFound: (id) => new AwsError('InvalidRouteTableID.NotFound', `The routeTable ID '${id}' does not exist`),
    malformedCode: 'InvalidRouteTableId.Malformed',
  },
  'internet-gateway': {
    idPrefix: 'igw',
    notFound: (id) =>
      new AwsError('InvalidInternetGatewayID.NotFound', `The internetGateway ID '${id}' does not exist`),
    malformedCode: 'InvalidInternetGatewayId.Malformed',
  },
  natgateway: {
    idPrefix: 'nat',
    notFound: (id) => new AwsError('NatGatewayNotFound', `NAT gateway ${id} was not found`),
    malformedCode: 'NatGatewayMalformed',
  },
  'elastic-ip': {
    idPrefix: 'eipalloc',
    notFound: (id) => new AwsError('InvalidAllocationID.NotFound', `The allocation ID '${id}' does not exist`),
    malformedCode: 'InvalidElasticIpID.Malformed',
  },
  'security-group': {
    idPrefix: 'sg',
    notFound: (id) => new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`),
    malformedCode: 'InvalidGroupId.Malformed',
  },
  'network-acl': {
    idPrefix: 'acl',
    notFound: (id) => new AwsError('InvalidNetworkAclID.NotFound', `The networkAcl ID '${id}' does not exist`),
    malformedCode: 'InvalidNetworkAclId.Malformed',
  },
  'network-interface': {
    idPrefix: 'eni',
    notFound: (id) =>
      new AwsError('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`),
    malformedCode: 'InvalidNetworkInterfaceId.Malformed',
  },
  'vpc-endpoint': {
    idPrefix: 'vpce',
    notFound: (id) => new AwsError('InvalidVpcEndpointId.NotFound', `The Vpc Endpoint Id '${id}' does not exist`),
    malformedCode: 'InvalidVpcEndpointId.Malformed',
  },
  'vpc-peering-connection': {
    idPrefix: 'pcx',
    notFound: (id) =>
      new AwsError('InvalidVpcPeeringConnectionID.NotFound', `The vpcPeeringConnection ID '${id}' does not exist`),
    malformedCode: 'InvalidVpcPeeringConnectionId.Malformed',
  },
  'prefix-list': {
    idPrefix: 'pl',
    notFound: (id) => new AwsError('InvalidPrefixListID.NotFound', `The prefix list (${id}) does not exist.`),
    malformedCode: 'InvalidPrefixListId.Malformed',
  },
  'dhcp-options': {
    idPrefix: 'dopt',
    notFound: (id) => new AwsError('InvalidDhcpOptionID.NotFound', `The dhcpOption ID '${id}' does not exist`),
    malformedCode: 'InvalidDhcpOptionsId.Malformed',
  },
  'vpc-flow-log': {
    idPrefix: 'fl',
    notFound: (id) =>
      new AwsError(
        'InvalidFlowLogId.NotFound',
        `These flow log ids in the input list are not found: [TotalCount: 1] ${id}`,
      ),
    malformedCode: 'InvalidFlowLogId.Malformed',
  },
}

/** The kind a resource id belongs to, by its prefix. */
export function kindOfId(id: string): Kind | undefined {
  const prefix = id.slice(0, id.lastIndexOf('-'))
  return (Object.keys(KINDS) as Kind[]).find((kind) => KINDS[kind].idPrefix === prefix)
}

/** Throws AWS's error for a text that cannot be an id of the kind. */
export function checkId(kind: Kind, id: string): void {
  const { idPrefix, malformedCode } = KINDS[kind]
  if (id.startsWith(`${idPrefix}-`)) return
  throw new AwsError(malformedCode, `Invalid id: "${id}" (expecting "${idPrefix}-...")`)
}
