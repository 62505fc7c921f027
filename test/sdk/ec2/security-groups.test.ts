/** Security groups and their rules. */
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  type IpPermission,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  UpdateSecurityGroupRuleDescriptionsIngressCommand,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { byVpc, expectRefusal, newSubnet, newVpc } from './support.ts'

let cloud: TestCloud
let client: EC2Client
let VpcId: string
let GroupId: string
let count = 0

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(EC2Client, 'source')
  VpcId = await newVpc(client)
})
beforeEach(async () => {
  GroupId = await create(`group-${count++}`)
})
afterAll(() => cloud.close())

async function create(GroupName: string, vpcId = VpcId): Promise<string> {
  const created = await client.send(new CreateSecurityGroupCommand({ GroupName, Description: 'test', VpcId: vpcId }))
  return created.GroupId ?? ''
}

const tcp = (port: number, ...cidrs: string[]): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: cidrs.map((CidrIp) => ({ CidrIp })),
})
const authorize = (...IpPermissions: IpPermission[]) =>
  client.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }))
const described = async () => {
  const { SecurityGroups } = await client.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }))
  return SecurityGroups?.[0]
}

describe('a security group', () => {
  it('lets everything out and nothing in when it is new', async () => {
    expect(await described()).toMatchObject({
      GroupId,
      VpcId,
      OwnerId: '111122223333',
      SecurityGroupArn: `arn:aws:ec2:us-east-1:111122223333:security-group/${GroupId}`,
      IpPermissions: [],
      IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    })
  })

  it('has a name of its own within its VPC', async () => {
    const name = (await described())?.GroupName ?? ''
    await expectRefusal(
      create(name),
      'InvalidGroup.Duplicate',
      `The security group '${name}' already exists for VPC '${VpcId}'`,
    )
    await expectRefusal(create('sg-mine'), 'InvalidParameterValue', /may not be in the format sg-\*/)
    await expectRefusal(create('default'), 'InvalidParameterValue', 'Cannot use reserved security group name: default')
  })

  it('is of the default VPC where none is named, and found there by its name', async () => {
    await client.send(new CreateSecurityGroupCommand({ GroupName: 'nameless', Description: 'test' }))
    const { SecurityGroups } = await client.send(new DescribeSecurityGroupsCommand({ GroupNames: ['nameless'] }))
    expect(SecurityGroups).toMatchObject([{ GroupName: 'nameless' }])
    await expectRefusal(
      client.send(new DescribeSecurityGroupsCommand({ GroupNames: ['nobody'] })),
      'InvalidGroup.NotFound',
      /^The security group 'nobody' does not exist in default VPC 'vpc-/,
    )
  })

  it('is not deleted while an interface has it or another group names it, and the default one never', async () => {
    const SubnetId = await newSubnet(client, VpcId)
    await client.send(new CreateNetworkInterfaceCommand({ SubnetId, Groups: [GroupId] }))
    const remove = (id: string) => client.send(new DeleteSecurityGroupCommand({ GroupId: id }))
    const [violation, words] = ['DependencyViolation', `resource ${GroupId} has a dependent object`]
    await expectRefusal(remove(GroupId), violation, words)
    const named = await create('named')
    await authorize({ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: named }] })
    await expectRefusal(remove(named), violation, `resource ${named} has a dependent object`)
    const { SecurityGroups = [] } = await client.send(new DescribeSecurityGroupsCommand(byVpc(VpcId)))
    const standard = SecurityGroups.find(({ GroupName }) => GroupName === 'default')?.GroupId ?? ''
    await expectRefusal(
      remove(standard),
      'CannotDelete',
      `the specified group: "${standard}" name: "default" cannot be deleted by a user`,
    )
  })

  it('is told of in AWS’s words when there is none', async () => {
    await expectRefusal(
      client.send(new DescribeSecurityGroupsCommand({ GroupIds: ['sg-00000000000000000'] })),
      'InvalidGroup.NotFound',
      "The security group 'sg-00000000000000000' does not exist",
    )
    await expectRefusal(
      client.send(new DescribeSecurityGroupsCommand({ GroupIds: ['web'] })),
      'InvalidGroupId.Malformed',
      'Invalid id: "web" (expecting "sg-...")',
    )
  })
})

describe('rules', () => {
  it('are one for every peer, and are shown by their traffic', async () => {
    const { SecurityGroupRules } = await authorize(tcp(443, '10.0.0.0/8', '192.168.1.7/24'), {
      IpProtocol: '-1',
      UserIdGroupPairs: [{ GroupId, Description: 'ourselves' }],
    })
    expect(SecurityGroupRules).toMatchObject([
      { GroupId, IsEgress: false, IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIpv4: '10.0.0.0/8' },
      { CidrIpv4: '192.168.1.0/24' },
      { IpProtocol: '-1', FromPort: -1, ReferencedGroupInfo: { GroupId, UserId: '111122223333' } },
    ])
    expect((await described())?.IpPermissions).toMatchObject([
      { FromPort: 443, IpRanges: [{ CidrIp: '10.0.0.0/8' }, { CidrIp: '192.168.1.0/24' }] },
      { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId, Description: 'ourselves' }] },
    ])
  })

  it('take the one rule of older requests, and IPv6', async () => {
    const flat = { GroupId, IpProtocol: '6', FromPort: 22, ToPort: 22, CidrIp: '203.0.113.0/24' }
    const { SecurityGroupRules } = await client.send(new AuthorizeSecurityGroupIngressCommand(flat))
    expect(SecurityGroupRules).toMatchObject([{ IpProtocol: 'tcp', CidrIpv4: '203.0.113.0/24' }])
    await authorize({ IpProtocol: 'icmpv6', FromPort: -1, ToPort: -1, Ipv6Ranges: [{ CidrIpv6: '::/0' }] })
    expect((await described())?.IpPermissions?.[1]).toMatchObject({ Ipv6Ranges: [{ CidrIpv6: '::/0' }] })
  })

  it('are not there twice', async () => {
    await authorize(tcp(80, '0.0.0.0/0'))
    await expectRefusal(
      authorize(tcp(80, '0.0.0.0/0')),
      'InvalidPermission.Duplicate',
      'the specified rule "peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW" already exists',
    )
    await expectRefusal(
      authorize(tcp(81, '0.0.0.0/0', '0.0.0.0/0')),
      'InvalidParameterValue',
      'The same permission must not appear multiple times',
    )
  })

  it.each<[string, IpPermission, string, string | RegExp]>([
    [
      'an unknown protocol',
      { IpProtocol: 'carrier-pigeon', IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      'InvalidParameterValue',
      "Invalid value 'carrier-pigeon' for IP protocol. Unknown protocol.",
    ],
    [
      'TCP without ports',
      { IpProtocol: 'tcp', IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      'InvalidParameterValue',
      "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
    ],
    ['a port that is none', tcp(65536, '0.0.0.0/0'), 'InvalidParameterValue', 'TCP/UDP port (65536) out of range'],
    ['a block that is none', tcp(80, '10.0.0.1'), 'InvalidParameterValue', 'CIDR block 10.0.0.1 is malformed'],
    ['no peer', tcp(80), 'InvalidParameterValue', /has to be specified/],
    [
      'a group that is not there',
      { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-00000000000000000' }] },
      'InvalidGroup.NotFound',
      "The security group 'sg-00000000000000000' does not exist",
    ],
  ])('are refused for %s', (_what, permission, name, message) => expectRefusal(authorize(permission), name, message))

  it('name no group of a VPC that is not peered, and none of a stranger', async () => {
    const other = await newVpc(client, '10.9.0.0/16')
    const far = await create('far', other)
    await expectRefusal(
      authorize({ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: far }] }),
      'InvalidGroup.NotFound',
      'You have specified two resources that belong to different networks.',
    )
    const target = cloud.client(EC2Client, 'target')
    const { SecurityGroups } = await target.send(new DescribeSecurityGroupsCommand({}))
    const theirs = SecurityGroups?.[0]?.GroupId ?? ''
    await expectRefusal(
      authorize({ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: theirs, UserId: '444455556666' }] }),
      'InvalidGroup.NotFound',
      `The security group '${theirs}' does not exist`,
    )
  })

  it('are at most sixty in each direction', async () => {
    const many = (first: number, length: number) =>
      tcp(80, ...Array.from({ length }, (_, index) => `10.${first + index}.0.0/16`))
    await authorize(many(0, 60))
    await expectRefusal(
      authorize(many(60, 1)),
      'RulesPerSecurityGroupLimitExceeded',
      'The maximum number of rules per security group has been reached.',
    )
    await client.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [many(0, 59)] }))
  })

  it('are revoked by what they say or by their ids', async () => {
    const { SecurityGroupRules = [] } = await authorize(tcp(80, '0.0.0.0/0'), tcp(81, '0.0.0.0/0'))
    const revoke = (input: object) => client.send(new RevokeSecurityGroupIngressCommand({ GroupId, ...input }))
    await revoke({ IpPermissions: [tcp(80, '0.0.0.0/0')] })
    const second = SecurityGroupRules[1]?.SecurityGroupRuleId ?? ''
    const { RevokedSecurityGroupRules } = await revoke({ SecurityGroupRuleIds: [second] })
    expect(RevokedSecurityGroupRules).toMatchObject([{ SecurityGroupRuleId: second, FromPort: 81 }])
    expect((await described())?.IpPermissions).toEqual([])
    await expectRefusal(
      revoke({ IpPermissions: [tcp(80, '0.0.0.0/0')] }),
      'InvalidPermission.NotFound',
      'The specified rule does not exist in this security group.',
    )
    await expectRefusal(
      revoke({ SecurityGroupRuleIds: [second] }),
      'InvalidSecurityGroupRuleId.NotFound',
      `The security group rule ID '${second}' does not exist`,
    )
    const everything = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
    await client.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [everything] }))
    expect((await described())?.IpPermissionsEgress).toEqual([])
  })

  it('are changed and described anew', async () => {
    const { SecurityGroupRules = [] } = await authorize(tcp(80, '0.0.0.0/0'))
    const SecurityGroupRuleId = SecurityGroupRules[0]?.SecurityGroupRuleId ?? ''
    await client.send(
      new ModifySecurityGroupRulesCommand({
        GroupId,
        SecurityGroupRules: [
          {
            SecurityGroupRuleId,
            SecurityGroupRule: { IpProtocol: 'udp', FromPort: 53, ToPort: 53, CidrIpv4: '10.0.0.2/32' },
          },
        ],
      }),
    )
    await client.send(
      new UpdateSecurityGroupRuleDescriptionsIngressCommand({
        GroupId,
        SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId, Description: 'names' }],
      }),
    )
    await client.send(new CreateTagsCommand({ Resources: [SecurityGroupRuleId], Tags: [{ Key: 'of', Value: 'dns' }] }))
    const { SecurityGroupRules: rules } = await client.send(
      new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'tag:of', Values: ['d*'] }] }),
    )
    expect(rules).toMatchObject([
      { SecurityGroupRuleId, IpProtocol: 'udp', CidrIpv4: '10.0.0.2/32', Description: 'names', IsEgress: false },
    ])
  })
})
