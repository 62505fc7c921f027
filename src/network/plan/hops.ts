/** The hops that each kind of thing on the way contributes: what it decides about a packet, in words. */
import type { Packet } from './flow.ts'
import type { NetworkIndex, Place } from './network-index.ts'
import { decideByAcl } from './network-acls.ts'
import { describeRoute, type EffectiveRoute } from './routes.ts'
import { decideByGroups, hasSecurityGroups } from './security-groups.ts'
import type { Hop } from './verdict.ts'

type Leg = Hop['leg']

/** The security groups of an interface about a first packet; answers need no rule. */
export function groupHops(
  index: NetworkIndex,
  place: Place,
  direction: 'egress' | 'ingress',
  packet: Packet,
  remoteVpc: Place['vpc'] | undefined,
): readonly Hop[] {
  if (!hasSecurityGroups(place.networkInterface)) return []
  const { allowed, groupId, reason } = decideByGroups(index, place, direction, packet, remoteVpc)
  const decision = allowed ? 'pass' : 'drop'
  return [{ leg: 'request', kind: 'security-group', resourceId: groupId, direction, decision, reason }]
}

/** The network ACL on one side of a way; none where both ends are in one subnet. */
export function aclHops(
  index: NetworkIndex,
  { from, to }: { readonly from?: Place | undefined; readonly to?: Place | undefined },
  direction: 'egress' | 'ingress',
  packet: Packet,
  leg: Leg,
): readonly Hop[] {
  const here = direction === 'egress' ? from : to
  const acl = here === undefined ? undefined : index.networkAcls.get(here.subnet.networkAclId)
  if (acl === undefined || from?.subnet.id === to?.subnet.id) return []
  const { allowed, reason } = decideByAcl(acl, direction, packet)
  return [{ leg, kind: 'network-acl', resourceId: acl.id, direction, decision: allowed ? 'pass' : 'drop', reason }]
}

/** The route table of the sender's subnet. */
export function routeHop(from: Place, packet: Packet, route: EffectiveRoute | undefined, leg: Leg): Hop {
  const at = { leg, kind: 'route-table', resourceId: from.subnet.routeTableId } as const
  if (route === undefined) return { ...at, decision: 'drop', reason: `no route leads to ${packet.destination}` }
  const { target } = route
  const reason = describeRoute(route)
  if (target.kind === 'local') return { ...at, decision: 'pass', reason }
  return target.kind === 'blackhole'
    ? { ...at, decision: 'drop', reason: `${reason} is a black hole: ${target.reason}`, targetId: target.id }
    : { ...at, decision: 'pass', reason, targetId: target.id }
}

/** The route of an answer. `missed` is where it should have led and does not. */
export function returnHop(answerer: Place, reply: Packet, route: EffectiveRoute | undefined, missed?: string): Hop {
  const hop = routeHop(answerer, reply, route, 'reply')
  return missed === undefined || hop.decision === 'drop'
    ? hop
    : { ...hop, decision: 'drop', reason: `${hop.reason} does not lead back to ${missed}` }
}

export function pass(kind: Hop['kind'], resourceId: string, reason: string): Hop {
  return { leg: 'request', kind, resourceId, decision: 'pass', reason }
}

export function drop(kind: Hop['kind'], resourceId: string, reason: string): Hop {
  return { leg: 'request', kind, resourceId, decision: 'drop', reason }
}

export function refuse(kind: Hop['kind'], resourceId: string, reason: string): Hop {
  return { leg: 'request', kind, resourceId, decision: 'refuse', reason }
}
