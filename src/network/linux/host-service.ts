/** A service of the user on this machine's loopback, for who reaches its address in a subnet. */
import { connect, type Socket } from 'node:net'

import { joinSockets } from './join-sockets.ts'

const LOOPBACK = '127.0.0.1'

/** Nowhere else than to the loopback: the port is all that the configuration can choose. */
export function forwardToHost(inside: Socket, hostPort: number): void {
  joinSockets(inside, connect({ host: LOOPBACK, port: hostPort, noDelay: true, allowHalfOpen: true }))
}
