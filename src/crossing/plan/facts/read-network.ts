/** Reads the VPC of a function: its subnets and their free addresses, the interfaces there are, and the NAT gateways on the way out. */
import {
  DescribeNatGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  paginateDescribeNetworkInterfaces,
  type NatGateway,
  type RouteTable,
} from '@aws-sdk/client-ec2'
import type { VpcConfigResponse } from '@aws-sdk/client-lambda'

import type { FunctionNetwork, InterfaceFacts, NatFacts } from './facts.ts'
import { QUOTAS } from '../limits/quotas.ts'
import type { Reader } from './read-facts.ts'

const PAGE = 1000

export async function readNetwork(
  reader: Reader,
  { VpcId: vpcId = '', SubnetIds = [], SecurityGroupIds = [] }: VpcConfigResponse,
): Promise<FunctionNetwork> {
  const { ec2 } = reader.clients
  const inVpc = [{ Name: 'vpc-id', Values: [vpcId] }]
  const subnets = await reader.fact('its subnets', async () => {
    const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds }))
    return Subnets.map(({ SubnetId, CidrBlock, AvailabilityZone, AvailableIpAddressCount }) => ({
      id: SubnetId ?? '',
      cidr: CidrBlock ?? '',
      zone: AvailabilityZone ?? '',
      free: AvailableIpAddressCount ?? 0,
    }))
  })
  const interfaces = await reader.fact('the network interfaces of its account', () => readInterfaces(reader, vpcId))
  const natGateways = await reader.fact('its way to the internet', async () => {
    const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({ Filters: inVpc }))
    const { NatGateways = [] } = await ec2.send(new DescribeNatGatewaysCommand({ Filter: inVpc }))
    return natGatewaysOf(SubnetIds, RouteTables, NatGateways)
  })
  return {
    vpcId,
    subnets: subnets ?? [],
    securityGroupIds: SecurityGroupIds,
    lambdaInterfaces: interfaces?.ofLambda,
    interfacesInRegion: interfaces?.inRegion,
    interfacesPerVpc: await reader.quota(QUOTAS.interfacesPerVpc),
    interfacesPerRegion: await reader.quota(QUOTAS.interfacesPerRegion),
    createTokens: await reader.quota(QUOTAS.createTokens),
    createTokensPerSecond: await reader.quota(QUOTAS.createTokensPerSecond),
    natGateways: natGateways ?? [],
    natConnections: await reader.quota(QUOTAS.natConnections),
  }
}

async function readInterfaces(
  { clients }: Reader,
  vpcId: string,
): Promise<{ readonly inRegion: number; readonly ofLambda: readonly InterfaceFacts[] }> {
  const ofLambda: InterfaceFacts[] = []
  let inRegion = 0
  for await (const { NetworkInterfaces = [] } of paginateDescribeNetworkInterfaces(
    { client: clients.ec2, pageSize: PAGE },
    {},
  )) {
    inRegion += NetworkInterfaces.length
    for (const { VpcId, SubnetId = '', InterfaceType, Groups = [] } of NetworkInterfaces) {
      if (InterfaceType !== 'lambda' || VpcId !== vpcId) continue
      ofLambda.push({ subnetId: SubnetId, securityGroupIds: Groups.map(({ GroupId = '' }) => GroupId) })
    }
  }
  return { inRegion, ofLambda }
}

/** By the route that everything takes for which there is no other. A subnet without a table of its own has the VPC's main one. */
function natGatewaysOf(
  subnetIds: readonly string[],
  tables: readonly RouteTable[],
  gateways: readonly NatGateway[],
): readonly NatFacts[] {
  const isFor = (table: RouteTable, subnetId: string) =>
    (table.Associations ?? []).some(({ SubnetId }) => SubnetId === subnetId)
  const main = tables.find(({ Associations = [] }) => Associations.some(({ Main }) => Main === true))
  const through = new Map<string, string[]>()
  for (const subnetId of subnetIds) {
    const table = tables.find((one) => isFor(one, subnetId)) ?? main
    const out = table?.Routes?.find(({ DestinationCidrBlock }) => DestinationCidrBlock === '0.0.0.0/0')
    if (out?.NatGatewayId === undefined) continue
    through.set(out.NatGatewayId, [...(through.get(out.NatGatewayId) ?? []), subnetId])
  }
  return [...through].map(([id, ids]) => {
    const addresses = gateways.find(({ NatGatewayId }) => NatGatewayId === id)?.NatGatewayAddresses ?? []
    return { id, subnetIds: ids, addresses: Math.max(1, addresses.length) }
  })
}
