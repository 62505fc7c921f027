/** The kernel's wanted state for a model: namespaces, links, routes, filters, and the sockets that have to listen. */
import { AWS_SERVICE_PORTS, LINK_LOCAL_RESOLVER, RESOLVER_PORT, RUNTIME_API } from '../addresses.ts'
import { hubState } from './hub.ts'
import { HUB_LINK, internetState } from './internet.ts'
import { INTERNET } from './layout.ts'
import { HUB, type KernelState } from './state.ts'

export interface KernelPlan {
  readonly state: KernelState
  readonly sockets: readonly WantedSocket[]
}

/** A socket that listens inside. */
export interface WantedSocket {
  readonly namespace: string
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
  readonly role: SocketRole
}

/** Whose connections they are. */
export type SocketRole =
  | { readonly kind: 'runtime-api' }
  | { readonly kind: 'resolver' }
  /** The test internet's host and the public endpoints of AWS: told apart by the address that was called. */
  | { readonly kind: 'internet' }

export function planKernel(): KernelPlan {
  return {
    state: {
      namespaces: new Map([
        [HUB, hubState([])],
        [INTERNET, internetState([])],
      ]),
      links: new Map([
        [
          INTERNET,
          [
            { namespace: HUB, name: INTERNET },
            { namespace: INTERNET, name: HUB_LINK },
          ],
        ],
      ]),
    },
    sockets: [
      { namespace: HUB, protocol: 'tcp', ...RUNTIME_API, role: { kind: 'runtime-api' } },
      ...(['udp', 'tcp'] as const).map((protocol): WantedSocket => ({
        namespace: HUB,
        protocol,
        address: LINK_LOCAL_RESOLVER,
        port: RESOLVER_PORT,
        role: { kind: 'resolver' },
      })),
      ...AWS_SERVICE_PORTS.map((port): WantedSocket => ({
        namespace: INTERNET,
        protocol: 'tcp',
        address: '0.0.0.0',
        port,
        role: { kind: 'internet' },
      })),
    ],
  }
}
