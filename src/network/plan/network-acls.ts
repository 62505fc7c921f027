/**
 * Network ACLs: entries by ascending number, the first about a packet decides, nothing is remembered of the packets before it.
 * https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html
 */
import { blockContains } from './blocks.ts'
import type { Packet, Ports } from './flow.ts'
import type { NetworkAcl, NetworkAclEntry } from './model.ts'
import { coveredPorts, describeContent, describePorts, describeTraffic, portsOf, withoutPorts } from './traffic.ts'

export interface AclDecision {
  readonly allowed: boolean
  readonly reason: string
}

/** The entries of one direction in the order that counts. The kernel driver emits them in it. */
export function orderedEntries(acl: NetworkAcl, direction: NetworkAclEntry['direction']): readonly NetworkAclEntry[] {
  return acl.entries
    .filter((entry) => entry.direction === direction)
    .toSorted((one, other) => one.ruleNumber - other.ruleNumber)
}

/** A packet that stands for many passes only where every one of them does: which port a sender draws is chance. */
export function decideByAcl(acl: NetworkAcl, direction: NetworkAclEntry['direction'], packet: Packet): AclDecision {
  const remote = direction === 'ingress' ? packet.source : packet.destination
  const all = portsOf(packet.content)
  let undecided: readonly Ports[] = [all]
  for (const entry of orderedEntries(acl, direction)) {
    const covered = blockContains(entry.cidr, remote) ? coveredPorts(entry.traffic, packet.content) : undefined
    const left = covered === undefined ? undecided : withoutPorts(undecided, covered)
    if (covered === undefined || countPorts(left) === countPorts(undecided)) continue
    if (entry.action === 'deny') {
      const part = countPorts([covered]) < countPorts([all]) ? `, which hits ports ${describePorts(covered)}` : ''
      return { allowed: false, reason: `${describeEntry(entry)}${part}` }
    }
    if (left.length === 0) return { allowed: true, reason: describeEntry(entry) }
    undecided = left
  }
  const beyond = countPorts(undecided) < countPorts([all]) ? ` on ports ${undecided.map(describePorts).join(', ')}` : ''
  const side = direction === 'ingress' ? 'from' : 'to'
  return {
    allowed: false,
    reason: `rule * denies ${describeContent(packet.content)} ${side} ${remote}${beyond}: no rule allows it`,
  }
}

/** `rule 100 allows tcp 443 from 0.0.0.0/0` */
function describeEntry({ ruleNumber, action, direction, cidr, traffic }: NetworkAclEntry): string {
  const verb = action === 'allow' ? 'allows' : 'denies'
  return `rule ${ruleNumber} ${verb} ${describeTraffic(traffic)} ${direction === 'ingress' ? 'from' : 'to'} ${cidr}`
}

function countPorts(ranges: readonly Ports[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0)
}
