/**
 * The real internet, for who is let out by his VPC: off unless asked for. What leaves the test internet for an address outside is accepted
 * in its place, whatever that is, and the connection is opened anew by this process.
 *
 * FIDELITY: only TCP gets out, and the other side sees this machine's address instead of the NAT gateway's.
 */
import { resolve4 } from 'node:dns/promises'
import { connect, type Socket } from 'node:net'

import { isOutside } from '../plan/outside.ts'
import { joinSockets } from './join-sockets.ts'

export interface Egress {
  connect(address: string, port: number): Socket
  /** IPv4 addresses; none for a name that nobody has. */
  resolve(name: string): Promise<readonly string[]>
}

export const realEgress: Egress = {
  connect: (address, port) => connect({ host: address, port, noDelay: true, allowHalfOpen: true }),
  resolve: (name) => resolve4(name).catch(() => []),
}

/** `inside.localAddress` is the address that was called. */
export function leaveThrough(egress: Egress, inside: Socket): void {
  const { localAddress, localPort } = inside
  // The kernel's plan lets nothing else come here; this is the last door.
  if (localAddress === undefined || localPort === undefined || !isOutside(localAddress)) return void inside.destroy()
  joinSockets(inside, egress.connect(localAddress, localPort))
}

/** A name may be somebody's and still point inside. */
export async function resolveOutside(egress: Egress, name: string): Promise<readonly string[]> {
  return (await egress.resolve(name)).filter(isOutside)
}
