/** Route tables, routes, and the gateways they lead to. */
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  type CreateRouteCommandInput,
  CreateRouteTableCommand,
  DeleteInternetGatewayCommand,
  DeleteNatGatewayCommand,
  DeleteNetworkInterfaceCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DescribeAddressesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DetachInternetGatewayCommand,
  DisassociateAddressCommand,
  DisassociateRouteTableCommand,
  EC2Client,
  ReleaseAddressCommand,
  ReplaceRouteCommand,
  ReplaceRouteTableAssociationCommand,
  type RouteTable,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { byVpc, expectRefusal, newGateway, newSubnet, newVpc } from './support.ts'

let cloud: TestCloud
let client: EC2Client

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(EC2Client, 'source')
})
afterAll(() => cloud.close())

async function newTable(VpcId: string): Promise<string> {
  const { RouteTable: table } = await client.send(new CreateRouteTableCommand({ VpcId }))
  return table?.RouteTableId ?? ''
}

async function mainTable(VpcId: string): Promise<RouteTable> {
  const { RouteTables = [] } = await client.send(new DescribeRouteTablesCommand(byVpc(VpcId)))
  const main = RouteTables.find(({ Associations }) => Associations?.some(({ Main }) => Main))
  if (!main) throw new Error('no main table')
  return main
}

async function routesOf(RouteTableId: string) {
  const { RouteTables } = await client.send(new DescribeRouteTablesCommand({ RouteTableIds: [RouteTableId] }))
  return RouteTables?.[0]?.Routes
}

async function natState(id: string) {
  const { NatGateways } = await client.send(new DescribeNatGatewaysCommand({ NatGatewayIds: [id] }))
  return NatGateways?.[0]
}

const until = (id: string, state: string) => expect.poll(async () => (await natState(id))?.State).toBe(state)

const newAddress = async (owner = client) => (await owner.send(new AllocateAddressCommand({}))).AllocationId ?? ''
const release = (AllocationId: string) => client.send(new ReleaseAddressCommand({ AllocationId }))

describe('routing', () => {
  let VpcId: string
  let gatewayId: string
  let SubnetId: string

  beforeAll(async () => {
    VpcId = await newVpc(client)
    gatewayId = await newGateway(client, VpcId)
    SubnetId = await newSubnet(client, VpcId)
  })

  describe('a route table', () => {
    it('is associated with subnets, each of which has one at a time', async () => {
      const [RouteTableId, other] = [await newTable(VpcId), await newTable(VpcId)]
      const associate = (id: string) => client.send(new AssociateRouteTableCommand({ RouteTableId: id, SubnetId }))
      const { AssociationId } = await associate(RouteTableId)
      expect((await associate(RouteTableId)).AssociationId).toBe(AssociationId)
      await expectRefusal(
        associate(other),
        'Resource.AlreadyAssociated',
        `the specified association for route table ${other} conflicts with an existing association`,
      )
      await expectRefusal(
        client.send(new DeleteRouteTableCommand({ RouteTableId })),
        'DependencyViolation',
        `The routeTable '${RouteTableId}' has dependencies and cannot be deleted.`,
      )
      const { NewAssociationId } = await client.send(
        new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId: other }),
      )
      const { RouteTables } = await client.send(
        new DescribeRouteTablesCommand({ Filters: [{ Name: 'association.subnet-id', Values: [SubnetId] }] }),
      )
      expect(RouteTables?.map((table) => table.RouteTableId)).toEqual([other])
      await client.send(new DeleteRouteTableCommand({ RouteTableId }))
      await client.send(new DisassociateRouteTableCommand({ AssociationId: NewAssociationId }))
      await expectRefusal(
        client.send(new DisassociateRouteTableCommand({ AssociationId: NewAssociationId })),
        'InvalidAssociationID.NotFound',
        `The association ID '${NewAssociationId}' does not exist`,
      )
      await client.send(new DeleteRouteTableCommand({ RouteTableId: other }))
    })

    it('can become the main one, of which there is always one', async () => {
      const before = await mainTable(VpcId)
      const AssociationId = before.Associations?.[0]?.RouteTableAssociationId
      await expectRefusal(
        client.send(new DisassociateRouteTableCommand({ AssociationId })),
        'InvalidParameterValue',
        `cannot disassociate the main route table association ${AssociationId}`,
      )
      const next = await newTable(VpcId)
      await client.send(new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId: next }))
      expect((await mainTable(VpcId)).RouteTableId).toBe(next)
      await client.send(new DeleteRouteTableCommand({ RouteTableId: before.RouteTableId }))
    })

    it('answers a repeated request with what the first one made', async () => {
      const request = { VpcId, ClientToken: 'once' }
      const first = await client.send(new CreateRouteTableCommand(request))
      const second = await client.send(new CreateRouteTableCommand(request))
      expect(second.RouteTable?.RouteTableId).toBe(first.RouteTable?.RouteTableId)
      const other = {
        ...request,
        TagSpecifications: [{ ResourceType: 'route-table' as const, Tags: [{ Key: 'a', Value: 'b' }] }],
      }
      await expectRefusal(client.send(new CreateRouteTableCommand(other)), 'IdempotentParameterMismatch', /once/)
    })
  })

  describe('a route', () => {
    const createRoute = (input: Omit<CreateRouteCommandInput, 'RouteTableId'> & { RouteTableId: string }) =>
      client.send(new CreateRouteCommand(input))

    it('leads to a gateway, is replaced, and is deleted', async () => {
      const RouteTableId = await newTable(VpcId)
      const everywhere = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0' }
      await createRoute({ ...everywhere, GatewayId: gatewayId })
      expect(await routesOf(RouteTableId)).toEqual([
        { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', Origin: 'CreateRouteTable', State: 'active' },
        { DestinationCidrBlock: '0.0.0.0/0', GatewayId: gatewayId, Origin: 'CreateRoute', State: 'active' },
      ])
      await expectRefusal(
        createRoute({ ...everywhere, GatewayId: gatewayId }),
        'RouteAlreadyExists',
        'The route identified by 0.0.0.0/0 already exists.',
      )
      const { NetworkInterface } = await client.send(new CreateNetworkInterfaceCommand({ SubnetId }))
      const NetworkInterfaceId = NetworkInterface?.NetworkInterfaceId
      await client.send(new ReplaceRouteCommand({ ...everywhere, NetworkInterfaceId }))
      expect((await routesOf(RouteTableId))?.[1]).toMatchObject({ NetworkInterfaceId, State: 'active' })
      await client.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }))
      expect((await routesOf(RouteTableId))?.[1]).toMatchObject({ NetworkInterfaceId, State: 'blackhole' })
      await client.send(new DeleteRouteCommand(everywhere))
      await expectRefusal(
        client.send(new DeleteRouteCommand(everywhere)),
        'InvalidRoute.NotFound',
        `no route with destination-cidr-block 0.0.0.0/0 in route table ${RouteTableId}`,
      )
      await expectRefusal(
        client.send(new ReplaceRouteCommand({ ...everywhere, GatewayId: gatewayId })),
        'InvalidParameterValue',
        "There is no route defined for '0.0.0.0/0' in the route table. Use CreateRoute instead.",
      )
    })

    it('is refused where it would lead nowhere or out of the VPC’s own block', async () => {
      const RouteTableId = await newTable(VpcId)
      const out = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0' }
      await expectRefusal(
        createRoute({ ...out, GatewayId: 'nat-00000000000000000' }),
        'InvalidGatewayID.NotFound',
        "The gateway ID 'nat-00000000000000000' does not exist",
      )
      await expectRefusal(
        createRoute({ ...out, NatGatewayId: 'nat-00000000000000000' }),
        'InvalidNatGatewayID.NotFound',
        "The natGateway ID 'nat-00000000000000000' does not exist",
      )
      await expectRefusal(createRoute(out), 'InvalidParameterCombination', /exactly one of/)
      await expectRefusal(
        createRoute({ RouteTableId, DestinationCidrBlock: '10.0.0.0/16', GatewayId: gatewayId }),
        'RouteAlreadyExists',
        'The route identified by 10.0.0.0/16 already exists.',
      )
      await expectRefusal(
        createRoute({ RouteTableId, DestinationCidrBlock: '10.0.7.0/24', GatewayId: gatewayId }),
        'InvalidParameterValue',
        "Route destination doesn't match any subnet CIDR blocks.",
      )
      await expectRefusal(
        client.send(new DeleteRouteCommand({ RouteTableId, DestinationCidrBlock: '10.0.0.0/16' })),
        'InvalidParameterValue',
        `cannot remove local route 10.0.0.0/16 in route table ${RouteTableId}`,
      )
      const { InternetGateway } = await client.send(new CreateInternetGatewayCommand({}))
      const loose = InternetGateway?.InternetGatewayId ?? ''
      await expectRefusal(
        createRoute({ ...out, GatewayId: loose }),
        'InvalidParameterValue',
        `route table ${RouteTableId} and network gateway ${loose} belong to different networks`,
      )
      await client.send(new DeleteInternetGatewayCommand({ InternetGatewayId: loose }))
    })
  })

  describe('an internet gateway', () => {
    it('is attached to one VPC, which has one gateway', async () => {
      const { InternetGateways } = await client.send(
        new DescribeInternetGatewaysCommand({ Filters: [{ Name: 'attachment.vpc-id', Values: [VpcId] }] }),
      )
      expect(InternetGateways).toMatchObject([
        { InternetGatewayId: gatewayId, Attachments: [{ VpcId, State: 'available' }] },
      ])
      await expectRefusal(
        client.send(new AttachInternetGatewayCommand({ InternetGatewayId: gatewayId, VpcId })),
        'Resource.AlreadyAssociated',
        `resource ${gatewayId} is already attached to network ${VpcId}`,
      )
      await expectRefusal(
        client.send(new DeleteInternetGatewayCommand({ InternetGatewayId: gatewayId })),
        'DependencyViolation',
        `The internetGateway '${gatewayId}' has dependencies and cannot be deleted.`,
      )
      const { InternetGateway } = await client.send(new CreateInternetGatewayCommand({}))
      const other = InternetGateway?.InternetGatewayId
      await expectRefusal(
        client.send(new AttachInternetGatewayCommand({ InternetGatewayId: other, VpcId })),
        'InvalidParameterValue',
        `Network ${VpcId} already has an internet gateway attached`,
      )
      await expectRefusal(
        client.send(new DetachInternetGatewayCommand({ InternetGatewayId: other, VpcId })),
        'Gateway.NotAttached',
        `resource ${other} is not attached to network ${VpcId}`,
      )
      await client.send(new DeleteInternetGatewayCommand({ InternetGatewayId: other }))
    })
  })

  describe('an elastic IP address', () => {
    it('is of a block that nobody owns, associated, and released', async () => {
      const address = await client.send(new AllocateAddressCommand({ Domain: 'vpc' }))
      expect(address.PublicIp).toMatch(/^198\.51\.100\.\d+$/)
      const AllocationId = address.AllocationId ?? ''
      const { NetworkInterface } = await client.send(new CreateNetworkInterfaceCommand({ SubnetId }))
      const NetworkInterfaceId = NetworkInterface?.NetworkInterfaceId
      const associate = () => client.send(new AssociateAddressCommand({ AllocationId, NetworkInterfaceId }))
      const { AssociationId } = await associate()
      expect((await associate()).AssociationId).toBe(AssociationId)
      const { Addresses } = await client.send(new DescribeAddressesCommand({ AllocationIds: [AllocationId] }))
      expect(Addresses).toMatchObject([
        { AssociationId, NetworkInterfaceId, PrivateIpAddress: NetworkInterface?.PrivateIpAddress },
      ])
      const { NetworkInterfaces } = await client.send(
        new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'association.public-ip', Values: ['198.51.*'] }] }),
      )
      expect(NetworkInterfaces).toMatchObject([{ NetworkInterfaceId, Association: { PublicIp: address.PublicIp } }])
      await expectRefusal(release(AllocationId), 'InvalidIPAddress.InUse', `Address ${address.PublicIp} is in use.`)
      await expectRefusal(
        client.send(new DetachInternetGatewayCommand({ InternetGatewayId: gatewayId, VpcId })),
        'DependencyViolation',
        `Network ${VpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
      )
      await client.send(new DisassociateAddressCommand({ AssociationId }))
      await release(AllocationId)
      await client.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }))
      await expectRefusal(
        release(AllocationId),
        'InvalidAllocationID.NotFound',
        `The allocation ID '${AllocationId}' does not exist`,
      )
    })

    it('moves to another interface only when asked to', async () => {
      const AllocationId = await newAddress()
      const create = async () =>
        (await client.send(new CreateNetworkInterfaceCommand({ SubnetId }))).NetworkInterface?.NetworkInterfaceId
      const [one, two] = [await create(), await create()]
      const { AssociationId } = await client.send(
        new AssociateAddressCommand({ AllocationId, NetworkInterfaceId: one }),
      )
      await expectRefusal(
        client.send(new AssociateAddressCommand({ AllocationId, NetworkInterfaceId: two })),
        'Resource.AlreadyAssociated',
        `resource ${AllocationId} is already associated with associate-id ${AssociationId}`,
      )
      await client.send(
        new AssociateAddressCommand({ AllocationId, NetworkInterfaceId: two, AllowReassociation: true }),
      )
      await client.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: one }))
      await client.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: two }))
      await release(AllocationId)
    })

    it('is one of five in a Region', async () => {
      const elsewhere = cloud.client(EC2Client, 'source', 'eu-north-1')
      for (let index = 0; index < 5; index++) await newAddress(elsewhere)
      await expectRefusal(
        newAddress(elsewhere),
        'AddressLimitExceeded',
        'The maximum number of addresses has been reached.',
      )
    })
  })

  describe('a NAT gateway', () => {
    it('is pending, then available with an interface and an address, then deleted', async () => {
      const AllocationId = await newAddress()
      const { NatGateway } = await client.send(new CreateNatGatewayCommand({ SubnetId, AllocationId }))
      const id = NatGateway?.NatGatewayId ?? ''
      expect(NatGateway).toMatchObject({ State: 'pending', ConnectivityType: 'public', SubnetId, VpcId })
      await until(id, 'available')
      const RouteTableId = await newTable(VpcId)
      await client.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: id }))
      const held = (await natState(id))?.NatGatewayAddresses?.[0]
      expect(held).toMatchObject({ AllocationId, PublicIp: expect.stringMatching(/^198\.51\.100\./) })
      const ofGateway = { NetworkInterfaceIds: [held?.NetworkInterfaceId ?? ''] }
      const { NetworkInterfaces } = await client.send(new DescribeNetworkInterfacesCommand(ofGateway))
      expect(NetworkInterfaces).toMatchObject([
        {
          InterfaceType: 'nat_gateway',
          Description: `Interface for NAT Gateway ${id}`,
          RequesterManaged: true,
          SourceDestCheck: false,
          Status: 'in-use',
          Groups: [],
          Association: { PublicIp: held?.PublicIp },
        },
      ])
      await expectRefusal(
        release(AllocationId),
        'AuthFailure',
        'You do not have permission to access the specified resource.',
      )
      await client.send(new DeleteNatGatewayCommand({ NatGatewayId: id }))
      await until(id, 'deleted')
      expect((await routesOf(RouteTableId))?.[1]).toMatchObject({ NatGatewayId: id, State: 'blackhole' })
      await release(AllocationId)
    })

    it('needs no address when it is private', async () => {
      const { NatGateway } = await client.send(
        new CreateNatGatewayCommand({ SubnetId, ConnectivityType: 'private', PrivateIpAddress: '10.0.1.77' }),
      )
      const id = NatGateway?.NatGatewayId ?? ''
      await until(id, 'available')
      expect((await natState(id))?.NatGatewayAddresses).toMatchObject([{ PrivateIp: '10.0.1.77' }])
      await client.send(new DeleteNatGatewayCommand({ NatGatewayId: id }))
    })

    it('fails where the VPC has no internet gateway', async () => {
      const shut = await newVpc(client, '10.8.0.0/16')
      const subnet = await newSubnet(client, shut, '10.8.0.0/24')
      const AllocationId = await newAddress()
      const { NatGateway } = await client.send(new CreateNatGatewayCommand({ SubnetId: subnet, AllocationId }))
      const id = NatGateway?.NatGatewayId ?? ''
      await until(id, 'failed')
      expect(await natState(id)).toMatchObject({
        FailureCode: 'Gateway.NotAttached',
        FailureMessage: `Network ${shut} has no Internet gateway attached`,
      })
      await release(AllocationId)
    })

    it('is refused in AWS’s words', async () => {
      await expectRefusal(
        client.send(new CreateNatGatewayCommand({ SubnetId: 'public-1a', ConnectivityType: 'private' })),
        'InvalidSubnet',
        "The subnet ID 'public-1a' is malformed",
      )
      await expectRefusal(
        client.send(new CreateNatGatewayCommand({ SubnetId })),
        'MissingParameter',
        'The request must contain the parameter AllocationId',
      )
      await expectRefusal(
        client.send(new DescribeNatGatewaysCommand({ NatGatewayIds: ['nat-00000000000000000'] })),
        'NatGatewayNotFound',
        'NAT gateway nat-00000000000000000 was not found',
      )
    })

    it('is one of five in a zone', async () => {
      const wide = await newSubnet(client, VpcId, '10.0.64.0/24')
      const create = () => client.send(new CreateNatGatewayCommand({ SubnetId: wide, ConnectivityType: 'private' }))
      for (let index = 0; index < 5; index++) await create()
      await expectRefusal(
        create(),
        'NatGatewayLimitExceeded',
        'Performing this operation would exceed the limit of 5 NAT gateways',
      )
    })
  })
})
