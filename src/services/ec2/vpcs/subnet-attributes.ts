/** What can be changed of a subnet. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html */
import { onResource } from '../access.ts'
import { missingParameter } from '../errors.ts'
import type { Ec2Operations } from '../service.ts'

export const subnetAttributes: Ec2Operations = {
  ModifySubnetAttribute: {
    permissions: ({ SubnetId }, caller, ec2) => [
      onResource(ec2, caller, 'ModifySubnetAttribute', 'subnet', SubnetId, {
        context: { 'ec2:attribute': 'MapPublicIpOnLaunch' },
      }),
    ],
    refuses: [
      'AssignIpv6AddressOnCreation',
      'CustomerOwnedIpv4Pool',
      'DisableLniAtDeviceIndex',
      'EnableDns64',
      'EnableLniAtDeviceIndex',
      'EnableResourceNameDnsAAAARecordOnLaunch',
      'EnableResourceNameDnsARecordOnLaunch',
      'MapCustomerOwnedIpOnLaunch',
      'PrivateDnsHostnameTypeOnLaunch',
    ],
    handle({ MapPublicIpOnLaunch, SubnetId }, caller, ec2) {
      const subnet = ec2.get('subnet', caller, SubnetId)
      if (MapPublicIpOnLaunch?.Value === undefined) throw missingParameter('mapPublicIpOnLaunch')
      ec2.put('subnet', { ...subnet, mapPublicIpOnLaunch: MapPublicIpOnLaunch.Value })
      return {}
    },
  },
}
