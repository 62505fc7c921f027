/** Two connections become one: what comes from either goes to the other, an end is an end, and an error a reset. */
import type { Socket } from 'node:net'

export function joinSockets(inside: Socket, outside: Socket): void {
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
