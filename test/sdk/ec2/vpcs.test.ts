/** VPCs: what is made with one, what keeps it from being deleted, and how it is found. */
import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { expectRefusal, newSubnet, newVpc } from './support.ts'

let cloud: TestCloud
let client: EC2Client

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(EC2Client, 'source')
})
afterAll(() => cloud.close())

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

  it('is of one account and one Region', async () => {
    const VpcId = await newVpc(client)
    for (const other of [cloud.client(EC2Client, 'target'), cloud.client(EC2Client, 'source', 'eu-west-1')]) {
      await expectRefusal(
        other.send(new DescribeVpcsCommand({ VpcIds: [VpcId] })),
        'InvalidVpcID.NotFound',
        /not exist/,
      )
    }
    await client.send(new DeleteVpcCommand({ VpcId }))
  })

  it('is not deleted before its subnets', async () => {
    const VpcId = await newVpc(client)
    const SubnetId = await newSubnet(client, VpcId)
    await expectRefusal(
      client.send(new DeleteVpcCommand({ VpcId })),
      'DependencyViolation',
      `The vpc '${VpcId}' has dependencies and cannot be deleted.`,
    )
    await client.send(new DeleteSubnetCommand({ SubnetId }))
    await client.send(new DeleteVpcCommand({ VpcId }))
  })
})

describe('a subnet', () => {
  it('has all addresses of its block but five', async () => {
    const VpcId = await newVpc(client)
    await client.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.5.0/28' }))
    const { Subnets } = await client.send(
      new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }),
    )
    expect(Subnets).toMatchObject([{ CidrBlock: '10.0.5.0/28', AvailableIpAddressCount: 11 }])
  })
})
