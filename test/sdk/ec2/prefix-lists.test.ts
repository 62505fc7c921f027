/** Managed prefix lists: their entries and versions, what names them, and AWS's own. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  CreateRouteCommand,
  CreateSecurityGroupCommand,
  DeleteManagedPrefixListCommand,
  DeleteSecurityGroupCommand,
  DescribeManagedPrefixListsCommand,
  DescribePrefixListsCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  GetManagedPrefixListAssociationsCommand,
  GetManagedPrefixListEntriesCommand,
  GetSecurityGroupsForVpcCommand,
  ModifyManagedPrefixListCommand,
  RestoreManagedPrefixListVersionCommand,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { byVpc, expectRefusal, newGateway, newVpc } from './support.ts'

let cloud: TestCloud
let client: EC2Client

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(EC2Client, 'source')
})
afterAll(() => cloud.close())

const OFFICES = { PrefixListName: 'offices', AddressFamily: 'IPv4', MaxEntries: 3 } as const

async function create(...cidrs: readonly string[]): Promise<string> {
  const Entries = cidrs.map((Cidr) => ({ Cidr, Description: `office ${Cidr}` }))
  const { PrefixList } = await client.send(new CreateManagedPrefixListCommand({ ...OFFICES, Entries }))
  return PrefixList?.PrefixListId ?? ''
}

async function cidrsOf(PrefixListId: string, TargetVersion?: number) {
  const { Entries } = await client.send(new GetManagedPrefixListEntriesCommand({ PrefixListId, TargetVersion }))
  return Entries?.map(({ Cidr }) => Cidr)
}

describe('a prefix list', () => {
  it('is edited in versions, of which an older one comes back', async () => {
    const PrefixListId = await create('192.0.2.0/24', '198.51.100.7/24')
    expect(await cidrsOf(PrefixListId)).toEqual(['192.0.2.0/24', '198.51.100.0/24'])
    const modify = (changes: object) =>
      client.send(new ModifyManagedPrefixListCommand({ PrefixListId, CurrentVersion: 1, ...changes }))
    const edit = { AddEntries: [{ Cidr: '203.0.113.0/24' }], RemoveEntries: [{ Cidr: '192.0.2.0/24' }] }
    await modify(edit)
    await expectRefusal(modify(edit), 'PrefixListVersionMismatch', 'The prefix list has the incorrect version number.')
    await expectRefusal(
      modify({ ...edit, CurrentVersion: 2, MaxEntries: 9 }),
      'InvalidParameterCombination',
      'You cannot modify the entries and the maximum entries for the prefix list in the same request.',
    )
    expect(await cidrsOf(PrefixListId)).toEqual(['198.51.100.0/24', '203.0.113.0/24'])
    expect(await cidrsOf(PrefixListId, 1)).toEqual(['192.0.2.0/24', '198.51.100.0/24'])
    await client.send(
      new RestoreManagedPrefixListVersionCommand({ PrefixListId, CurrentVersion: 2, PreviousVersion: 1 }),
    )
    expect(await cidrsOf(PrefixListId)).toEqual(['192.0.2.0/24', '198.51.100.0/24'])
    const { PrefixLists } = await client.send(new DescribeManagedPrefixListsCommand({ PrefixListIds: [PrefixListId] }))
    expect(PrefixLists).toMatchObject([{ ...OFFICES, Version: 3, State: 'restore-complete', OwnerId: '111122223333' }])
    await client.send(new DeleteManagedPrefixListCommand({ PrefixListId }))
    await expectRefusal(
      cidrsOf(PrefixListId),
      'InvalidPrefixListID.NotFound',
      `The prefix list (${PrefixListId}) does not exist.`,
    )
  })

  it('has no more entries than it may have', async () => {
    await expectRefusal(
      create('192.0.2.0/28', '192.0.2.16/28', '192.0.2.32/28', '192.0.2.48/28'),
      'PrefixListMaxEntriesExceeded',
      "You've reached the maximum number of entries for the prefix list.",
    )
  })

  it('is named by rules and routes, and then cannot be deleted', async () => {
    const PrefixListId = await create('192.0.2.0/24')
    const VpcId = await newVpc(client)
    const { GroupId = '' } = await client.send(
      new CreateSecurityGroupCommand({ VpcId, GroupName: 'from-offices', Description: 'from offices' }),
    )
    const { SecurityGroupForVpcs } = await client.send(
      new GetSecurityGroupsForVpcCommand({ VpcId, Filters: [{ Name: 'group-name', Values: ['from-*'] }] }),
    )
    expect(SecurityGroupForVpcs).toMatchObject([{ GroupId, PrimaryVpcId: VpcId }])
    const permission = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId }] }
    const { SecurityGroupRules } = await client.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission] }),
    )
    expect(SecurityGroupRules).toMatchObject([{ PrefixListId }])
    const { RouteTables = [] } = await client.send(new DescribeRouteTablesCommand(byVpc(VpcId)))
    const RouteTableId = RouteTables[0]?.RouteTableId ?? ''
    const GatewayId = await newGateway(client, VpcId)
    await client.send(new CreateRouteCommand({ RouteTableId, DestinationPrefixListId: PrefixListId, GatewayId }))
    const { PrefixListAssociations } = await client.send(new GetManagedPrefixListAssociationsCommand({ PrefixListId }))
    expect(PrefixListAssociations?.map(({ ResourceId }) => ResourceId)).toEqual([RouteTableId, GroupId].sort())
    await client.send(new DeleteSecurityGroupCommand({ GroupId }))
    await expectRefusal(
      client.send(new DeleteManagedPrefixListCommand({ PrefixListId })),
      'DependencyViolation',
      `The prefix list (${PrefixListId}) has dependencies and cannot be deleted.`,
    )
    await expectRefusal(
      client.send(new CreateRouteCommand({ RouteTableId, DestinationPrefixListId: 'pl-0000', GatewayId })),
      'InvalidPrefixListId.NotFound',
      "The prefix list ID 'pl-0000' does not exist",
    )
  })
})

describe("AWS's own prefix lists", () => {
  it('are those of S3 and DynamoDB, which nobody changes', async () => {
    const { PrefixLists = [] } = await client.send(new DescribePrefixListsCommand({}))
    expect(new Set(PrefixLists.map(({ PrefixListName }) => PrefixListName))).toEqual(
      new Set(['com.amazonaws.us-east-1.dynamodb', 'com.amazonaws.us-east-1.s3']),
    )
    const { PrefixLists: ofAws = [] } = await client.send(
      new DescribeManagedPrefixListsCommand({ Filters: [{ Name: 'owner-id', Values: ['AWS'] }] }),
    )
    expect(ofAws).toHaveLength(2)
    const PrefixListId = ofAws[0]?.PrefixListId ?? ''
    expect(ofAws[0]?.PrefixListArn).toBe(`arn:aws:ec2:us-east-1:aws:prefix-list/${PrefixListId}`)
    expect(await cidrsOf(PrefixListId)).toHaveLength(1)
    await expectRefusal(
      client.send(new DeleteManagedPrefixListCommand({ PrefixListId })),
      'OperationNotPermitted',
      /managed by AWS/,
    )
  })
})
