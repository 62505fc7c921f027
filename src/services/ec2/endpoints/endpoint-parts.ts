/** What VPC endpoints are made of: interfaces in subnets, or routes in route tables. */
import { AwsError } from '../../../core/aws-error.ts'
import { awsPrefixList, type PrefixListService } from '../prefix-lists/aws-prefix-lists.ts'
import { serviceOf } from './endpoint-services.ts'
import { createInterface } from '../interfaces/interface-creation.ts'
import type { EndpointInterface, RouteTableRecord, SubnetRecord, VpcEndpointRecord } from '../records.ts'
import type { Ec2Service } from '../service.ts'

/** The account that AWS's endpoint interfaces are requested by. */
const REQUESTER_ID = '727180483921'

/** FIDELITY: the words are AWS's only where AWS documents them; for what belongs to another VPC it does not. */
export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameter', message)
}

type NewEndpoint = Pick<VpcEndpointRecord, 'id' | 'account' | 'region' | 'vpcId' | 'groupIds'>

/** One interface in each subnet, or none at all: where the last cannot be made, the others are taken back. */
export function createEndpointInterfaces(
  ec2: Ec2Service,
  endpoint: NewEndpoint,
  subnets: readonly SubnetRecord[],
): readonly EndpointInterface[] {
  const created: EndpointInterface[] = []
  try {
    for (const subnet of subnets) created.push(createEndpointInterface(ec2, endpoint, subnet))
  } catch (error) {
    deleteEndpointInterfaces(ec2, endpoint, created)
    throw error
  }
  return created
}

function createEndpointInterface(ec2: Ec2Service, endpoint: NewEndpoint, subnet: SubnetRecord): EndpointInterface {
  const { id: networkInterfaceId } = createInterface(ec2, subnet, {
    description: `VPC Endpoint Interface ${endpoint.id}`,
    role: { kind: 'vpc-endpoint', vpcEndpointId: endpoint.id },
    interfaceType: 'vpc_endpoint',
    requesterManaged: true,
    requesterId: REQUESTER_ID,
    groupIds: endpoint.groupIds,
    attachment: {
      id: ec2.newId('ela-attach'),
      deviceIndex: 1,
      instanceOwnerId: 'amazon-aws',
      deleteOnTermination: false,
      attachedMs: ec2.clock.now(),
    },
    tags: {},
  })
  return { subnetId: subnet.id, networkInterfaceId }
}

export function deleteEndpointInterfaces(
  ec2: Ec2Service,
  endpoint: NewEndpoint,
  interfaces: readonly EndpointInterface[],
): void {
  for (const { networkInterfaceId } of interfaces) {
    ec2.delete('network-interface', ec2.get('network-interface', endpoint, networkInterfaceId))
  }
}

/** Throws AWS's error for subnets that do not exist or share an Availability Zone among themselves or with those the endpoint has. */
export function checkEndpointSubnets(
  ec2: Ec2Service,
  {
    present = [],
    ...endpoint
  }: Pick<NewEndpoint, 'account' | 'region' | 'vpcId'> & {
    readonly present?: readonly string[]
  },
  subnetIds: readonly string[],
): readonly SubnetRecord[] {
  const subnets = [...new Set(subnetIds)].map((id) => ec2.get('subnet', endpoint, id))
  const zones = new Set(present.map((id) => ec2.get('subnet', endpoint, id).zone))
  for (const { id, vpcId, zone } of subnets) {
    if (vpcId !== endpoint.vpcId) throw invalidParameter(`The subnet ${id} does not belong to ${endpoint.vpcId}.`)
    if (zones.has(zone)) {
      throw new AwsError(
        'DuplicateSubnetsInSameZone',
        `Found another VPC endpoint subnet in the availability zone of ${id}. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service.`,
      )
    }
    zones.add(zone)
  }
  return subnets
}

/** Throws AWS's error for tables that do not exist or lead to the service already. */
export function checkEndpointTables(
  ec2: Ec2Service,
  endpoint: Pick<NewEndpoint, 'account' | 'region' | 'vpcId'>,
  tableIds: readonly string[],
  service: PrefixListService,
): readonly RouteTableRecord[] {
  const { id: prefixListId } = awsPrefixList(endpoint.region, service)
  return [...new Set(tableIds)].map((id) => {
    const table = ec2.get('route-table', endpoint, id)
    if (table.vpcId !== endpoint.vpcId) {
      throw invalidParameter(`The route table ${id} does not belong to ${endpoint.vpcId}.`)
    }
    if (
      table.routes.some(({ destination }) => 'prefixListId' in destination && destination.prefixListId === prefixListId)
    ) {
      throw new AwsError(
        'RouteAlreadyExists',
        `route table ${id} already has a route with destination-prefix-list-id ${prefixListId}`,
      )
    }
    return table
  })
}

export function addEndpointRoute(ec2: Ec2Service, endpoint: VpcEndpointRecord, table: RouteTableRecord): void {
  const service = serviceOf(endpoint)
  if (service.type !== 'Gateway') return
  const { id: prefixListId } = awsPrefixList(endpoint.region, service.prefixList)
  ec2.put('route-table', {
    ...table,
    routes: [...table.routes, { destination: { prefixListId }, target: { kind: 'gateway-endpoint', id: endpoint.id } }],
  })
}

/** The tables with a route to the endpoint. */
export function tablesOfEndpoint(ec2: Ec2Service, endpoint: VpcEndpointRecord): readonly RouteTableRecord[] {
  return ec2
    .list('route-table', endpoint)
    .filter(({ routes }) => routes.some(({ target }) => target.id === endpoint.id))
}

export function removeEndpointRoute(ec2: Ec2Service, endpoint: VpcEndpointRecord, table: RouteTableRecord): void {
  ec2.put('route-table', { ...table, routes: table.routes.filter(({ target }) => target.id !== endpoint.id) })
}
