/** Network interfaces. */
import {
  CreateNetworkInterfaceCommand,
  type CreateNetworkInterfaceCommandInput,
  CreateSecurityGroupCommand,
  DeleteNetworkInterfaceCommand,
  DeleteSubnetCommand,
  DescribeNetworkInterfaceAttributeCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  ModifyVpcAttributeCommand,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { expectRefusal, newSubnet, newVpc } from './support.ts'

let cloud: TestCloud
let client: EC2Client
let VpcId: string
let SubnetId: string

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(EC2Client, 'source')
  VpcId = await newVpc(client)
  SubnetId = await newSubnet(client, VpcId)
})
afterAll(() => cloud.close())

const create = async (input: Partial<CreateNetworkInterfaceCommandInput> = {}) => {
  const { NetworkInterface } = await client.send(new CreateNetworkInterfaceCommand({ SubnetId, ...input }))
  return NetworkInterface
}
const remove = (NetworkInterfaceId: string | undefined) =>
  client.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }))
const newGroup = async (GroupName: string, vpcId = VpcId) =>
  (await client.send(new CreateSecurityGroupCommand({ GroupName, Description: 'test', VpcId: vpcId }))).GroupId ?? ''

describe('a network interface', () => {
  it('has an address of its subnet, a group of its VPC, and the words AWS has for it', async () => {
    const created = await create({ Description: 'mine' })
    expect(created?.Status).toBe('pending')
    const id = created?.NetworkInterfaceId ?? ''
    const { NetworkInterfaces } = await client.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }))
    expect(NetworkInterfaces).toMatchObject([
      {
        NetworkInterfaceId: id,
        AvailabilityZone: 'us-east-1a',
        Description: 'mine',
        Groups: [{ GroupName: 'default' }],
        InterfaceType: 'interface',
        MacAddress: expect.stringMatching(/^02(:[0-9a-f]{2}){5}$/),
        OwnerId: '111122223333',
        PrivateIpAddress: '10.0.1.4',
        PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: '10.0.1.4' }],
        RequesterId: expect.stringMatching(/^AIDA/),
        RequesterManaged: false,
        SourceDestCheck: true,
        Status: 'available',
        SubnetId,
        TagSet: [],
        VpcId,
      },
    ])
    expect(NetworkInterfaces?.[0]?.Attachment).toBeUndefined()
    await remove(id)
    await expectRefusal(
      remove(id),
      'InvalidNetworkInterfaceID.NotFound',
      `The networkInterface ID '${id}' does not exist`,
    )
  })

  it('has a name where the VPC gives names', async () => {
    await client.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }))
    const created = await create({ PrivateIpAddress: '10.0.1.20' })
    expect(created?.PrivateDnsName).toBe('ip-10-0-1-20.ec2.internal')
    await remove(created?.NetworkInterfaceId)
  })

  it('has the address that is asked for, if that is free', async () => {
    const created = await create({ PrivateIpAddress: '10.0.1.9' })
    const refused = (address: string, name: string, message: string) =>
      expectRefusal(create({ PrivateIpAddress: address }), name, message)
    await refused('10.0.1.9', 'InvalidIPAddress.InUse', 'Address 10.0.1.9 is in use.')
    const outside = "Address does not fall within the subnet's address range"
    await refused('10.0.2.9', 'InvalidParameterValue', outside)
    for (const reserved of ['10.0.1.0', '10.0.1.1', '10.0.1.2', '10.0.1.3', '10.0.1.255']) {
      await refused(reserved, 'InvalidParameterValue', "Address is in subnet's reserved address range")
    }
    await remove(created?.NetworkInterfaceId)
  })

  it('is not to be had in a subnet that is full, which is not deleted before its interfaces', async () => {
    const small = await newSubnet(client, VpcId, '10.0.9.0/28')
    const made = await Promise.all(Array.from({ length: 11 }, () => create({ SubnetId: small })))
    expect(new Set(made.map((one) => one?.PrivateIpAddress)).size).toBe(11)
    const { Subnets } = await client.send(new DescribeSubnetsCommand({ SubnetIds: [small] }))
    expect(Subnets?.[0]?.AvailableIpAddressCount).toBe(0)
    await expectRefusal(
      create({ SubnetId: small }),
      'InsufficientFreeAddressesInSubnet',
      'The specified subnet does not have enough free addresses to satisfy the request.',
    )
    await expectRefusal(
      client.send(new DeleteSubnetCommand({ SubnetId: small })),
      'DependencyViolation',
      `The subnet '${small}' has dependencies and cannot be deleted.`,
    )
  })

  it('has up to five groups of its own VPC', async () => {
    const groups = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => newGroup(name)))
    await expectRefusal(
      create({ Groups: groups }),
      'SecurityGroupsPerInterfaceLimitExceeded',
      'The maximum number of security groups per interface has been reached.',
    )
    const created = await create({ Groups: groups.slice(0, 5) })
    expect(created?.Groups?.map(({ GroupId }) => GroupId)).toEqual(groups.slice(0, 5))
    const stranger = await newGroup('a', await newVpc(client, '10.9.0.0/16'))
    await expectRefusal(
      create({ Groups: [stranger] }),
      'InvalidParameter',
      `Security group ${stranger} and subnet ${SubnetId} belong to different networks.`,
    )
    const modify = (Groups: string[]) =>
      client.send(
        new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: created?.NetworkInterfaceId, Groups }),
      )
    await modify(groups.slice(5))
    await expectRefusal(modify([stranger]), 'InvalidParameter', /belong to different networks/)
    await remove(created?.NetworkInterfaceId)
  })

  it('has its attributes changed and described', async () => {
    const created = await create()
    const NetworkInterfaceId = created?.NetworkInterfaceId
    await client.send(
      new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck: { Value: false } }),
    )
    await client.send(
      new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Description: { Value: 'renamed' } }),
    )
    const read = (Attribute: 'description' | 'groupSet' | 'sourceDestCheck') =>
      client.send(new DescribeNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Attribute }))
    expect((await read('sourceDestCheck')).SourceDestCheck?.Value).toBe(false)
    expect((await read('description')).Description?.Value).toBe('renamed')
    expect((await read('groupSet')).Groups).toMatchObject([{ GroupName: 'default' }])
    await remove(NetworkInterfaceId)
  })

  it('has one address', async () => {
    const two = [{ PrivateIpAddress: '10.0.1.30', Primary: true }, { PrivateIpAddress: '10.0.1.31' }]
    await expectRefusal(create({ PrivateIpAddresses: two }), 'NotImplemented', /more than one address/)
    await expectRefusal(
      create({ SecondaryPrivateIpAddressCount: 1 }),
      'NotImplemented',
      /the parameter SecondaryPrivateIpAddressCount of CreateNetworkInterface/,
    )
  })
})
