/** The private addresses of a subnet: which are reserved, taken and free. https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
import { AwsError } from '../../../core/aws-error.ts'
import { cidrHolds, formatIpv4, lastOfCidr, parseIpv4, sizeOfCidr } from '../../../core/cidr.ts'
import { invalidParameterValue, invalidValue } from '../errors.ts'
import type { SubnetRecord } from '../records.ts'
import type { Ec2Service } from '../service.ts'
import { block } from './vpc-creation.ts'

/** The network's own address, the router's, the resolver's and one for later; beside them the last. */
const RESERVED_FIRST = 4
const RESERVED = RESERVED_FIRST + 1

export function freeAddressCount(ec2: Ec2Service, subnet: SubnetRecord): number {
  return sizeOfCidr(block(subnet.cidr)) - RESERVED - takenAddresses(ec2, subnet).size
}

/** The asked address or the lowest free one. Throws AWS's error where it is not to be had. */
export function chooseAddress(ec2: Ec2Service, subnet: SubnetRecord, asked: string | undefined): string {
  const taken = takenAddresses(ec2, subnet)
  const cidr = block(subnet.cidr)
  if (asked !== undefined) {
    const address = parseIpv4(asked)
    if (address === undefined) throw invalidValue('privateIpAddress', asked, 'This is not a valid IPv4 address.')
    if (!cidrHolds(cidr, address))
      throw invalidParameterValue("Address does not fall within the subnet's address range")
    if (address < cidr.first + RESERVED_FIRST || address === lastOfCidr(cidr)) {
      throw invalidParameterValue("Address is in subnet's reserved address range")
    }
    if (taken.has(asked)) throw new AwsError('InvalidIPAddress.InUse', `Address ${asked} is in use.`)
    return asked
  }
  for (let address = cidr.first + RESERVED_FIRST; address < lastOfCidr(cidr); address++) {
    const text = formatIpv4(address)
    if (!taken.has(text)) return text
  }
  throw new AwsError(
    'InsufficientFreeAddressesInSubnet',
    'The specified subnet does not have enough free addresses to satisfy the request.',
  )
}

function takenAddresses(ec2: Ec2Service, subnet: SubnetRecord): ReadonlySet<string> {
  const interfaces = ec2.list('network-interface', subnet).filter(({ subnetId }) => subnetId === subnet.id)
  return new Set(interfaces.map(({ address }) => address))
}
