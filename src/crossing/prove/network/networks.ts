/** The networks a proof makes for its own use, each with the way back: a private subnet, and the two ways out of one. */

import type { EC2Client, ResourceType, TagSpecification } from '@aws-sdk/client-ec2'

import { loadPackage } from '../../../core/load-package.ts'
import { freeCidr } from '../../../core/cidr.ts'
import { eventually } from '../eventually.ts'
import type { Undo } from '../changes.ts'

const sdk = loadPackage('@aws-sdk/client-ec2')

/** Of the VPC a proof makes. It meets no other network. */
const VPC_CIDR = '10.250.0.0/24'
const PRIVATE_CIDR = '10.250.0.0/26'
/** Eleven addresses. */
const NARROW_CIDR = '10.250.0.64/28'
const PUBLIC_BITS = 28

const READY_MS_MAX = 300_000

export interface PrivateNetwork {
  readonly vpcId: string
  /** Has no route out of the VPC. */
  readonly subnetId: string
  /** Lets everything out and nothing in. */
  readonly securityGroupId: string
}

/** A VPC with nothing but a private subnet. Every step says in `undos` how it is undone. */
export async function createPrivateNetwork(ec2: EC2Client, name: string, undos: Undo[]): Promise<PrivateNetwork> {
  const { Vpc } = await ec2.send(
    new sdk.CreateVpcCommand({ CidrBlock: VPC_CIDR, TagSpecifications: named('vpc', name) }),
  )
  const vpcId = Vpc?.VpcId ?? ''
  undos.push(async () => {
    await ec2.send(new sdk.DeleteVpcCommand({ VpcId: vpcId }))
  })
  // What an interface endpoint's private name needs.
  await ec2.send(new sdk.ModifyVpcAttributeCommand({ VpcId: vpcId, EnableDnsHostnames: { Value: true } }))
  const subnetId = await createSubnet(ec2, vpcId, PRIVATE_CIDR, undos)
  const securityGroupId = await createSecurityGroup(ec2, vpcId, `${name}-function`, undos)
  return { vpcId, subnetId, securityGroupId }
}

/** The smallest subnet AWS makes. */
export function createNarrowSubnet(ec2: EC2Client, { vpcId }: PrivateNetwork, undos: Undo[]): Promise<string> {
  return createSubnet(ec2, vpcId, NARROW_CIDR, undos)
}

async function createSubnet(ec2: EC2Client, VpcId: string, CidrBlock: string, undos: Undo[]): Promise<string> {
  const { Subnet } = await ec2.send(new sdk.CreateSubnetCommand({ VpcId, CidrBlock }))
  const SubnetId = Subnet?.SubnetId ?? ''
  undos.push(async () => {
    await ec2.send(new sdk.DeleteSubnetCommand({ SubnetId }))
  })
  return SubnetId
}

export async function createSecurityGroup(
  ec2: EC2Client,
  VpcId: string,
  GroupName: string,
  undos: Undo[],
): Promise<string> {
  const { GroupId = '' } = await ec2.send(
    new sdk.CreateSecurityGroupCommand({
      VpcId,
      GroupName,
      Description: 'Temporary: a proof of what a network allows',
    }),
  )
  undos.push(async () => {
    await ec2.send(new sdk.DeleteSecurityGroupCommand({ GroupId }))
  })
  return GroupId
}

export interface LambdaEndpoint {
  readonly id: string
  /** The group of the endpoint's own network interface. */
  readonly securityGroupId: string
}

/** An interface endpoint for Lambda with its private name; `peerGroupId` may reach it at port 443. */
export async function createLambdaEndpoint(
  ec2: EC2Client,
  network: PrivateNetwork,
  region: string,
  name: string,
  undos: Undo[],
): Promise<LambdaEndpoint> {
  const securityGroupId = await createSecurityGroup(ec2, network.vpcId, `${name}-endpoint`, undos)
  await letIn(ec2, securityGroupId, network.securityGroupId)
  const { VpcEndpoint } = await ec2.send(
    new sdk.CreateVpcEndpointCommand({
      VpcId: network.vpcId,
      VpcEndpointType: 'Interface',
      ServiceName: `com.amazonaws.${region}.lambda`,
      SubnetIds: [network.subnetId],
      SecurityGroupIds: [securityGroupId],
      PrivateDnsEnabled: true,
    }),
  )
  const id = VpcEndpoint?.VpcEndpointId ?? ''
  const stateOf = async () => {
    const { VpcEndpoints = [] } = await ec2.send(
      new sdk.DescribeVpcEndpointsCommand({ Filters: [{ Name: 'vpc-endpoint-id', Values: [id] }] }),
    )
    return VpcEndpoints[0]?.State?.toLowerCase() ?? 'deleted'
  }
  undos.push(async () => {
    await ec2.send(new sdk.DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }))
    await eventually(async () => (await stateOf()) === 'deleted', READY_MS_MAX)
  })
  await eventually(async () => (await stateOf()) === 'available', READY_MS_MAX)
  return { id, securityGroupId }
}

const HTTPS = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 } as const

async function letIn(ec2: EC2Client, GroupId: string, peerGroupId: string): Promise<void> {
  const IpPermissions = [{ ...HTTPS, UserIdGroupPairs: [{ GroupId: peerGroupId }] }]
  await ec2.send(new sdk.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }))
}

/** The endpoint's security group lets nobody in until it is undone. */
export async function shutEndpoint(ec2: EC2Client, endpoint: LambdaEndpoint, network: PrivateNetwork): Promise<Undo> {
  const GroupId = endpoint.securityGroupId
  const IpPermissions = [{ ...HTTPS, UserIdGroupPairs: [{ GroupId: network.securityGroupId }] }]
  await ec2.send(new sdk.RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }))
  return () => letIn(ec2, GroupId, network.securityGroupId)
}

/** Replaces the endpoint's policy, which allows everything, until it is undone. */
export async function restrictEndpoint(ec2: EC2Client, { id }: LambdaEndpoint, policy: object): Promise<Undo> {
  await ec2.send(new sdk.ModifyVpcEndpointCommand({ VpcEndpointId: id, PolicyDocument: JSON.stringify(policy) }))
  return async () => {
    await ec2.send(new sdk.ModifyVpcEndpointCommand({ VpcEndpointId: id, ResetPolicy: true }))
  }
}

/** A NAT gateway in a public subnet of its own, and a route to it from `subnetIds`. Answers its public address. */
export async function createWayOut(
  ec2: EC2Client,
  { vpcId, subnetIds }: { readonly vpcId: string; readonly subnetIds: readonly string[] },
  undos: Undo[],
): Promise<string> {
  const publicSubnetId = await createSubnet(ec2, vpcId, await freeBlock(ec2, vpcId), undos)
  const { InternetGateway } = await ec2.send(new sdk.CreateInternetGatewayCommand({}))
  const InternetGatewayId = InternetGateway?.InternetGatewayId ?? ''
  undos.push(async () => {
    await ec2.send(new sdk.DeleteInternetGatewayCommand({ InternetGatewayId }))
  })
  await ec2.send(new sdk.AttachInternetGatewayCommand({ InternetGatewayId, VpcId: vpcId }))
  undos.push(async () => {
    await ec2.send(new sdk.DetachInternetGatewayCommand({ InternetGatewayId, VpcId: vpcId }))
  })
  await routeOut(ec2, vpcId, [publicSubnetId], { GatewayId: InternetGatewayId }, undos)
  const { AllocationId = '', PublicIp = '' } = await ec2.send(new sdk.AllocateAddressCommand({ Domain: 'vpc' }))
  undos.push(async () => {
    await ec2.send(new sdk.ReleaseAddressCommand({ AllocationId }))
  })
  const { NatGateway } = await ec2.send(new sdk.CreateNatGatewayCommand({ SubnetId: publicSubnetId, AllocationId }))
  const NatGatewayId = NatGateway?.NatGatewayId ?? ''
  const stateOf = async () => {
    const { NatGateways = [] } = await ec2.send(new sdk.DescribeNatGatewaysCommand({ NatGatewayIds: [NatGatewayId] }))
    return NatGateways[0]?.State
  }
  undos.push(async () => {
    await ec2.send(new sdk.DeleteNatGatewayCommand({ NatGatewayId }))
    await eventually(async () => (await stateOf()) === 'deleted', READY_MS_MAX)
  })
  await eventually(async () => (await stateOf()) === 'available', READY_MS_MAX)
  await routeOut(ec2, vpcId, subnetIds, { NatGatewayId }, undos)
  return PublicIp
}

/** A table with one route, in place of the one these subnets have. */
async function routeOut(
  ec2: EC2Client,
  VpcId: string,
  subnetIds: readonly string[],
  target: { readonly GatewayId: string } | { readonly NatGatewayId: string },
  undos: Undo[],
): Promise<void> {
  const { RouteTable } = await ec2.send(new sdk.CreateRouteTableCommand({ VpcId }))
  const RouteTableId = RouteTable?.RouteTableId ?? ''
  undos.push(async () => {
    await ec2.send(new sdk.DeleteRouteTableCommand({ RouteTableId }))
  })
  await ec2.send(new sdk.CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', ...target }))
  for (const SubnetId of subnetIds) {
    const found = await associationOf(ec2, SubnetId)
    if (found === undefined) {
      const { AssociationId } = await ec2.send(new sdk.AssociateRouteTableCommand({ RouteTableId, SubnetId }))
      undos.push(async () => {
        await ec2.send(new sdk.DisassociateRouteTableCommand({ AssociationId }))
      })
      continue
    }
    const { NewAssociationId } = await ec2.send(
      new sdk.ReplaceRouteTableAssociationCommand({ AssociationId: found.associationId, RouteTableId }),
    )
    undos.push(async () => {
      await ec2.send(
        new sdk.ReplaceRouteTableAssociationCommand({
          AssociationId: NewAssociationId,
          RouteTableId: found.routeTableId,
        }),
      )
    })
  }
}

async function associationOf(ec2: EC2Client, subnetId: string) {
  const { RouteTables = [] } = await ec2.send(
    new sdk.DescribeRouteTablesCommand({ Filters: [{ Name: 'association.subnet-id', Values: [subnetId] }] }),
  )
  const association = RouteTables.flatMap((table) => table.Associations ?? []).find(
    (candidate) => candidate.SubnetId === subnetId,
  )
  return (
    association && {
      associationId: association.RouteTableAssociationId ?? '',
      routeTableId: association.RouteTableId ?? '',
    }
  )
}

/** Whether a subnet has no route that leads out of its VPC: neither its own table nor the VPC's main one. */
export async function isPrivate(ec2: EC2Client, vpcId: string, subnetId: string): Promise<boolean> {
  const { RouteTables = [] } = await ec2.send(
    new sdk.DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }),
  )
  const own = RouteTables.find((table) => table.Associations?.some(({ SubnetId }) => SubnetId === subnetId))
  const table = own ?? RouteTables.find((candidate) => candidate.Associations?.some(({ Main }) => Main))
  return (table?.Routes ?? []).every(({ GatewayId }) => GatewayId === 'local')
}

/** A /28 at the end of the VPC's first block that no subnet overlaps. Throws where there is none. */
async function freeBlock(ec2: EC2Client, vpcId: string): Promise<string> {
  const { Vpcs = [] } = await ec2.send(new sdk.DescribeVpcsCommand({ VpcIds: [vpcId] }))
  const { Subnets = [] } = await ec2.send(
    new sdk.DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }),
  )
  const block = freeCidr(
    Vpcs[0]?.CidrBlock ?? '',
    Subnets.map(({ CidrBlock = '' }) => CidrBlock),
    PUBLIC_BITS,
  )
  if (block === undefined) throw new Error(`${vpcId} has no room for a public subnet of a /${PUBLIC_BITS}`)
  return block
}

function named(ResourceType: ResourceType, Value: string): TagSpecification[] {
  return [{ ResourceType, Tags: [{ Key: 'Name', Value }] }]
}
