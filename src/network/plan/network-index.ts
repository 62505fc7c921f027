/** A model by its ids and addresses, so that a verdict costs look-ups and not searches. */
import type {
  NatGateway,
  NetworkAcl,
  NetworkInterface,
  NetworkModel,
  PrefixList,
  RouteTable,
  SecurityGroup,
  Subnet,
  Vpc,
  VpcEndpoint,
  VpcPeeringConnection,
} from './model.ts'

export interface NetworkIndex {
  readonly model: NetworkModel
  readonly vpcs: ReadonlyMap<string, Vpc>
  readonly subnets: ReadonlyMap<string, Subnet>
  readonly routeTables: ReadonlyMap<string, RouteTable>
  readonly networkAcls: ReadonlyMap<string, NetworkAcl>
  readonly securityGroups: ReadonlyMap<string, SecurityGroup>
  readonly prefixLists: ReadonlyMap<string, PrefixList>
  readonly networkInterfaces: ReadonlyMap<string, NetworkInterface>
  readonly natGateways: ReadonlyMap<string, NatGateway>
  readonly vpcEndpoints: ReadonlyMap<string, VpcEndpoint>
  readonly peeringConnections: ReadonlyMap<string, VpcPeeringConnection>
  /** Where it is; undefined for an interface whose subnet or VPC is not in the model. */
  placeOf(networkInterface: NetworkInterface): Place | undefined
  /** The interface with this private address in a VPC. */
  interfaceAt(vpcId: string, address: string): Place | undefined
  /** The interface with this elastic or public address. */
  interfaceBehind(publicAddress: string): Place | undefined
}

/** An interface with where it is. */
export interface Place {
  readonly networkInterface: NetworkInterface
  readonly subnet: Subnet
  readonly vpc: Vpc
}

export function indexNetwork(model: NetworkModel): NetworkIndex {
  const vpcs = byId(model.vpcs)
  const subnets = byId(model.subnets)
  const placeOf = (networkInterface: NetworkInterface): Place | undefined => {
    const subnet = subnets.get(networkInterface.subnetId)
    const vpc = subnet === undefined ? undefined : vpcs.get(subnet.vpcId)
    return subnet === undefined || vpc === undefined ? undefined : { networkInterface, subnet, vpc }
  }
  const places = model.networkInterfaces.flatMap((networkInterface) => placeOf(networkInterface) ?? [])
  const byAddress = new Map(places.map((place) => [`${place.vpc.id} ${place.networkInterface.address}`, place]))
  const byPublicAddress = new Map(places.map((place) => [place.networkInterface.publicAddress, place]))
  return {
    model,
    vpcs,
    subnets,
    routeTables: byId(model.routeTables),
    networkAcls: byId(model.networkAcls),
    securityGroups: byId(model.securityGroups),
    prefixLists: byId(model.prefixLists),
    networkInterfaces: byId(model.networkInterfaces),
    natGateways: byId(model.natGateways),
    vpcEndpoints: byId(model.vpcEndpoints),
    peeringConnections: byId(model.peeringConnections),
    placeOf,
    interfaceAt: (vpcId, address) => byAddress.get(`${vpcId} ${address}`),
    interfaceBehind: (publicAddress) => byPublicAddress.get(publicAddress),
  }
}

function byId<T extends { readonly id: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.id, item]))
}
