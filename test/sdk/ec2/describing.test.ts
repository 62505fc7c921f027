/** What every Describe call has: filters, pages, ids; dry runs, tags, zones, and what is not there. */
import {
  CreateNetworkAclCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteTagsCommand,
  DeleteVpcCommand,
  DescribeAccountAttributesCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInstancesCommand,
  DescribeRegionsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type Filter,
  paginateDescribeSubnets,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { byVpc, expectRefusal, newSubnet, newVpc } from './support.ts'

let cloud: TestCloud
let client: EC2Client
let VpcId: string
const subnets: string[] = []

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(EC2Client, 'source')
  VpcId = await newVpc(client)
  for (let third = 0; third < 12; third++) subnets.push(await newSubnet(client, VpcId, `10.0.${third}.0/24`))
  await client.send(new CreateTagsCommand({ Resources: [subnets[0] ?? ''], Tags: [{ Key: 'Name', Value: 'web*one' }] }))
  await client.send(new CreateTagsCommand({ Resources: [subnets[1] ?? ''], Tags: [{ Key: 'Name', Value: 'web-two' }] }))
})
afterAll(() => cloud.close())

describe('filters', () => {
  const found = async (...Filters: Filter[]) => {
    const all = [...byVpc(VpcId).Filters, ...Filters]
    const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({ Filters: all }))
    return Subnets.map(({ CidrBlock = '' }) => CidrBlock).toSorted()
  }

  it.each<[string, Filter[], string[]]>([
    [
      'any of the values',
      [{ Name: 'cidr-block', Values: ['10.0.3.0/24', '10.0.4.0/24'] }],
      ['10.0.3.0/24', '10.0.4.0/24'],
    ],
    [
      'all of the filters',
      [
        { Name: 'cidr-block', Values: ['10.0.3.0/24'] },
        { Name: 'state', Values: ['pending'] },
      ],
      [],
    ],
    [
      'a star for any run',
      [{ Name: 'cidr-block', Values: ['10.0.1*'] }],
      ['10.0.1.0/24', '10.0.10.0/24', '10.0.11.0/24'],
    ],
    [
      'a question mark for one character',
      [{ Name: 'cidr-block', Values: ['10.0.1?.0/24'] }],
      ['10.0.10.0/24', '10.0.11.0/24'],
    ],
    ['a backslash takes a star literally', [{ Name: 'tag:Name', Values: ['web\\*one'] }], ['10.0.0.0/24']],
    ['tags by key and value', [{ Name: 'tag:Name', Values: ['web*'] }], ['10.0.0.0/24', '10.0.1.0/24']],
    ['tags by key', [{ Name: 'tag-key', Values: ['Name'] }], ['10.0.0.0/24', '10.0.1.0/24']],
    ['upper and lower case differ', [{ Name: 'tag:name', Values: ['*'] }], []],
    ['the owner', [{ Name: 'owner-id', Values: ['444455556666'] }], []],
  ])('match %s', async (_what, filters, expected) => {
    expect(await found(...filters)).toEqual(expected)
  })

  it('are refused when nobody knows them', () =>
    expectRefusal(
      found({ Name: 'colour', Values: ['red'] }),
      'InvalidParameterValue',
      "The filter 'colour' is invalid",
    ))
})

describe('pages', () => {
  it('follow each other until everything was seen once', async () => {
    const seen: string[] = []
    for await (const page of paginateDescribeSubnets({ client, pageSize: 5 }, byVpc(VpcId))) {
      seen.push(...(page.Subnets ?? []).map(({ SubnetId }) => SubnetId ?? ''))
    }
    expect(seen.length).toBe(12)
    expect(seen.toSorted()).toEqual(subnets.toSorted())
  })

  it('are refused beyond AWS’s limits, with ids, and with a token of somebody else', async () => {
    const ask = (input: object) => client.send(new DescribeSubnetsCommand(input))
    await expectRefusal(
      ask({ MaxResults: 4 }),
      'InvalidParameterValue',
      'Value ( 4 ) for parameter maxResults is invalid. Expecting a value greater than 5.',
    )
    await expectRefusal(
      ask({ MaxResults: 1001 }),
      'InvalidParameterValue',
      'Value ( 1001 ) for parameter maxResults is invalid. Expecting a value less than or equal to 1000.',
    )
    await expectRefusal(
      ask({ MaxResults: 10, SubnetIds: subnets.slice(0, 1) }),
      'InvalidParameterCombination',
      'The parameter subnetIds cannot be used with the parameter maxResults',
    )
    await expectRefusal(ask({ NextToken: 'mine' }), 'InvalidNextToken', "The token 'mine' is invalid")
  })
})

describe('ids', () => {
  it('are told apart: not there, and no id at all', async () => {
    const ask = (id: string) => client.send(new DescribeVpcsCommand({ VpcIds: [id] }))
    await expectRefusal(
      ask('vpc-00000000000000000'),
      'InvalidVpcID.NotFound',
      "The vpc ID 'vpc-00000000000000000' does not exist",
    )
    await expectRefusal(
      ask(subnets[0] ?? ''),
      'InvalidVpcID.Malformed',
      `Invalid id: "${subnets[0]}" (expecting "vpc-...")`,
    )
  })
})

describe('a dry run', () => {
  it('says that it would have succeeded, with status 412, and changes nothing', async () => {
    const before = (await client.send(new DescribeVpcsCommand({}))).Vpcs?.length
    const call = client.send(new CreateVpcCommand({ CidrBlock: '10.3.0.0/16', DryRun: true }))
    await expect(call).rejects.toMatchObject({
      name: 'DryRunOperation',
      message: 'Request would have succeeded, but DryRun flag is set.',
      $metadata: { httpStatusCode: 412 },
    })
    await expect(client.send(new DeleteVpcCommand({ VpcId, DryRun: true }))).rejects.toMatchObject({
      name: 'DryRunOperation',
    })
    expect((await client.send(new DescribeVpcsCommand({}))).Vpcs).toHaveLength(before ?? 0)
  })
})

describe('tags', () => {
  const tagsOf = async (id: string) => {
    const { Tags = [] } = await client.send(
      new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id] }] }),
    )
    return Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]))
  }

  it('are given to several resources at once, changed, and taken away', async () => {
    const Resources = [VpcId, subnets[5] ?? '']
    const Tags = [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ]
    await client.send(new CreateTagsCommand({ Resources, Tags }))
    await client.send(new CreateTagsCommand({ Resources: [VpcId], Tags: [{ Key: 'a', Value: '3' }] }))
    expect(await tagsOf(VpcId)).toEqual({ a: '3', b: '2' })
    await client.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] }))
    expect([await tagsOf(VpcId), await tagsOf(subnets[5] ?? '')]).toEqual([{ a: '3' }, {}])
    await client.send(new DeleteTagsCommand({ Resources }))
    expect(await tagsOf(VpcId)).toEqual({})
  })

  it('are given to all of the resources or to none', async () => {
    const Tags = [{ Key: 'a', Value: '1' }]
    const give = (...Resources: string[]) => client.send(new CreateTagsCommand({ Resources, Tags }))
    await expectRefusal(give(VpcId, 'subnet-00000000000000000'), 'InvalidSubnetID.NotFound', /does not exist/)
    await expectRefusal(give('thing-1'), 'InvalidID', "The ID 'thing-1' is not valid")
    expect(await tagsOf(VpcId)).toEqual({})
  })

  it('are refused as AWS refuses them', async () => {
    const give = (Key: string) => client.send(new CreateTagsCommand({ Resources: [VpcId], Tags: [{ Key, Value: '' }] }))
    await expectRefusal(give('aws:mine'), 'InvalidParameterValue', /reserved for internal use/)
    const many = Array.from({ length: 51 }, (_, index) => ({ Key: String(index), Value: '' }))
    await expectRefusal(
      client.send(new CreateTagsCommand({ Resources: [VpcId], Tags: many })),
      'TagLimitExceeded',
      'The maximum number of Tags for a resource has been reached.',
    )
    const wrong = [{ ResourceType: 'subnet' as const, Tags: [{ Key: 'a', Value: 'b' }] }]
    await expectRefusal(
      client.send(new CreateNetworkAclCommand({ VpcId, TagSpecifications: wrong })),
      'InvalidParameterValue',
      "'subnet' is not a valid taggable resource type for this operation.",
    )
  })
})

describe('zones and Regions', () => {
  it('are those of the Region that is asked', async () => {
    const tokyo = cloud.client(EC2Client, 'source', 'ap-northeast-1')
    const { AvailabilityZones } = await tokyo.send(new DescribeAvailabilityZonesCommand({}))
    expect(AvailabilityZones?.map(({ ZoneId, ZoneName }) => [ZoneName, ZoneId])).toEqual([
      ['ap-northeast-1a', 'apne1-az1'],
      ['ap-northeast-1c', 'apne1-az2'],
      ['ap-northeast-1d', 'apne1-az3'],
    ])
    await expectRefusal(
      client.send(new DescribeAvailabilityZonesCommand({ ZoneNames: ['eu-west-1a'] })),
      'InvalidParameterValue',
      'Value (eu-west-1a) for parameter zoneName is invalid. Invalid availability zone-name: [eu-west-1a]',
    )
    const { Regions = [] } = await client.send(new DescribeRegionsCommand({}))
    expect(Regions).toHaveLength(17)
    expect(Regions[0]).toEqual({
      RegionName: 'ap-northeast-1',
      Endpoint: 'ec2.ap-northeast-1.amazonaws.com',
      OptInStatus: 'opt-in-not-required',
    })
    const { AccountAttributes } = await client.send(
      new DescribeAccountAttributesCommand({ AttributeNames: ['supported-platforms'] }),
    )
    expect(AccountAttributes).toEqual([
      { AttributeName: 'supported-platforms', AttributeValues: [{ AttributeValue: 'VPC' }] },
    ])
  })
})

describe('what is not here', () => {
  it('is refused by its name', () =>
    expectRefusal(
      client.send(new DescribeInstancesCommand({})),
      'InvalidAction',
      'The action DescribeInstances is not implemented by Isthmus',
    ))
})
