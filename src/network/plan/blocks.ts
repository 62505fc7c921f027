/** Blocks and addresses as the model has them: as text. */
import { cidrHolds, parseCidr, parseIpv4 } from '../../core/cidr.ts'

/** Whether the block has the address; not where either is malformed. */
export function blockContains(block: string, address: string): boolean {
  const cidr = parseCidr(block)
  const number = parseIpv4(address)
  return cidr !== undefined && number !== undefined && cidrHolds(cidr, number)
}
