/** What somebody tries to send, and the packet that stands for it on its way. */

/** One attempt to connect (tcp), to send a datagram (udp), or to ping (icmp). */
export interface Flow {
  readonly from: FlowSource
  /** An IPv4 address; names are the resolver's business (`names.ts`). */
  readonly to: string
  readonly protocol: 'tcp' | 'udp' | 'icmp'
  /** Of the destination; without a meaning for icmp. */
  readonly port?: number
  /** Left out: any of the ephemeral ports 1024–65535, all of which must then be let back. */
  readonly sourcePort?: number
}

export type FlowSource =
  | { readonly kind: 'network-interface'; readonly id: string }
  /** Lambda's own network: functions outside any VPC. */
  | { readonly kind: 'lambda-service' }
  | { readonly kind: 'internet' }

/** Both ends inclusive. */
export interface Ports {
  readonly from: number
  readonly to: number
}

export interface Packet {
  readonly source: string
  readonly destination: string
  readonly content: PacketContent
}

/** A range of ports stands for every packet with one of them. */
export type PacketContent =
  | { readonly protocol: 'tcp' | 'udp'; readonly sourcePorts: Ports; readonly destinationPorts: Ports }
  | { readonly protocol: 'icmp'; readonly type: number; readonly code: number }

/** What Lambda and NAT gateways take source ports from. https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports */
export const EPHEMERAL_PORTS: Ports = { from: 1024, to: 65_535 }

const ECHO_REQUEST = { type: 8, code: 0 }
const ECHO_REPLY = { type: 0, code: 0 }
const PORT_UNREACHABLE = { type: 3, code: 3 }

/** The first packet of a flow, from this address. */
export function packetOf({ to, protocol, port = 0, sourcePort }: Flow, source: string): Packet {
  return {
    source,
    destination: to,
    content:
      protocol === 'icmp'
        ? { protocol, ...ECHO_REQUEST }
        : {
            protocol,
            sourcePorts: sourcePort === undefined ? EPHEMERAL_PORTS : { from: sourcePort, to: sourcePort },
            destinationPorts: { from: port, to: port },
          },
  }
}

/** What the receiver answers. Nobody listening to a datagram is said by ICMP. */
export function replyTo({ source, destination, content }: Packet, outcome: 'answer' | 'refusal'): Packet {
  return { source: destination, destination: source, content: replyContent(content, outcome) }
}

function replyContent(content: PacketContent, outcome: 'answer' | 'refusal'): PacketContent {
  if (content.protocol === 'icmp') return { protocol: 'icmp', ...ECHO_REPLY }
  if (content.protocol === 'udp' && outcome === 'refusal') return { protocol: 'icmp', ...PORT_UNREACHABLE }
  return {
    protocol: content.protocol,
    sourcePorts: content.destinationPorts,
    destinationPorts: content.sourcePorts,
  }
}

/** After address translation: a new source, and source ports of the translator's choice. */
export function translated(packet: Packet, source: string, sourcePorts?: Ports): Packet {
  const { content } = packet
  return {
    ...packet,
    source,
    content: content.protocol === 'icmp' || sourcePorts === undefined ? content : { ...content, sourcePorts },
  }
}
