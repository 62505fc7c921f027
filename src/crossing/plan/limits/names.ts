/** What limits are called to a person. */
import type { LimitKind } from '../plan-data.ts'

export const LIMIT_NAMES: Readonly<Record<LimitKind, string>> = {
  'reserved-concurrency': 'reserved concurrency',
  'account-concurrency': 'unreserved concurrency',
  'request-rate': 'requests a second',
  'scaling-rate': 'scaling, environments at once',
  'event-age': 'age of events, seconds',
  'interfaces-per-vpc': "Lambda's interfaces in the VPC",
  'interfaces-per-region': 'interfaces in the Region',
  'subnet-addresses': 'addresses of the subnet',
  'create-interface-requests': 'CreateNetworkInterface at once',
  'connections-per-interface': 'connections by interfaces',
  'nat-connections': 'connections by NAT gateway',
  'downstream-connections': 'connections downstream',
}
