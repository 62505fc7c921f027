/** Routes. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html */
import { isDeepStrictEqual } from 'node:util'

import { AwsError } from '../../../core/aws-error.ts'
import { cidrContains, formatCidr, parseCidr } from '../../../core/cidr.ts'
import type { Caller } from '../../caller.ts'
import { onResource } from '../access.ts'
import { invalidCombination, invalidParameterValue, invalidValue, missingParameter } from '../errors.ts'
import { KINDS } from '../kinds.ts'
import { isLive } from '../peering/peerings.ts'
import { findPrefixList } from '../prefix-lists/prefix-lists.ts'
import { checkQuota, QUOTAS } from '../quotas.ts'
import type { RouteRecord, RouteTableRecord } from '../records.ts'
import { localCidrs } from './route-shapes.ts'
import type { Ec2Operations, Ec2Service } from '../service.ts'
import { block } from '../vpcs/vpc-creation.ts'

/** Ends of routes that are not implemented. */
const REFUSED = [
  'CarrierGatewayId',
  'CoreNetworkArn',
  'DestinationIpv6CidrBlock',
  'EgressOnlyInternetGatewayId',
  'InstanceId',
  'LocalGatewayId',
  'OdbNetworkArn',
  'TransitGatewayId',
  'VpcEndpointId',
] as const

export const routes: Ec2Operations = {
  CreateRoute: {
    permissions: ({ RouteTableId }, caller, ec2) => [
      onResource(ec2, caller, 'CreateRoute', 'route-table', RouteTableId),
    ],
    refuses: REFUSED,
    handle(input, caller, ec2) {
      const { table, destination, target } = routeFrom(ec2, caller, input)
      if (existingRoute(table, destination) || isLocal(ec2, table, destination)) {
        throw new AwsError(
          'RouteAlreadyExists',
          `The route identified by ${destinationText(destination)} already exists.`,
        )
      }
      checkInsideVpc(ec2, table, destination, target)
      checkQuota(ec2, table, QUOTAS.routesPerTable, table.routes.length, {
        code: 'RouteLimitExceeded',
        message: 'The maximum number of routes has been reached.',
      })
      ec2.put('route-table', { ...table, routes: [...table.routes, { destination, target }] })
      return { Return: true }
    },
  },

  ReplaceRoute: {
    permissions: ({ RouteTableId }, caller, ec2) => [
      onResource(ec2, caller, 'ReplaceRoute', 'route-table', RouteTableId),
    ],
    refuses: [...REFUSED, 'LocalTarget'],
    handle(input, caller, ec2) {
      const { table, destination, target } = routeFrom(ec2, caller, input)
      const existing = existingRoute(table, destination)
      if (!existing) {
        throw invalidParameterValue(
          `There is no route defined for '${destinationText(destination)}' in the route table. Use CreateRoute instead.`,
        )
      }
      const replaced = table.routes.map((route) => (route === existing ? { destination, target } : route))
      ec2.put('route-table', { ...table, routes: replaced })
      return {}
    },
  },

  DeleteRoute: {
    permissions: ({ RouteTableId }, caller, ec2) => [
      onResource(ec2, caller, 'DeleteRoute', 'route-table', RouteTableId),
    ],
    refuses: ['DestinationIpv6CidrBlock'],
    handle(input, caller, ec2) {
      const table = ec2.get('route-table', caller, input.RouteTableId)
      const destination = destinationFrom(input)
      const text = destinationText(destination)
      if (isLocal(ec2, table, destination)) {
        throw invalidParameterValue(`cannot remove local route ${text} in route table ${table.id}`)
      }
      const existing = existingRoute(table, destination)
      if (!existing) {
        const what = 'cidr' in destination ? 'destination-cidr-block' : 'destination-prefix-list-id'
        throw new AwsError('InvalidRoute.NotFound', `no route with ${what} ${text} in route table ${table.id}`)
      }
      if (existing.target.kind === 'gateway-endpoint') {
        throw invalidParameterValue(`cannot remove VPC endpoint route ${text} in route table ${table.id}`)
      }
      ec2.put('route-table', { ...table, routes: table.routes.filter((route) => route !== existing) })
      return {}
    },
  },
}

/** The table, and both ends of the route. Throws AWS's error for what is not there. */
function routeFrom(
  ec2: Ec2Service,
  caller: Caller,
  input: DestinationInput & TargetInput & { readonly RouteTableId: string },
): RouteRecord & { readonly table: RouteTableRecord } {
  const table = ec2.get('route-table', caller, input.RouteTableId)
  const destination = existingDestination(ec2, table, destinationFrom(input))
  return { table, destination, target: targetFrom(ec2, table, input) }
}

interface DestinationInput {
  readonly DestinationCidrBlock?: string | undefined
  readonly DestinationPrefixListId?: string | undefined
}

interface TargetInput {
  readonly GatewayId?: string | undefined
  readonly NatGatewayId?: string | undefined
  readonly NetworkInterfaceId?: string | undefined
  readonly VpcPeeringConnectionId?: string | undefined
}

function destinationFrom({
  DestinationCidrBlock: text,
  DestinationPrefixListId: id,
}: DestinationInput): RouteRecord['destination'] {
  if (text !== undefined && id !== undefined) {
    throw invalidCombination(
      'The parameter destinationPrefixListId cannot be used with the parameter destinationCidrBlock',
    )
  }
  if (id !== undefined) return { prefixListId: id }
  if (text === undefined) throw missingParameter('destinationCidrBlock')
  const cidr = parseCidr(text)
  if (!cidr) throw invalidValue('destinationCidrBlock', text, 'This is not a valid CIDR block.')
  return { cidr: formatCidr(cidr) }
}

/** Throws AWS's error for a prefix list that is not there. */
function existingDestination(
  ec2: Ec2Service,
  table: RouteTableRecord,
  destination: RouteRecord['destination'],
): RouteRecord['destination'] {
  if ('cidr' in destination || findPrefixList(ec2, table, destination.prefixListId)) return destination
  throw new AwsError('InvalidPrefixListId.NotFound', `The prefix list ID '${destination.prefixListId}' does not exist`)
}

function destinationText(destination: RouteRecord['destination']): string {
  return 'cidr' in destination ? destination.cidr : destination.prefixListId
}

function existingRoute(table: RouteTableRecord, destination: RouteRecord['destination']): RouteRecord | undefined {
  return table.routes.find((route) => isDeepStrictEqual(route.destination, destination))
}

function isLocal(ec2: Ec2Service, table: RouteTableRecord, destination: RouteRecord['destination']): boolean {
  return 'cidr' in destination && localCidrs(ec2, table).includes(destination.cidr)
}

/** Within the VPC only a whole subnet can be sent elsewhere. https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html#subnet-route-tables */
function checkInsideVpc(
  ec2: Ec2Service,
  table: RouteTableRecord,
  destination: RouteRecord['destination'],
  target: RouteRecord['target'],
): void {
  if (!('cidr' in destination)) return
  const wanted = block(destination.cidr)
  if (!localCidrs(ec2, table).some((cidr) => cidrContains(block(cidr), wanted))) return
  const isSubnet = ec2
    .list('subnet', table)
    .some((subnet) => subnet.vpcId === table.vpcId && subnet.cidr === destination.cidr)
  if (isSubnet && (target.kind === 'network-interface' || target.kind === 'nat-gateway')) return
  throw invalidParameterValue("Route destination doesn't match any subnet CIDR blocks.")
}

/** The one target the request names. Throws AWS's error for one that is not there, or is of another network. */
function targetFrom(ec2: Ec2Service, table: RouteTableRecord, input: TargetInput): RouteRecord['target'] {
  const { GatewayId, NatGatewayId, NetworkInterfaceId, VpcPeeringConnectionId } = input
  const given = [GatewayId, NatGatewayId, NetworkInterfaceId, VpcPeeringConnectionId].filter((id) => id !== undefined)
  if (given.length !== 1) {
    throw invalidCombination(
      'The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, vpcPeeringConnectionId',
    )
  }
  if (GatewayId !== undefined) return internetGatewayTarget(ec2, table, GatewayId)
  if (NatGatewayId !== undefined) return natGatewayTarget(ec2, table, NatGatewayId)
  if (NetworkInterfaceId !== undefined) {
    const found = ec2.get('network-interface', table, NetworkInterfaceId)
    if (found.vpcId !== table.vpcId) throw elsewhere(table, 'interface', found.id)
    return { kind: 'network-interface', id: found.id }
  }
  return peeringTarget(ec2, table, VpcPeeringConnectionId ?? '')
}

/** A connection that is still to be accepted will do: the route leads nowhere until then. */
function peeringTarget(ec2: Ec2Service, table: RouteTableRecord, id: string): RouteRecord['target'] {
  const connection = ec2.get('vpc-peering-connection', table, id)
  const { requester, accepter } = connection
  if (!isLive(ec2, connection)) throw KINDS['vpc-peering-connection'].notFound(id)
  if (requester.vpcId !== table.vpcId && accepter.vpcId !== table.vpcId)
    throw elsewhere(table, 'peering connection', id)
  return { kind: 'vpc-peering', id }
}

function internetGatewayTarget(ec2: Ec2Service, table: RouteTableRecord, id: string): RouteRecord['target'] {
  const gateway = ec2.find('internet-gateway', table, id)
  if (!gateway) throw new AwsError('InvalidGatewayID.NotFound', `The gateway ID '${id}' does not exist`)
  if (gateway.vpcId !== table.vpcId) throw elsewhere(table, 'network gateway', id)
  return { kind: 'internet-gateway', id }
}

function natGatewayTarget(ec2: Ec2Service, table: RouteTableRecord, id: string): RouteRecord['target'] {
  const gateway = ec2.find('natgateway', table, id)
  if (!gateway || gateway.state === 'deleted') {
    throw new AwsError('InvalidNatGatewayID.NotFound', `The natGateway ID '${id}' does not exist`)
  }
  if (gateway.vpcId !== table.vpcId) throw elsewhere(table, 'network gateway', id)
  return { kind: 'nat-gateway', id }
}

function elsewhere(table: RouteTableRecord, what: string, id: string): AwsError {
  return invalidParameterValue(`route table ${table.id} and ${what} ${id} belong to different networks`)
}
