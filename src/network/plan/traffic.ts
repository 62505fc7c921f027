/** Which packets a rule is about: protocols, ports and ICMP types, for security groups and network ACLs alike. */
import type { PacketContent, Ports } from './flow.ts'
import type { Traffic } from './model.ts'

const EVERY_PORT: Ports = { from: 0, to: 65_535 }

/** The destination ports, of those the packet may have, that the rule is about; undefined where it is about none of them. */
export function coveredPorts(traffic: Traffic, content: PacketContent): Ports | undefined {
  if (traffic.protocol === 'all') return portsOf(content)
  if (content.protocol === 'icmp') {
    return traffic.protocol === 'icmp' && isOrAny(traffic.type, content.type) && isOrAny(traffic.code, content.code)
      ? EVERY_PORT
      : undefined
  }
  if (traffic.protocol !== content.protocol) return undefined
  const from = Math.max(traffic.fromPort, content.destinationPorts.from)
  const to = Math.min(traffic.toPort, content.destinationPorts.to)
  return from <= to ? { from, to } : undefined
}

/** Every one of them is a packet of its own; an ICMP packet has no ports and counts as having all. */
export function portsOf(content: PacketContent): Ports {
  return content.protocol === 'icmp' ? EVERY_PORT : content.destinationPorts
}

/** What is left of some ranges when one is taken out. */
export function withoutPorts(ranges: readonly Ports[], taken: Ports): readonly Ports[] {
  return ranges
    .flatMap(({ from, to }): readonly Ports[] => [
      { from, to: Math.min(to, taken.from - 1) },
      { from: Math.max(from, taken.to + 1), to },
    ])
    .filter(({ from, to }) => from <= to)
}

/** `tcp 443`, `udp 1024-65535`, `icmp`, `all traffic` */
export function describeTraffic(traffic: Traffic): string {
  switch (traffic.protocol) {
    case 'all':
      return 'all traffic'
    case 'other':
      return `protocol ${traffic.number}`
    case 'icmp':
      if (traffic.type === -1) return 'icmp'
      return traffic.code === -1 ? `icmp type ${traffic.type}` : `icmp type ${traffic.type} code ${traffic.code}`
    case 'tcp':
    case 'udp':
      return `${traffic.protocol} ${describePorts({ from: traffic.fromPort, to: traffic.toPort })}`
  }
}

export function describeContent(content: PacketContent): string {
  return content.protocol === 'icmp'
    ? `icmp type ${content.type} code ${content.code}`
    : `${content.protocol} ${describePorts(content.destinationPorts)}`
}

export function describePorts({ from, to }: Ports): string {
  return from === to ? String(from) : `${from}-${to}`
}

/** -1 is any. */
function isOrAny(wanted: number, actual: number): boolean {
  return wanted === -1 || wanted === actual
}
