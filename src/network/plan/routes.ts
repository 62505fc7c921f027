/**
 * Route tables as they take effect: local routes added, prefix lists expanded, targets that are gone turned into black holes, the longest
 * prefix first. The evaluator looks packets up in them and the kernel driver installs them.
 * https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
 */
import { formatCidr, cidrHolds, parseCidr, parseIpv4, type Cidr } from '../../core/cidr.ts'
import type { Route, RouteTarget, Vpc, VpcPeeringConnection } from './model.ts'
import type { NetworkIndex } from './network-index.ts'

export interface EffectiveRoute {
  readonly destination: Cidr
  readonly target: EffectiveTarget
  /** Where the route names a list. */
  readonly prefixListId?: string
}

export type EffectiveTarget =
  | { readonly kind: 'local' }
  | Exclude<RouteTarget, { readonly kind: 'blackhole' }>
  /** `reason` continues "the target": `nat-1 is gone`. */
  | { readonly kind: 'blackhole'; readonly id: string; readonly reason: string }

/** Of a route table in its VPC; the first that contains an address is the one that takes it. Empty for a table that is not in the model. */
export function effectiveRoutes(index: NetworkIndex, routeTableId: string): readonly EffectiveRoute[] {
  const table = index.routeTables.get(routeTableId)
  const vpc = table === undefined ? undefined : index.vpcs.get(table.vpcId)
  if (table === undefined || vpc === undefined) return []
  const local = vpc.cidrs.flatMap((cidr) => effective(cidr, { kind: 'local' }))
  const fixed = table.routes.flatMap(({ destination, target }) =>
    'cidr' in destination ? effective(destination.cidr, effectiveTarget(index, vpc, target)) : [],
  )
  const listed = table.routes.flatMap((route) => fromPrefixList(index, vpc, route))
  // Of equal prefixes a local route goes first, then one with a block of its own, then one with a list: sorting keeps that order.
  return [...local, ...fixed, ...listed].toSorted(
    (one, other) => other.destination.prefixLength - one.destination.prefixLength,
  )
}

export function routeFor(routes: readonly EffectiveRoute[], address: string): EffectiveRoute | undefined {
  const number = parseIpv4(address)
  return number === undefined ? undefined : routes.find(({ destination }) => cidrHolds(destination, number))
}

/** The VPC at the other end, where the connection is active and this VPC is at one of its ends. */
export function peerVpc(index: NetworkIndex, connection: VpcPeeringConnection, vpcId: string): Vpc | undefined {
  const { active, requesterVpcId, accepterVpcId } = connection
  if (!active || (vpcId !== requesterVpcId && vpcId !== accepterVpcId)) return undefined
  return index.vpcs.get(vpcId === requesterVpcId ? accepterVpcId : requesterVpcId)
}

/** `0.0.0.0/0 → nat-1` */
export function describeRoute({ destination, target, prefixListId }: EffectiveRoute): string {
  const name = prefixListId === undefined ? formatCidr(destination) : `${prefixListId} (${formatCidr(destination)})`
  return `${name} → ${target.kind === 'local' ? 'local' : target.id}`
}

function effective(cidr: string, target: EffectiveTarget, prefixListId?: string): readonly EffectiveRoute[] {
  const destination = parseCidr(cidr)
  return destination === undefined
    ? []
    : [{ destination, target, ...(prefixListId === undefined ? {} : { prefixListId }) }]
}

function fromPrefixList(index: NetworkIndex, vpc: Vpc, { destination, target }: Route): readonly EffectiveRoute[] {
  if (!('prefixListId' in destination)) return []
  const { prefixListId } = destination
  const cidrs = index.prefixLists.get(prefixListId)?.cidrs ?? []
  return cidrs.flatMap((cidr) => effective(cidr, effectiveTarget(index, vpc, target), prefixListId))
}

/** A route stays when its target goes; EC2 calls it a blackhole. */
function effectiveTarget(index: NetworkIndex, vpc: Vpc, target: RouteTarget): EffectiveTarget {
  if (target.kind === 'blackhole') return { ...target, reason: `${target.id} is gone` }
  const problem = targetProblem(index, vpc, target)
  return problem === undefined ? target : { kind: 'blackhole', id: target.id, reason: `${target.id} ${problem}` }
}

function targetProblem(
  index: NetworkIndex,
  vpc: Vpc,
  target: Exclude<RouteTarget, { readonly kind: 'blackhole' }>,
): string | undefined {
  switch (target.kind) {
    case 'internet-gateway':
      return vpc.internetGatewayId === target.id ? undefined : 'is not attached to the VPC'
    case 'nat-gateway':
      return index.natGateways.get(target.id)?.vpcId === vpc.id ? undefined : 'is gone'
    case 'gateway-endpoint':
      return index.vpcEndpoints.get(target.id)?.vpcId === vpc.id ? undefined : 'is gone'
    case 'vpc-peering': {
      const connection = index.peeringConnections.get(target.id)
      return connection !== undefined && peerVpc(index, connection, vpc.id) !== undefined ? undefined : 'is not active'
    }
    case 'network-interface': {
      const networkInterface = index.networkInterfaces.get(target.id)
      const place = networkInterface === undefined ? undefined : index.placeOf(networkInterface)
      return place?.vpc.id === vpc.id ? undefined : 'is gone'
    }
  }
}
