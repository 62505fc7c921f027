/** VPCs and subnets: what is made with one, what keeps it from being deleted, and what its blocks may be. */
import {
  AssociateVpcCidrBlockCommand,
  CreateDefaultSubnetCommand,
  CreateDefaultVpcCommand,
  CreateSubnetCommand,
  type CreateSubnetCommandInput,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  DisassociateVpcCidrBlockCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { byVpc, expectRefusal, newSubnet, newVpc } from './support.ts'

let cloud: TestCloud
let client: EC2Client

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(EC2Client, 'source')
})
afterAll(() => cloud.close())

/** Runs in a VPC of its own, which is gone afterwards. */
async function inVpc(action: (vpcId: string) => Promise<void>): Promise<void> {
  const VpcId = await newVpc(client)
  await action(VpcId)
  const { Subnets = [] } = await client.send(new DescribeSubnetsCommand(byVpc(VpcId)))
  for (const { SubnetId } of Subnets) await client.send(new DeleteSubnetCommand({ SubnetId }))
  await client.send(new DeleteVpcCommand({ VpcId }))
}

describe('a VPC', () => {
  it('is created, described and deleted', async () => {
    const { Vpc } = await client.send(
      new CreateVpcCommand({
        CidrBlock: '10.0.0.9/16',
        TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'first' }] }],
      }),
    )
    expect(Vpc).toMatchObject({ CidrBlock: '10.0.0.0/16', State: 'pending', OwnerId: '111122223333', IsDefault: false })
    const VpcId = Vpc?.VpcId ?? ''
    expect(VpcId).toMatch(/^vpc-0[0-9a-f]{16}$/)
    const { Vpcs } = await client.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }))
    expect(Vpcs).toMatchObject([{ VpcId, State: 'available', Tags: [{ Key: 'Name', Value: 'first' }] }])
    await client.send(new DeleteVpcCommand({ VpcId }))
    await expectRefusal(
      client.send(new DescribeVpcsCommand({ VpcIds: [VpcId] })),
      'InvalidVpcID.NotFound',
      `The vpc ID '${VpcId}' does not exist`,
    )
  })

  it('is of one account and one Region', () =>
    inVpc(async (VpcId) => {
      for (const other of [cloud.client(EC2Client, 'target'), cloud.client(EC2Client, 'source', 'eu-west-1')]) {
        const sought = other.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }))
        await expectRefusal(sought, 'InvalidVpcID.NotFound', /not exist/)
      }
    }))

  it('is made with a main route table, a default network ACL and a default security group', () =>
    inVpc(async (VpcId) => {
      const { RouteTables } = await client.send(new DescribeRouteTablesCommand(byVpc(VpcId)))
      expect(RouteTables).toMatchObject([
        {
          Associations: [{ Main: true }],
          Routes: [{ DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', State: 'active' }],
        },
      ])
      const { NetworkAcls } = await client.send(new DescribeNetworkAclsCommand(byVpc(VpcId)))
      expect(NetworkAcls?.map(({ IsDefault }) => IsDefault)).toEqual([true])
      expect(
        NetworkAcls?.[0]?.Entries?.map(({ Egress, RuleAction, RuleNumber }) => [Egress, RuleNumber, RuleAction]),
      ).toEqual([
        [true, 100, 'allow'],
        [true, 32767, 'deny'],
        [false, 100, 'allow'],
        [false, 32767, 'deny'],
      ])
      const { SecurityGroups } = await client.send(new DescribeSecurityGroupsCommand(byVpc(VpcId)))
      expect(SecurityGroups).toMatchObject([
        {
          GroupName: 'default',
          Description: 'default VPC security group',
          IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: SecurityGroups?.[0]?.GroupId }] }],
          IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
        },
      ])
    }))

  it('is not deleted before its subnets', () =>
    inVpc(async (VpcId) => {
      await newSubnet(client, VpcId)
      await expectRefusal(
        client.send(new DeleteVpcCommand({ VpcId })),
        'DependencyViolation',
        `The vpc '${VpcId}' has dependencies and cannot be deleted.`,
      )
    }))

  it.each([
    ['10.0.0.0/15', 'InvalidVpc.Range', "The CIDR '10.0.0.0/15' is invalid."],
    ['10.0.0.0/29', 'InvalidVpc.Range', "The CIDR '10.0.0.0/29' is invalid."],
    ['ten', 'InvalidParameterValue', 'Value (ten) for parameter cidrBlock is invalid. This is not a valid CIDR block.'],
    [undefined, 'MissingParameter', 'The request must contain the parameter cidrBlock'],
  ])('has no block `%s`', (CidrBlock, name, message) =>
    expectRefusal(client.send(new CreateVpcCommand({ CidrBlock })), name, message),
  )

  it('is one of five in a Region, the default one among them', async () => {
    const elsewhere = cloud.client(EC2Client, 'source', 'eu-west-3')
    for (let index = 0; index < 4; index++) await newVpc(elsewhere)
    await expectRefusal(newVpc(elsewhere), 'VpcLimitExceeded', 'The maximum number of VPCs has been reached.')
  })

  it('has its DNS attributes changed one at a time', () =>
    inVpc(async (VpcId) => {
      const read = async (Attribute: 'enableDnsHostnames' | 'enableDnsSupport') => {
        const answer = await client.send(new DescribeVpcAttributeCommand({ VpcId, Attribute }))
        return (answer.EnableDnsHostnames ?? answer.EnableDnsSupport)?.Value
      }
      expect([await read('enableDnsHostnames'), await read('enableDnsSupport')]).toEqual([false, true])
      await client.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }))
      await client.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsSupport: { Value: false } }))
      expect([await read('enableDnsHostnames'), await read('enableDnsSupport')]).toEqual([true, false])
      const both = { EnableDnsHostnames: { Value: true }, EnableDnsSupport: { Value: true } }
      await expectRefusal(
        client.send(new ModifyVpcAttributeCommand({ VpcId, ...both })),
        'InvalidParameterCombination',
        'Fields for multiple attribute types specified',
      )
    }))
})

describe('a further block of a VPC', () => {
  const associate = (VpcId: string, CidrBlock: string) =>
    client.send(new AssociateVpcCidrBlockCommand({ VpcId, CidrBlock }))

  it('is associated, has subnets, and is disassociated when they are gone', () =>
    inVpc(async (VpcId) => {
      const { CidrBlockAssociation } = await associate(VpcId, '10.1.0.0/16')
      const AssociationId = CidrBlockAssociation?.AssociationId ?? ''
      const SubnetId = await newSubnet(client, VpcId, '10.1.7.0/24')
      await expectRefusal(
        client.send(new DisassociateVpcCidrBlockCommand({ AssociationId })),
        'InvalidCidrBlock.InUse',
        /has subnets/,
      )
      await client.send(new DeleteSubnetCommand({ SubnetId }))
      await client.send(new DisassociateVpcCidrBlockCommand({ AssociationId }))
      const { Vpcs } = await client.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }))
      expect(Vpcs?.[0]?.CidrBlockAssociationSet?.map(({ CidrBlock }) => CidrBlock)).toEqual(['10.0.0.0/16'])
    }))

  it('is not of another private range, and not one that is there', () =>
    inVpc(async (VpcId) => {
      await expectRefusal(associate(VpcId, '192.168.0.0/16'), 'InvalidVpc.Range', /is restricted/)
      await expectRefusal(associate(VpcId, '10.0.128.0/20'), 'InvalidVpc.Range', /conflicts/)
    }))

  it('is one of five', () =>
    inVpc(async (VpcId) => {
      for (let block = 1; block < 5; block++) await associate(VpcId, `10.${block}.0.0/16`)
      await expectRefusal(
        associate(VpcId, '10.5.0.0/16'),
        'CidrLimitExceeded',
        `This network '${VpcId}' has met its maximum number of allowed CIDRs: 5`,
      )
    }))

  it('is never the primary one', () =>
    inVpc(async (VpcId) => {
      const { Vpcs } = await client.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }))
      const AssociationId = Vpcs?.[0]?.CidrBlockAssociationSet?.[0]?.AssociationId
      await expectRefusal(
        client.send(new DisassociateVpcCidrBlockCommand({ AssociationId })),
        'OperationNotPermitted',
        `The vpc CIDR block with association ID ${AssociationId} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
      )
    }))
})

describe('a subnet', () => {
  const create = (input: Partial<CreateSubnetCommandInput> & { VpcId: string }) =>
    client.send(new CreateSubnetCommand({ CidrBlock: '10.0.1.0/24', ...input }))

  it('has all addresses of its block but five', () =>
    inVpc(async (VpcId) => {
      await create({ VpcId, CidrBlock: '10.0.5.0/28' })
      const { Subnets } = await client.send(new DescribeSubnetsCommand(byVpc(VpcId)))
      expect(Subnets).toMatchObject([{ CidrBlock: '10.0.5.0/28', AvailableIpAddressCount: 11 }])
    }))

  it('lies within its VPC and beside its siblings', () =>
    inVpc(async (VpcId) => {
      await create({ VpcId })
      await expectRefusal(
        create({ VpcId, CidrBlock: '10.0.1.128/25' }),
        'InvalidSubnet.Conflict',
        "The CIDR '10.0.1.128/25' conflicts with another subnet",
      )
      await expectRefusal(
        create({ VpcId, CidrBlock: '10.1.0.0/24' }),
        'InvalidSubnet.Range',
        "The CIDR '10.1.0.0/24' is invalid.",
      )
      await expectRefusal(
        create({ VpcId, CidrBlock: '10.0.9.0/29' }),
        'InvalidSubnet.Range',
        "The CIDR '10.0.9.0/29' is invalid.",
      )
    }))

  it('is in the zone that the request names', () =>
    inVpc(async (VpcId) => {
      const { Subnet } = await create({ VpcId, AvailabilityZoneId: 'use1-az3' })
      expect(Subnet).toMatchObject({ AvailabilityZone: 'us-east-1c', AvailabilityZoneId: 'use1-az3' })
      await expectRefusal(
        create({ VpcId, CidrBlock: '10.0.2.0/24', AvailabilityZone: 'us-east-1z' }),
        'InvalidParameterValue',
        'Value (us-east-1z) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: us-east-1a, us-east-1b, us-east-1c, us-east-1d, us-east-1e, us-east-1f.',
      )
    }))

  it('can give its instances public addresses', () =>
    inVpc(async (VpcId) => {
      const SubnetId = await newSubnet(client, VpcId)
      await client.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: true } }))
      const { Subnets } = await client.send(new DescribeSubnetsCommand({ SubnetIds: [SubnetId] }))
      expect(Subnets).toMatchObject([{ MapPublicIpOnLaunch: true }])
    }))

  it('is refused where the parameter is not honoured, by its name', () =>
    inVpc(async (VpcId) => {
      await expectRefusal(
        create({ VpcId, Ipv6Native: true }),
        'NotImplemented',
        /the parameter Ipv6Native of CreateSubnet/,
      )
    }))

  it('is not of a VPC of another account', async () => {
    const theirs = await newVpc(cloud.client(EC2Client, 'target'))
    await expectRefusal(create({ VpcId: theirs }), 'InvalidVpcID.NotFound', `The vpc ID '${theirs}' does not exist`)
  })
})

describe('the default VPC', () => {
  it('is there from the start, with a public subnet in every zone', async () => {
    const { Vpcs } = await client.send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }))
    const VpcId = Vpcs?.[0]?.VpcId ?? ''
    expect(Vpcs).toMatchObject([{ CidrBlock: '172.31.0.0/16', IsDefault: true }])
    const { Subnets } = await client.send(new DescribeSubnetsCommand(byVpc(VpcId)))
    expect(Subnets?.map(({ CidrBlock }) => CidrBlock).sort()).toEqual(
      ['0', '16', '32', '48', '64', '80'].map((third) => `172.31.${third}.0/20`).sort(),
    )
    expect(Subnets?.every(({ DefaultForAz, MapPublicIpOnLaunch }) => DefaultForAz && MapPublicIpOnLaunch)).toBe(true)
    const { RouteTables } = await client.send(new DescribeRouteTablesCommand(byVpc(VpcId)))
    expect(RouteTables?.[0]?.Routes?.at(-1)).toMatchObject({ DestinationCidrBlock: '0.0.0.0/0', State: 'active' })
    await expectRefusal(
      client.send(new CreateDefaultVpcCommand({})),
      'DefaultVpcAlreadyExists',
      'A Default VPC already exists for this account in this region.',
    )
    await expectRefusal(
      client.send(new CreateDefaultSubnetCommand({ AvailabilityZone: 'us-east-1a' })),
      'DefaultSubnetAlreadyExistsInAvailabilityZone',
      /is already the default subnet in us-east-1a/,
    )
  })

  it('does not come back by itself when it is deleted', async () => {
    const elsewhere = cloud.client(EC2Client, 'source', 'ap-southeast-2')
    const { Vpcs } = await elsewhere.send(new DescribeVpcsCommand({}))
    const VpcId = Vpcs?.[0]?.VpcId ?? ''
    const { Subnets = [] } = await elsewhere.send(new DescribeSubnetsCommand({}))
    for (const { SubnetId } of Subnets) await elsewhere.send(new DeleteSubnetCommand({ SubnetId }))
    const { InternetGateways } = await elsewhere.send(new DescribeInternetGatewaysCommand({}))
    const InternetGatewayId = InternetGateways?.[0]?.InternetGatewayId
    await elsewhere.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId }))
    await elsewhere.send(new DeleteVpcCommand({ VpcId }))
    expect((await elsewhere.send(new DescribeVpcsCommand({}))).Vpcs).toEqual([])
    await elsewhere.send(new CreateDefaultVpcCommand({}))
    expect((await elsewhere.send(new DescribeSubnetsCommand({}))).Subnets).toHaveLength(3)
  })
})
