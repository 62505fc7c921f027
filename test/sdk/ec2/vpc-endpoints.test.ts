/** VPC endpoints: the two types, their interfaces, routes and names, and what AWS refuses. */
import {
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcEndpointCommand,
  DeleteVpcCommand,
  DeleteVpcEndpointsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeVpcEndpointServicesCommand,
  DescribeVpcEndpointsCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
  ModifyVpcEndpointCommand,
  type CreateVpcEndpointCommandInput,
  type VpcEndpoint,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { systemClock, type Clock } from '../../../src/core/clock.ts'
import { startCloud, type TestCloud } from '../cloud.ts'
import { setQuota } from '../service-quotas/support.ts'
import { expectRefusal, newSubnet, newVpc } from './support.ts'

/** What it takes to look at the clock: much, on a very slow machine. */
let lookMs = 0
let aheadMs = 0
const clock: Clock = { ...systemClock, now: () => systemClock.now() + (aheadMs += lookMs) }
let cloud: TestCloud
let client: EC2Client

beforeAll(async () => {
  cloud = await startCloud({ clock })
  client = cloud.client(EC2Client, 'source')
  await setQuota(cloud, 'vpc', 'L-F678F1CE', 20)
  await setQuota(cloud, 'ec2', 'ec2-api-vpc-endpoint-bucket', 100)
})
afterAll(() => cloud.close())

const LAMBDA = 'com.amazonaws.us-east-1.lambda'

async function create(input: Omit<CreateVpcEndpointCommandInput, 'ServiceName'> & { ServiceName?: string }) {
  const { VpcEndpoint: made } = await client.send(new CreateVpcEndpointCommand({ ServiceName: LAMBDA, ...input }))
  return made ?? {}
}

async function describeOne(id: string | undefined): Promise<VpcEndpoint> {
  const { VpcEndpoints = [] } = await client.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [id ?? ''] }))
  return VpcEndpoints[0] ?? {}
}

describe('an interface endpoint', () => {
  it('has an interface in each of its subnets, requested and attached by AWS', async () => {
    const VpcId = await newVpc(client)
    const SubnetIds = [await newSubnet(client, VpcId)]
    const made = await create({ VpcId, SubnetIds, VpcEndpointType: 'Interface', PrivateDnsEnabled: false })
    expect(made).toMatchObject({ State: 'pending', ServiceName: LAMBDA, SubnetIds, OwnerId: '111122223333' })
    const { NetworkInterfaces } = await client.send(
      new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: made.NetworkInterfaceIds }),
    )
    expect(NetworkInterfaces).toMatchObject([
      {
        Description: `VPC Endpoint Interface ${made.VpcEndpointId}`,
        InterfaceType: 'vpc_endpoint',
        RequesterManaged: true,
        Status: 'in-use',
        Attachment: { InstanceOwnerId: 'amazon-aws' },
        Groups: [{ GroupName: 'default' }],
      },
    ])
    await expect.poll(async () => (await describeOne(made.VpcEndpointId)).State).toBe('available')
    await expectRefusal(client.send(new DeleteVpcCommand({ VpcId })), 'DependencyViolation', /has dependencies/)
    await client.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [made.VpcEndpointId ?? ''] }))
    await expectRefusal(
      client.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [made.VpcEndpointId ?? ''] })),
      'InvalidVpcEndpointId.NotFound',
      `The Vpc Endpoint Id '${made.VpcEndpointId}' does not exist`,
    )
  })

  it('is pending when it is answered, however long it took to make', async () => {
    const VpcId = await newVpc(client)
    const SubnetIds = [await newSubnet(client, VpcId)]
    lookMs = 60
    const made = await create({ VpcId, SubnetIds, VpcEndpointType: 'Interface', PrivateDnsEnabled: false })
    lookMs = 0
    expect(made.State).toBe('pending')
    await client.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [made.VpcEndpointId ?? ''] }))
  })

  it('has names of its own, and takes the name of the service in a VPC that resolves names', async () => {
    const VpcId = await newVpc(client)
    const SubnetIds = [await newSubnet(client, VpcId)]
    const withPrivateDns = { VpcId, SubnetIds, VpcEndpointType: 'Interface' } as const
    await expectRefusal(
      create(withPrivateDns),
      'InvalidParameter',
      `Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ${VpcId}`,
    )
    await client.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }))
    const { VpcEndpointId = '' } = await create(withPrivateDns)
    const { DnsEntries = [], PrivateDnsEnabled } = await describeOne(VpcEndpointId)
    expect(PrivateDnsEnabled).toBe(true)
    expect(DnsEntries.map(({ DnsName }) => DnsName)).toEqual([
      expect.stringMatching(new RegExp(`^${VpcEndpointId}-[0-9a-f]{8}.lambda.us-east-1.vpce.amazonaws.com$`)),
      expect.stringMatching(
        new RegExp(`^${VpcEndpointId}-[0-9a-f]{8}-us-east-1a.lambda.us-east-1.vpce.amazonaws.com$`),
      ),
      'lambda.us-east-1.amazonaws.com',
    ])
    await expectRefusal(
      create(withPrivateDns),
      'InvalidParameter',
      `private-dns-enabled cannot be set because there is already a conflicting DNS domain for lambda.us-east-1.amazonaws.com in the VPC ${VpcId}`,
    )
  })

  it('is in one subnet of a zone, and changes its subnets and security groups', async () => {
    const VpcId = await newVpc(client)
    const first = await newSubnet(client, VpcId)
    const sameZone = await newSubnet(client, VpcId, '10.0.2.0/24')
    const { Subnet } = await client.send(
      new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.3.0/24', AvailabilityZone: 'us-east-1b' }),
    )
    const second = Subnet?.SubnetId ?? ''
    const settings = { VpcId, VpcEndpointType: 'Interface', PrivateDnsEnabled: false } as const
    const message = `Found another VPC endpoint subnet in the availability zone of ${sameZone}. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service.`
    await expectRefusal(create({ ...settings, SubnetIds: [first, sameZone] }), 'DuplicateSubnetsInSameZone', message)
    const { VpcEndpointId = '', Groups = [] } = await create({ ...settings, SubnetIds: [first] })
    const { GroupId = '' } = await client.send(
      new CreateSecurityGroupCommand({ VpcId, GroupName: 'to-lambda', Description: 'to Lambda' }),
    )
    const modify = (changes: object) => client.send(new ModifyVpcEndpointCommand({ VpcEndpointId, ...changes }))
    await expectRefusal(modify({ AddSubnetIds: [sameZone] }), 'DuplicateSubnetsInSameZone', message)
    await modify({ AddSubnetIds: [second], AddSecurityGroupIds: [GroupId] })
    await modify({ RemoveSubnetIds: [first], RemoveSecurityGroupIds: [Groups[0]?.GroupId] })
    const changed = await describeOne(VpcEndpointId)
    expect(changed).toMatchObject({ SubnetIds: [second], Groups: [{ GroupId, GroupName: 'to-lambda' }] })
    const { NetworkInterfaces } = await client.send(
      new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }),
    )
    expect(NetworkInterfaces).toMatchObject([{ SubnetId: second, Groups: [{ GroupId }] }])
  })

  it('leaves nothing behind where a subnet has no address for it', async () => {
    const VpcId = await newVpc(client)
    const free = await newSubnet(client, VpcId)
    const { Subnet } = await client.send(
      new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.9.0/28', AvailabilityZone: 'us-east-1b' }),
    )
    const full = Subnet?.SubnetId ?? ''
    const settings = { VpcId, VpcEndpointType: 'Interface', PrivateDnsEnabled: false } as const
    for (let endpoint = 0; endpoint < 11; endpoint++) await create({ ...settings, SubnetIds: [full] })
    await expectRefusal(
      create({ ...settings, SubnetIds: [free, full] }),
      'InsufficientFreeAddressesInSubnet',
      /does not have enough free addresses/,
    )
    const { NetworkInterfaces } = await client.send(
      new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'subnet-id', Values: [free] }] }),
    )
    expect(NetworkInterfaces).toEqual([])
  })
})

describe('a gateway endpoint', () => {
  const S3 = 'com.amazonaws.us-east-1.s3'

  it('is a route to the addresses of its service in the tables it is given', async () => {
    const VpcId = await newVpc(client)
    const newTable = async () => {
      const { RouteTable } = await client.send(new CreateRouteTableCommand({ VpcId }))
      return RouteTable?.RouteTableId ?? ''
    }
    const [first, second] = [await newTable(), await newTable()]
    const { VpcEndpointId = '', ...made } = await create({ VpcId, ServiceName: S3, RouteTableIds: [first] })
    expect(made).toMatchObject({ State: 'available', VpcEndpointType: 'Gateway', RouteTableIds: [first] })
    const routesOf = async (table: string) => {
      const { RouteTables } = await client.send(new DescribeRouteTablesCommand({ RouteTableIds: [table] }))
      return RouteTables?.[0]?.Routes?.slice(1)
    }
    const route = { GatewayId: VpcEndpointId, DestinationPrefixListId: expect.stringMatching(/^pl-/), State: 'active' }
    expect(await routesOf(first)).toMatchObject([route])
    await expectRefusal(
      create({ VpcId, ServiceName: S3, RouteTableIds: [first] }),
      'RouteAlreadyExists',
      new RegExp(`^route table ${first} already has a route with destination-prefix-list-id pl-[0-9a-f]{8}$`),
    )
    await client.send(
      new ModifyVpcEndpointCommand({ VpcEndpointId, AddRouteTableIds: [second], RemoveRouteTableIds: [first] }),
    )
    expect(await routesOf(first)).toEqual([])
    expect(await routesOf(second)).toMatchObject([route])
    await client.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpointId] }))
    expect(await routesOf(second)).toEqual([])
  })

  it('takes no name and is made of routes alone', async () => {
    const VpcId = await newVpc(client)
    await expectRefusal(
      create({ VpcId, ServiceName: S3, PrivateDnsEnabled: true }),
      'InvalidParameter',
      `Private DNS can't be enabled because the service ${S3} does not provide a private DNS name.`,
    )
    await expectRefusal(
      create({ VpcId, ServiceName: S3, SubnetIds: [await newSubnet(client, VpcId)] }),
      'InvalidParameter',
      'The parameter SubnetIds is not supported by Gateway endpoints.',
    )
  })
})

describe('the policy of an endpoint', () => {
  it('allows everything until another is given', async () => {
    const VpcId = await newVpc(client)
    const { VpcEndpointId = '', PolicyDocument } = await create({
      VpcId,
      VpcEndpointType: 'Interface',
      PrivateDnsEnabled: false,
    })
    const everything = { Statement: [{ Action: '*', Effect: 'Allow', Principal: '*', Resource: '*' }] }
    expect(JSON.parse(PolicyDocument ?? '')).toEqual(everything)
    const narrow = JSON.stringify({
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 'lambda:InvokeFunction', Resource: '*' }],
    })
    const modify = (changes: object) => client.send(new ModifyVpcEndpointCommand({ VpcEndpointId, ...changes }))
    await modify({ PolicyDocument: narrow })
    expect((await describeOne(VpcEndpointId)).PolicyDocument).toBe(narrow)
    await expectRefusal(modify({ PolicyDocument: '{' }), 'InvalidPolicyDocument', /^The Policy Document is not valid\./)
    await modify({ ResetPolicy: true })
    expect(JSON.parse((await describeOne(VpcEndpointId)).PolicyDocument ?? '')).toEqual(everything)
  })
})

describe('the services endpoints lead to', () => {
  it('are those of the cloud, each with its type and its name in a VPC', async () => {
    const { ServiceNames = [], ServiceDetails = [] } = await client.send(new DescribeVpcEndpointServicesCommand({}))
    expect(ServiceNames).toEqual(expect.arrayContaining(['com.amazonaws.iam', LAMBDA, 'com.amazonaws.us-east-1.sts']))
    expect(ServiceDetails.find(({ ServiceName }) => ServiceName === LAMBDA)).toMatchObject({
      ServiceType: [{ ServiceType: 'Interface' }],
      PrivateDnsName: 'lambda.us-east-1.amazonaws.com',
      Owner: 'amazon',
    })
    const { ServiceNames: gateways } = await client.send(
      new DescribeVpcEndpointServicesCommand({ Filters: [{ Name: 'service-type', Values: ['Gateway'] }] }),
    )
    expect(gateways).toEqual(['com.amazonaws.us-east-1.dynamodb', 'com.amazonaws.us-east-1.s3'])
  })

  it('do not have IAM and Organizations outside Northern Virginia', async () => {
    const elsewhere = cloud.client(EC2Client, 'source', 'eu-west-1')
    const { ServiceNames } = await elsewhere.send(new DescribeVpcEndpointServicesCommand({}))
    expect(ServiceNames).toContain('com.amazonaws.eu-west-1.lambda')
    expect(ServiceNames).not.toContain('com.amazonaws.iam')
    expect(ServiceNames).not.toContain('com.amazonaws.eu-west-1.organizations')
  })

  it('are asked for by their name and type', async () => {
    const VpcId = await newVpc(client)
    const missing = 'com.amazonaws.us-east-1.nothing'
    await expectRefusal(
      create({ VpcId, ServiceName: missing }),
      'InvalidServiceName',
      `The Vpc Endpoint Service '${missing}' does not exist`,
    )
    await expectRefusal(
      create({ VpcId }),
      'InvalidParameter',
      'Endpoint type (Gateway) does not match available service types ([Interface]).',
    )
  })
})

it('tells which endpoints it could not delete', async () => {
  const { Unsuccessful } = await client.send(
    new DeleteVpcEndpointsCommand({ VpcEndpointIds: ['vpce-00000000000000000'] }),
  )
  expect(Unsuccessful).toMatchObject([
    { ResourceId: 'vpce-00000000000000000', Error: { Code: 'InvalidVpcEndpoint.NotFound' } },
  ])
})
