/** Which addresses are somebody's on the real internet: never this machine, its network, or a block that is reserved. */
import { parseIpv4 } from '../../core/cidr.ts'
import { blockContains } from './blocks.ts'

/** https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast. The test internet and AWS's addresses here are among them. */
export const RESERVED_BLOCKS: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]

/** False for what is no IPv4 address. */
export function isOutside(address: string): boolean {
  return parseIpv4(address) !== undefined && !RESERVED_BLOCKS.some((block) => blockContains(block, address))
}
