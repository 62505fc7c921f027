/** The sockets that listen inside, and whose connections they take. */
import {
  AWS_SERVICE_PORTS,
  awsServiceAddress,
  INTERFACE_ENDPOINT_PORTS,
  LINK_LOCAL_RESOLVER,
  RESOLVER_PORT,
  RUNTIME_API,
} from '../addresses.ts'
import type { NetworkIndex } from '../network-index.ts'
import { EGRESS_PORT, INTERNET } from './layout.ts'
import { HUB } from './state.ts'
import type { PlannedGatewayEndpoint, PlannedInterface, PlannedVpc } from './vpc.ts'

export interface WantedSocket {
  readonly namespace: string
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
  /** Takes connections to whatever address the filters give it. */
  readonly transparent?: boolean
  readonly role: SocketRole
}

export type SocketRole =
  | { readonly kind: 'runtime-api' }
  | { readonly kind: 'resolver' }
  /** The test internet's host and the public endpoints of AWS: told apart by the address that was called. */
  | { readonly kind: 'internet' }
  /** Whatever is on the real internet: the address that was called. */
  | { readonly kind: 'outside' }
  | { readonly kind: 'vpc-endpoint'; readonly vpcEndpointId: string; readonly vpcId: string }
  /** A service of the user, on this port of this machine's loopback. */
  | { readonly kind: 'host'; readonly hostPort: number }

/** Those that are there without any VPC. */
export const FIXED_SOCKETS: readonly WantedSocket[] = [
  { namespace: HUB, protocol: 'tcp', ...RUNTIME_API, role: { kind: 'runtime-api' } },
  resolver('udp'),
  resolver('tcp'),
  ...AWS_SERVICE_PORTS.map((port): WantedSocket => ({
    namespace: INTERNET,
    protocol: 'tcp',
    address: '0.0.0.0',
    port,
    role: { kind: 'internet' },
  })),
]

export const EGRESS_SOCKET: WantedSocket = {
  namespace: INTERNET,
  protocol: 'tcp',
  address: '0.0.0.0',
  port: EGRESS_PORT,
  transparent: true,
  role: { kind: 'outside' },
}

export function vpcSockets(index: NetworkIndex, planned: PlannedVpc): readonly WantedSocket[] {
  return [
    ...planned.localInterfaces.flatMap((it) => interfaceSockets(index, planned, it)),
    ...planned.gatewayEndpoints.flatMap((it) => gatewayEndpointSockets(planned, it)),
  ]
}

function resolver(protocol: 'tcp' | 'udp'): WantedSocket {
  return { namespace: HUB, protocol, address: LINK_LOCAL_RESOLVER, port: RESOLVER_PORT, role: { kind: 'resolver' } }
}

function interfaceSockets(
  index: NetworkIndex,
  { vpc, name: namespace }: PlannedVpc,
  { networkInterface: { address, kind } }: PlannedInterface,
): readonly WantedSocket[] {
  const at = { namespace, protocol: 'tcp', address } as const
  switch (kind.kind) {
    case 'host':
      return kind.listeners.map(({ port, hostPort }) => ({ ...at, port, role: { kind: 'host', hostPort } }))
    case 'vpc-endpoint': {
      const { vpcEndpointId } = kind
      // Where the endpoint itself has gone its interface is silent.
      if (!index.vpcEndpoints.has(vpcEndpointId)) return []
      const role = { kind: 'vpc-endpoint', vpcEndpointId, vpcId: vpc.id } as const
      return INTERFACE_ENDPOINT_PORTS.map((port) => ({ ...at, port, role }))
    }
    case 'interface':
    case 'lambda':
    case 'nat-gateway':
      return []
  }
}

function gatewayEndpointSockets(
  { vpc }: PlannedVpc,
  { endpoint, name }: PlannedGatewayEndpoint,
): readonly WantedSocket[] {
  const address = awsServiceAddress(endpoint)
  if (address === undefined) return []
  const role = { kind: 'vpc-endpoint', vpcEndpointId: endpoint.id, vpcId: vpc.id } as const
  return AWS_SERVICE_PORTS.map((port) => ({ namespace: name, protocol: 'tcp', address, port, role }))
}
