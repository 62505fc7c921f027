/** Making again the default VPC and its subnets. https://docs.aws.amazon.com/vpc/latest/userguide/work-with-default-vpc.html */
import { AwsError } from '../../../core/aws-error.ts'
import { onAll } from '../access.ts'
import { createDefaultSubnet, createDefaultVpc } from './default-vpc.ts'
import { invalidValue, missingParameter } from '../errors.ts'
import type { Ec2Operations } from '../service.ts'
import { subnetShape } from './subnets.ts'
import { vpcShape } from './vpcs.ts'
import { zonesOf } from '../zones/zones.ts'

export const defaultNetworks: Ec2Operations = {
  CreateDefaultVpc: {
    permissions: (_input, caller) => [onAll(caller, 'CreateDefaultVpc')],
    handle(_input, caller, ec2) {
      if (ec2.list('vpc', caller).some(({ isDefault }) => isDefault)) {
        throw new AwsError('DefaultVpcAlreadyExists', 'A Default VPC already exists for this account in this region.')
      }
      return { Vpc: vpcShape(createDefaultVpc(ec2, caller)) }
    },
  },

  CreateDefaultSubnet: {
    permissions: (_input, caller) => [onAll(caller, 'CreateDefaultSubnet')],
    refuses: ['AvailabilityZoneId', 'Ipv6Native'],
    handle({ AvailabilityZone: zone }, caller, ec2) {
      if (zone === undefined) throw missingParameter('availabilityZone')
      if (!zonesOf(caller.region).includes(zone)) {
        throw invalidValue(
          'availabilityZone',
          zone,
          `Subnets can currently only be created in the following availability zones: ${zonesOf(caller.region).join(', ')}.`,
        )
      }
      const vpc = ec2.list('vpc', caller).find(({ isDefault }) => isDefault)
      if (!vpc) throw new AwsError('DefaultVpcDoesNotExist', 'There is no default VPC for this account in this region.')
      const existing = ec2.list('subnet', caller).find((subnet) => subnet.isDefault && subnet.zone === zone)
      if (existing) {
        throw new AwsError(
          'DefaultSubnetAlreadyExistsInAvailabilityZone',
          `'${existing.id}' is already the default subnet in ${zone}.`,
        )
      }
      return { Subnet: subnetShape(ec2, createDefaultSubnet(ec2, vpc, zone)) }
    },
  },
}
