/** Network ACLs, their entries, and the subnets they guard. */
import {
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  type CreateNetworkAclEntryCommandInput,
  DeleteNetworkAclCommand,
  DeleteNetworkAclEntryCommand,
  DescribeNetworkAclsCommand,
  EC2Client,
  ReplaceNetworkAclAssociationCommand,
  ReplaceNetworkAclEntryCommand,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { byVpc, expectRefusal, newSubnet, newVpc } from './support.ts'

let cloud: TestCloud
let client: EC2Client
let VpcId: string
let NetworkAclId: string

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(EC2Client, 'source')
  VpcId = await newVpc(client)
  const { NetworkAcl } = await client.send(new CreateNetworkAclCommand({ VpcId }))
  NetworkAclId = NetworkAcl?.NetworkAclId ?? ''
})
afterAll(() => cloud.close())

const described = async () => {
  const { NetworkAcls } = await client.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [NetworkAclId] }))
  return NetworkAcls?.[0]
}

describe('a network ACL', () => {
  it('denies everything when it is new', async () => {
    expect(await described()).toMatchObject({
      IsDefault: false,
      Associations: [],
      Entries: [
        { Egress: true, RuleNumber: 32767, RuleAction: 'deny', Protocol: '-1', CidrBlock: '0.0.0.0/0' },
        { Egress: false, RuleNumber: 32767, RuleAction: 'deny' },
      ],
    })
  })

  it('guards the subnets that are moved to it, and is not deleted before them', async () => {
    const SubnetId = await newSubnet(client, VpcId)
    const { NetworkAcls } = await client.send(
      new DescribeNetworkAclsCommand({ Filters: [{ Name: 'association.subnet-id', Values: [SubnetId] }] }),
    )
    const standard = NetworkAcls?.[0]
    const AssociationId = standard?.Associations?.[0]?.NetworkAclAssociationId
    expect(standard?.IsDefault).toBe(true)
    const { NewAssociationId } = await client.send(
      new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }),
    )
    expect((await described())?.Associations).toEqual([
      { NetworkAclAssociationId: NewAssociationId, NetworkAclId, SubnetId },
    ])
    await expectRefusal(
      client.send(new DeleteNetworkAclCommand({ NetworkAclId })),
      'DependencyViolation',
      `The networkAcl '${NetworkAclId}' has dependencies and cannot be deleted.`,
    )
    await expectRefusal(
      client.send(new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId })),
      'InvalidAssociationID.NotFound',
      `The association ID '${AssociationId}' does not exist`,
    )
    await client.send(
      new ReplaceNetworkAclAssociationCommand({
        AssociationId: NewAssociationId,
        NetworkAclId: standard?.NetworkAclId,
      }),
    )
  })

  it('is deleted, but for the default one', async () => {
    const { NetworkAcl } = await client.send(new CreateNetworkAclCommand({ VpcId }))
    await client.send(new DeleteNetworkAclCommand({ NetworkAclId: NetworkAcl?.NetworkAclId }))
    const { NetworkAcls } = await client.send(new DescribeNetworkAclsCommand(byVpc(VpcId)))
    const standard = NetworkAcls?.find(({ IsDefault }) => IsDefault)?.NetworkAclId
    await expectRefusal(
      client.send(new DeleteNetworkAclCommand({ NetworkAclId: standard })),
      'InvalidParameterValue',
      `cannot delete default network ACL ${standard}`,
    )
    await expectRefusal(
      client.send(new DeleteNetworkAclCommand({ NetworkAclId: NetworkAcl?.NetworkAclId })),
      'InvalidNetworkAclID.NotFound',
      `The networkAcl ID '${NetworkAcl?.NetworkAclId}' does not exist`,
    )
  })
})

describe('an entry', () => {
  const entry = (changes: Partial<CreateNetworkAclEntryCommandInput>): CreateNetworkAclEntryCommandInput => ({
    NetworkAclId,
    RuleNumber: 100,
    Egress: false,
    RuleAction: 'allow',
    Protocol: '6',
    CidrBlock: '10.0.0.9/8',
    PortRange: { From: 443, To: 443 },
    ...changes,
  })
  const create = (changes: Partial<CreateNetworkAclEntryCommandInput> = {}) =>
    client.send(new CreateNetworkAclEntryCommand(entry(changes)))

  it('is created, replaced and deleted by its number and direction', async () => {
    await create()
    await create({ Egress: true, Protocol: '1', IcmpTypeCode: { Type: 8, Code: -1 } })
    await expectRefusal(
      create(),
      'NetworkAclEntryAlreadyExists',
      'The network acl entry identified by 100 already exists.',
    )
    await client.send(
      new ReplaceNetworkAclEntryCommand(entry({ RuleAction: 'deny', PortRange: { From: 0, To: 1023 } })),
    )
    expect((await described())?.Entries).toMatchObject([
      { Egress: true, RuleNumber: 100, Protocol: '1', IcmpTypeCode: { Type: 8, Code: -1 } },
      { RuleNumber: 32767 },
      { Egress: false, RuleNumber: 100, RuleAction: 'deny', CidrBlock: '10.0.0.0/8', PortRange: { From: 0, To: 1023 } },
      { RuleNumber: 32767 },
    ])
    for (const Egress of [true, false]) {
      await client.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, RuleNumber: 100, Egress }))
    }
    await expectRefusal(
      client.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, RuleNumber: 100, Egress: true })),
      'InvalidNetworkAclEntry.NotFound',
      'The network acl entry identified by 100 does not exist.',
    )
  })

  it.each<[string, Partial<CreateNetworkAclEntryCommandInput>, string, RegExp]>([
    ['the last number', { RuleNumber: 32767 }, 'InvalidParameterValue', /for parameter ruleNumber/],
    ['a block that is none', { CidrBlock: '10.0.0.0' }, 'InvalidParameterValue', /not a valid CIDR block/],
    ['no block', { CidrBlock: undefined }, 'MissingParameter', /the parameter cidrBlock$/],
    ['no ports', { PortRange: undefined }, 'MissingParameter', /the parameter portRange$/],
    ['an unknown protocol', { Protocol: '256' }, 'InvalidParameterValue', /Unknown protocol/],
    [
      'an unknown action',
      { RuleAction: 'drop' as never },
      'InvalidParameterValue',
      /^Value \(drop\) for parameter ruleAction is invalid/,
    ],
  ])('is refused for %s', (_what, changes, name, message) => expectRefusal(create(changes), name, message))

  it('is one of twenty in each direction', async () => {
    for (let number = 1; number <= 20; number++) await create({ RuleNumber: number })
    await expectRefusal(
      create({ RuleNumber: 21 }),
      'NetworkAclEntryLimitExceeded',
      'The maximum number of network acl entries has been reached.',
    )
  })
})
