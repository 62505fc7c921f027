/** Reads the network of one VPC through EC2's read-only operations, as far as it bears on what a function in it can reach. */
import type { EC2Client } from '@aws-sdk/client-ec2'

import { loadPackage } from '../../core/load-package.ts'
import { parseRegion } from '../../core/region.ts'
import type { NetworkModel } from '../../network/plan/model.ts'
import { networkFromEc2, unfollowedTargets, type DescribedNetwork } from './network-from-ec2.ts'
import type { Read, Reader } from './reading.ts'

const {
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  paginateDescribeInternetGateways,
  paginateDescribeNatGateways,
  paginateDescribeNetworkAcls,
  paginateDescribeNetworkInterfaces,
  paginateDescribePrefixLists,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroupRules,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVpcEndpoints,
} = loadPackage('@aws-sdk/client-ec2')

export interface VpcNetwork {
  readonly model: NetworkModel
  /** Targets of routes that lead where nothing is known: a path that ends at one is not decided. */
  readonly unfollowed: ReadonlySet<string>
}

export async function readNetwork(
  vpc: { readonly vpcId: string; readonly account: string; readonly region: string },
  leaves: string | undefined,
  reader: Reader,
): Promise<Read<VpcNetwork | undefined>> {
  const { vpcId, account, region } = vpc
  return reader.read(
    { account, region, input: `the network of ${vpcId}`, ...(leaves !== undefined && { leaves }) },
    async ({ ec2 }) => {
      const described = await describe(ec2, vpc)
      return described && { model: networkFromEc2(described), unfollowed: unfollowedTargets(described) }
    },
  )
}

/** A page holds at most so many: EC2 answers more slowly, and is throttled sooner, without. */
const PAGE_SIZE = 100

async function describe(
  client: EC2Client,
  { vpcId, account, region }: { readonly vpcId: string; readonly account: string; readonly region: string },
): Promise<DescribedNetwork | undefined> {
  const found = await client.send(new DescribeVpcsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }))
  const [vpc] = found.Vpcs ?? []
  if (vpc === undefined) return undefined
  const settings = { client, pageSize: PAGE_SIZE }
  const inVpc = { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }
  const [support, hostnames, subnets, routeTables, networkAcls, securityGroups, networkInterfaces] = await Promise.all([
    client.send(new DescribeVpcAttributeCommand({ VpcId: vpcId, Attribute: 'enableDnsSupport' })),
    client.send(new DescribeVpcAttributeCommand({ VpcId: vpcId, Attribute: 'enableDnsHostnames' })),
    all(paginateDescribeSubnets(settings, inVpc), ({ Subnets }) => Subnets),
    all(paginateDescribeRouteTables(settings, inVpc), ({ RouteTables }) => RouteTables),
    all(paginateDescribeNetworkAcls(settings, inVpc), ({ NetworkAcls }) => NetworkAcls),
    all(paginateDescribeSecurityGroups(settings, inVpc), ({ SecurityGroups }) => SecurityGroups),
    all(paginateDescribeNetworkInterfaces(settings, inVpc), ({ NetworkInterfaces }) => NetworkInterfaces),
  ])
  const groupIds = securityGroups.flatMap(({ GroupId }) => GroupId ?? [])
  const [securityGroupRules, natGateways, vpcEndpoints, internetGateways] = await Promise.all([
    all(
      paginateDescribeSecurityGroupRules(settings, { Filters: [{ Name: 'group-id', Values: groupIds }] }),
      ({ SecurityGroupRules }) => SecurityGroupRules,
    ),
    // EC2 spells the filters of this one in its own way.
    all(paginateDescribeNatGateways(settings, { Filter: inVpc.Filters }), ({ NatGateways }) => NatGateways),
    all(paginateDescribeVpcEndpoints(settings, inVpc), ({ VpcEndpoints }) => VpcEndpoints),
    all(
      paginateDescribeInternetGateways(settings, { Filters: [{ Name: 'attachment.vpc-id', Values: [vpcId] }] }),
      ({ InternetGateways }) => InternetGateways,
    ),
  ])
  const listIds = prefixListsNamed(routeTables, securityGroupRules)
  const prefixLists =
    listIds.length === 0
      ? []
      : await all(paginateDescribePrefixLists(settings, { PrefixListIds: listIds }), ({ PrefixLists }) => PrefixLists)
  return {
    account,
    region: parseRegion(region),
    vpc,
    enableDnsSupport: support.EnableDnsSupport?.Value ?? true,
    enableDnsHostnames: hostnames.EnableDnsHostnames?.Value ?? false,
    subnets,
    routeTables,
    networkAcls,
    securityGroups,
    securityGroupRules,
    networkInterfaces,
    natGateways,
    vpcEndpoints,
    internetGateways,
    prefixLists,
  }
}

function prefixListsNamed(
  routeTables: DescribedNetwork['routeTables'],
  rules: DescribedNetwork['securityGroupRules'],
): string[] {
  const inRoutes = routeTables
    .flatMap(({ Routes = [] }) => Routes)
    .flatMap(({ DestinationPrefixListId }) => DestinationPrefixListId ?? [])
  return [...new Set([...inRoutes, ...rules.flatMap(({ PrefixListId }) => PrefixListId ?? [])])]
}

async function all<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<readonly Item[]> {
  const items: Item[] = []
  for await (const page of pages) items.push(...(itemsOf(page) ?? []))
  return items
}
