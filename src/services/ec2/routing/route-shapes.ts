/** Routes as AWS answers them: the local ones of the VPC's blocks, then the table's own, each with whether it leads anywhere. */
import type * as sdk from '@aws-sdk/client-ec2'

import { isTargetThere } from '../network-model.ts'
import type { RouteRecord, RouteTableRecord } from '../records.ts'
import type { Ec2Service } from '../service.ts'

export function routeShapes(ec2: Ec2Service, table: RouteTableRecord): sdk.Route[] {
  const local = localCidrs(ec2, table).map((DestinationCidrBlock): sdk.Route => ({
    DestinationCidrBlock,
    GatewayId: 'local',
    Origin: 'CreateRouteTable',
    State: 'active',
  }))
  return [...local, ...table.routes.map((route) => routeShape(ec2, table, route))]
}

/** The blocks of the table's VPC. */
export function localCidrs(ec2: Ec2Service, table: RouteTableRecord): readonly string[] {
  return ec2.find('vpc', table, table.vpcId)?.cidrs.map(({ cidr }) => cidr) ?? []
}

function routeShape(ec2: Ec2Service, table: RouteTableRecord, { destination, target }: RouteRecord): sdk.Route {
  return {
    ...('cidr' in destination
      ? { DestinationCidrBlock: destination.cidr }
      : { DestinationPrefixListId: destination.prefixListId }),
    ...targetShape(target),
    Origin: 'CreateRoute',
    State: isTargetThere(ec2, table, target, { orComing: true }) ? 'active' : 'blackhole',
  }
}

function targetShape({ kind, id }: RouteRecord['target']): sdk.Route {
  switch (kind) {
    case 'internet-gateway':
    case 'gateway-endpoint':
      return { GatewayId: id }
    case 'nat-gateway':
      return { NatGatewayId: id }
    case 'network-interface':
      return { NetworkInterfaceId: id }
    case 'vpc-peering':
      return { VpcPeeringConnectionId: id }
  }
}
