/** One VPC with all that is in it, and the names its parts have in the kernel. */
import type {
  NatGateway,
  NetworkInterface,
  NetworkModel,
  Subnet,
  Vpc,
  VpcEndpoint,
  VpcPeeringConnection,
} from '../model.ts'
import type { NetworkIndex } from '../network-index.ts'
import { peerVpc } from '../routes.ts'
import { attachmentMark } from './layout.ts'
import type { Numbers } from './numbers.ts'

export interface PlannedVpc {
  readonly vpc: Vpc
  readonly number: number
  /** Of its router's namespace, and of the links that lead to it. */
  readonly name: string
  readonly subnets: readonly Subnet[]
  readonly lambdaInterfaces: readonly PlannedInterface[]
  /** Those whose addresses the router itself has: endpoints, services of the user, and what is attached to nothing. */
  readonly localInterfaces: readonly PlannedInterface[]
  readonly natGateways: readonly PlannedNatGateway[]
  readonly gatewayEndpoints: readonly PlannedGatewayEndpoint[]
  readonly peers: readonly PlannedPeer[]
}

export interface PlannedInterface {
  readonly networkInterface: NetworkInterface
  readonly subnet: Subnet
  /** What its environments' packets bear in the hub. */
  readonly mark: number
}

export interface PlannedNatGateway {
  readonly natGateway: NatGateway
  readonly networkInterface: NetworkInterface
  readonly subnet: Subnet
  /** Of its namespace, and of the router's link to it. */
  readonly name: string
}

export interface PlannedGatewayEndpoint {
  readonly endpoint: VpcEndpoint
  readonly name: string
}

export interface PlannedPeer {
  readonly connection: VpcPeeringConnection
  readonly vpc: Vpc
  /** Of the other router's namespace. */
  readonly routerName: string
  /** Of the link, at both ends. */
  readonly name: string
  readonly number: number
}

/** VPCs in which there is something: a VPC without an interface costs nothing. */
export function planVpcs(index: NetworkIndex, numbers: Numbers): readonly PlannedVpc[] {
  const inhabited = new Set(index.model.networkInterfaces.map((it) => index.placeOf(it)?.vpc.id))
  return index.model.vpcs.filter(({ id }) => inhabited.has(id)).map((vpc) => planVpc(index, numbers, vpc, inhabited))
}

function planVpc(
  index: NetworkIndex,
  numbers: Numbers,
  vpc: Vpc,
  inhabited: ReadonlySet<string | undefined>,
): PlannedVpc {
  const { model } = index
  const number = numbers.vpcs.numberOf(vpc.id)
  const interfaces = interfacesOf(index, numbers, vpc, number)
  const kindOf = ({ networkInterface }: PlannedInterface) => networkInterface.kind.kind
  return {
    vpc,
    number,
    name: `v${number}`,
    subnets: model.subnets.filter(({ vpcId }) => vpcId === vpc.id),
    lambdaInterfaces: interfaces.filter((it) => kindOf(it) === 'lambda'),
    localInterfaces: interfaces.filter((it) => !['lambda', 'nat-gateway'].includes(kindOf(it))),
    natGateways: natGatewaysOf(model, numbers, vpc, interfaces),
    gatewayEndpoints: model.vpcEndpoints
      .filter(({ type, vpcId }) => type === 'Gateway' && vpcId === vpc.id)
      .map((endpoint) => ({ endpoint, name: `g${numbers.gatewayEndpoints.numberOf(endpoint.id)}` })),
    peers: model.peeringConnections.flatMap((connection) => {
      const peer = peerVpc(index, connection, vpc.id)
      if (peer === undefined || !inhabited.has(peer.id)) return []
      const peeringNumber = numbers.peeringConnections.numberOf(connection.id)
      const routerName = `v${numbers.vpcs.numberOf(peer.id)}`
      return [{ connection, vpc: peer, routerName, name: `p${peeringNumber}`, number: peeringNumber }]
    }),
  }
}

function interfacesOf(index: NetworkIndex, numbers: Numbers, vpc: Vpc, vpcNumber: number): readonly PlannedInterface[] {
  return index.model.networkInterfaces.flatMap((networkInterface) => {
    const place = index.placeOf(networkInterface)
    if (place?.vpc.id !== vpc.id) return []
    const mark = attachmentMark(vpcNumber, numbers.networkInterfaces.numberOf(networkInterface.id))
    return [{ networkInterface, subnet: place.subnet, mark }]
  })
}

function natGatewaysOf(
  { natGateways }: NetworkModel,
  numbers: Numbers,
  vpc: Vpc,
  interfaces: readonly PlannedInterface[],
): readonly PlannedNatGateway[] {
  return natGateways.flatMap((natGateway) => {
    const own = interfaces.find(({ networkInterface }) => networkInterface.id === natGateway.networkInterfaceId)
    return natGateway.vpcId !== vpc.id || own === undefined
      ? []
      : [{ ...own, natGateway, name: `t${numbers.natGateways.numberOf(natGateway.id)}` }]
  })
}
