/** What the data plane is told of a network, and when. */
import { describe, expect, it } from 'vitest'

import { parseAccountId } from '../../core/account.ts'
import type { Clock } from '../../core/clock.ts'
import { randomIds } from '../../core/ids.ts'
import { parseRegion } from '../../core/region.ts'
import { createState } from '../../state/state.ts'
import type { Caller } from '../caller.ts'
import { createEc2 } from './index.ts'

const account = parseAccountId('111122223333')
const caller: Caller = {
  principal: { kind: 'root', account, arn: `arn:aws:iam::${account}:root` },
  account,
  region: parseRegion('us-east-1'),
  requestId: 'request',
}

function setUp(state = createState()) {
  const due: (() => void)[] = []
  const clock: Clock = {
    now: () => 1_700_000_000_000,
    after(_delayMs, action) {
      due.push(action)
      return { cancel: () => undefined }
    },
  }
  const ec2 = createEc2({
    state,
    clock,
    ids: randomIds,
    quotas: { valueOf: ({ defaultValue }) => defaultValue },
  })
  /** The value at `path` of an operation's answer: an id, mostly. */
  const run = (operation: string, input: object, ...path: string[]): string =>
    path.reduce<unknown>(
      (value, name) => (value as Readonly<Record<string, unknown>>)[name],
      ec2.service.operations[operation]?.handle(input, caller),
    ) as string
  const elapse = () => {
    for (const action of due.splice(0)) action()
  }
  return { ec2, run, elapse }
}

/** Without the default VPC, which is there whenever anybody asks. */
function setUpVpc() {
  const cloud = setUp()
  const vpcId = cloud.run('CreateVpc', { CidrBlock: '10.0.0.0/16' }, 'Vpc', 'VpcId')
  const subnetId = cloud.run('CreateSubnet', { VpcId: vpcId, CidrBlock: '10.0.1.0/24' }, 'Subnet', 'SubnetId')
  const model = () => {
    const whole = cloud.ec2.network.model()
    const ofVpc = <T extends { readonly vpcId: string }>(items: readonly T[]) =>
      items.filter((item) => item.vpcId === vpcId)
    return {
      ...whole,
      vpcs: whole.vpcs.filter(({ id }) => id === vpcId),
      subnets: ofVpc(whole.subnets),
      routeTables: ofVpc(whole.routeTables),
      networkAcls: ofVpc(whole.networkAcls),
      securityGroups: ofVpc(whole.securityGroups),
    }
  }
  return { ...cloud, vpcId, subnetId, model }
}

const EVERYWHERE = '0.0.0.0/0'

describe('the model', () => {
  it('has a new VPC with its main table, its network ACL and its group', () => {
    const { vpcId, subnetId, model } = setUpVpc()
    const { vpcs, subnets, routeTables, networkAcls, securityGroups } = model()
    expect(vpcs).toEqual([
      {
        id: vpcId,
        account,
        region: 'us-east-1',
        cidrs: ['10.0.0.0/16'],
        enableDnsSupport: true,
        enableDnsHostnames: false,
      },
    ])
    const [table, acl, group] = [routeTables[0], networkAcls[0], securityGroups[0]]
    expect(subnets).toEqual([
      { id: subnetId, vpcId, cidr: '10.0.1.0/24', routeTableId: table?.id, networkAclId: acl?.id },
    ])
    expect(table?.routes).toEqual([])
    expect(acl?.entries).toContainEqual({
      direction: 'ingress',
      ruleNumber: 100,
      action: 'allow',
      cidr: EVERYWHERE,
      traffic: { protocol: 'all' },
    })
    expect(group?.rules.map(({ direction, peer, traffic }) => ({ direction, peer, traffic }))).toEqual([
      { direction: 'ingress', peer: { groupId: group?.id }, traffic: { protocol: 'all' } },
      { direction: 'egress', peer: { cidr: EVERYWHERE }, traffic: { protocol: 'all' } },
    ])
  })

  it('gives a subnet the table it is associated with', () => {
    const { run, vpcId, subnetId, model } = setUpVpc()
    const table = run('CreateRouteTable', { VpcId: vpcId }, 'RouteTable', 'RouteTableId')
    run('AssociateRouteTable', { RouteTableId: table, SubnetId: subnetId })
    expect(model().subnets[0]?.routeTableId).toBe(table)
  })

  it('has a NAT gateway once it is available, and a black hole where its routes led when it is gone', () => {
    const { run, elapse, vpcId, subnetId, model } = setUpVpc()
    const gateway = run('CreateInternetGateway', {}, 'InternetGateway', 'InternetGatewayId')
    run('AttachInternetGateway', { InternetGatewayId: gateway, VpcId: vpcId })
    const address = run('AllocateAddress', {}, 'AllocationId')
    const nat = run('CreateNatGateway', { SubnetId: subnetId, AllocationId: address }, 'NatGateway', 'NatGatewayId')
    const RouteTableId = model().routeTables[0]?.id
    run('CreateRoute', { RouteTableId, DestinationCidrBlock: EVERYWHERE, NatGatewayId: nat })
    const target = () => model().routeTables[0]?.routes[0]?.target
    expect([model().natGateways, target()]).toEqual([[], { kind: 'blackhole', id: nat }])
    elapse()
    const [networkInterface] = model().networkInterfaces
    expect(model().natGateways).toEqual([
      { id: nat, vpcId, networkInterfaceId: networkInterface?.id, connectivity: 'public' },
    ])
    expect(networkInterface).toMatchObject({
      subnetId,
      publicAddress: '198.51.100.1',
      sourceDestCheck: false,
      kind: { kind: 'nat-gateway', natGatewayId: nat },
    })
    expect(target()).toEqual({ kind: 'nat-gateway', id: nat })
    expect(model().vpcs[0]?.internetGatewayId).toBe(gateway)
    run('DeleteNatGateway', { NatGatewayId: nat })
    expect(target()).toEqual({ kind: 'blackhole', id: nat })
    elapse()
    expect([model().natGateways, model().networkInterfaces]).toEqual([[], []])
  })

  it('knows the traffic of rules and entries, and leaves out what is about IPv6', () => {
    const { run, vpcId, model } = setUpVpc()
    const GroupId = run('CreateSecurityGroup', { GroupName: 'web', Description: 'web', VpcId: vpcId }, 'GroupId')
    const IpRanges = [{ CidrIp: '10.0.0.0/8' }]
    run('AuthorizeSecurityGroupIngress', {
      GroupId,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 444, IpRanges, Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
        { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, IpRanges },
        { IpProtocol: '50', IpRanges },
      ],
    })
    const rules = model().securityGroups.find(({ id }) => id === GroupId)?.rules
    expect(rules?.filter(({ direction }) => direction === 'ingress').map(({ traffic }) => traffic)).toEqual([
      { protocol: 'tcp', fromPort: 443, toPort: 444 },
      { protocol: 'icmp', type: 8, code: -1 },
      { protocol: 'other', number: 50 },
    ])
    const NetworkAclId = model().networkAcls[0]?.id
    const entry = { NetworkAclId, Egress: true, RuleAction: 'deny', Protocol: '17', PortRange: { From: 53, To: 53 } }
    run('CreateNetworkAclEntry', { ...entry, RuleNumber: 7, CidrBlock: '10.0.0.0/8' })
    run('CreateNetworkAclEntry', { ...entry, RuleNumber: 8, Ipv6CidrBlock: '::/0' })
    expect(model().networkAcls[0]?.entries.filter(({ ruleNumber }) => ruleNumber < 10)).toEqual([
      {
        direction: 'egress',
        ruleNumber: 7,
        action: 'deny',
        cidr: '10.0.0.0/8',
        traffic: { protocol: 'udp', fromPort: 53, toPort: 53 },
      },
    ])
  })
})

describe('a listener', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve))

  it('is told once of all changes of a turn, and finds a model that has them', async () => {
    const { ec2, run } = setUp()
    const seen: number[] = []
    const stop = ec2.network.onChange(() => seen.push(ec2.network.model().vpcs.length))
    run('CreateVpc', { CidrBlock: '10.0.0.0/16' })
    run('CreateVpc', { CidrBlock: '10.1.0.0/16' })
    await turn()
    expect(seen).toEqual([3])
    const before = ec2.network.model()
    run('DescribeVpcs', {})
    await turn()
    expect(seen).toEqual([3])
    expect(ec2.network.model()).toBe(before)
    stop()
    run('CreateVpc', { CidrBlock: '10.2.0.0/16' })
    await turn()
    expect(seen).toEqual([3])
    expect(ec2.network.model()).not.toBe(before)
  })

  it('sees what was under way go on after a restart', () => {
    const state = createState()
    const { run } = setUp(state)
    const VpcId = run('CreateVpc', { CidrBlock: '10.0.0.0/16' }, 'Vpc', 'VpcId')
    const SubnetId = run('CreateSubnet', { VpcId, CidrBlock: '10.0.1.0/24' }, 'Subnet', 'SubnetId')
    run('CreateNatGateway', { SubnetId, ConnectivityType: 'private' })
    const { ec2, elapse } = setUp(state)
    ec2.start()
    elapse()
    expect(ec2.network.model().natGateways).toMatchObject([{ connectivity: 'private' }])
  })

  it('is told when the state was replaced', async () => {
    const { ec2 } = setUp()
    let told = 0
    ec2.network.onChange(() => told++)
    ec2.start()
    await turn()
    expect(told).toBe(1)
  })
})
