/** Names and addresses that never lead beyond this machine. */
import { isIPv4 } from 'node:net'

/** `localhost`, any address of 127.0.0.0/8, or `::1`, which URLs write in brackets. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'))
}
