/** A service of the user on this machine's loopback, for who reaches its address in a subnet. */
import { connect, type Socket } from 'node:net'

const LOOPBACK = '127.0.0.1'

/** Nowhere else than to the loopback: the port is all that the configuration can choose. */
export function forwardToHost(inside: Socket, hostPort: number): void {
  const outside = connect({ host: LOOPBACK, port: hostPort, noDelay: true, allowHalfOpen: true })
  // Whoever resets, or is not there, is felt by the other.
  const reset = () => {
    inside.resetAndDestroy()
    outside.resetAndDestroy()
  }
  inside.on('error', reset)
  outside.on('error', reset)
  inside.on('close', () => outside.destroy())
  outside.on('close', () => inside.destroy())
  inside.pipe(outside)
  outside.pipe(inside)
}
