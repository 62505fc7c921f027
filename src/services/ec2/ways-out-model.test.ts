/** What the data plane is told of the ways out of a VPC: endpoints, peering, prefix lists and flow logs. */
import { expect, it } from 'vitest'

import { parseAccountId } from '../../core/account.ts'
import { systemClock } from '../../core/clock.ts'
import { randomIds } from '../../core/ids.ts'
import { parseRegion } from '../../core/region.ts'
import { createState } from '../../state/state.ts'
import type { Caller } from '../caller.ts'
import { createEc2 } from './index.ts'

const region = parseRegion('us-east-1')
const quotas = { valueOf: ({ defaultValue }: { readonly defaultValue: number }) => defaultValue }

function callerIn(id: string): Caller {
  const account = parseAccountId(id)
  return { principal: { kind: 'root', account, arn: `arn:aws:iam::${account}:root` }, account, region, requestId: '' }
}

const SOURCE = callerIn('111122223333')
const TARGET = callerIn('444455556666')

function setUp() {
  const ec2 = createEc2({ state: createState(), clock: systemClock, ids: randomIds, quotas })
  /** The value at `path` of an operation's answer. */
  const run = (operation: string, input: object, path: readonly string[] = [], caller = SOURCE): string =>
    path.reduce<unknown>(
      (value, name) => (value as Readonly<Record<string, unknown>>)[name],
      ec2.service.operations[operation]?.handle(input, caller),
    ) as string
  const vpc = (CidrBlock: string, caller = SOURCE) => run('CreateVpc', { CidrBlock }, ['Vpc', 'VpcId'], caller)
  return { ec2, run, vpc }
}

it('an interface endpoint is told with its interfaces and names', () => {
  const { ec2, run, vpc } = setUp()
  const VpcId = vpc('10.0.0.0/16')
  const SubnetId = run('CreateSubnet', { VpcId, CidrBlock: '10.0.1.0/24' }, ['Subnet', 'SubnetId'])
  run('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } })
  const ServiceName = 'com.amazonaws.us-east-1.lambda'
  const asked = { VpcId, ServiceName, VpcEndpointType: 'Interface', SubnetIds: [SubnetId] }
  const id = run('CreateVpcEndpoint', asked, ['VpcEndpoint', 'VpcEndpointId'])
  const { vpcEndpoints, networkInterfaces } = ec2.network.model()
  expect(vpcEndpoints).toMatchObject([{ id, service: 'lambda', serviceName: ServiceName, privateDnsEnabled: true }])
  expect(vpcEndpoints[0]?.dnsNames).toHaveLength(2)
  const endpointKind = { kind: 'vpc-endpoint', vpcEndpointId: id }
  expect(networkInterfaces.find(({ kind }) => kind.kind === 'vpc-endpoint')).toMatchObject({
    id: vpcEndpoints[0]?.networkInterfaceIds[0],
    subnetId: SubnetId,
    kind: endpointKind,
  })
  expect(ec2.endpoints.endpoint(id)).toMatchObject({ service: 'lambda', actionPrefix: 'lambda', region })
  run('DeleteVpcEndpoints', { VpcEndpointIds: [id] })
  expect(ec2.network.model().vpcEndpoints).toEqual([])
  expect(ec2.endpoints.endpoint(id)).toBeUndefined()
})

it('a gateway endpoint is told with its route, to a prefix list that is told too', () => {
  const { ec2, run, vpc } = setUp()
  const VpcId = vpc('10.0.0.0/16')
  const table = run('CreateRouteTable', { VpcId }, ['RouteTable', 'RouteTableId'])
  const asked = { VpcId, ServiceName: 'com.amazonaws.us-east-1.s3', RouteTableIds: [table] }
  const id = run('CreateVpcEndpoint', asked, ['VpcEndpoint', 'VpcEndpointId'])
  const { routeTables, prefixLists, vpcEndpoints } = ec2.network.model()
  expect(vpcEndpoints).toMatchObject([{ id, type: 'Gateway', service: 's3', networkInterfaceIds: [], dnsNames: [] }])
  const list = prefixLists.find(({ name }) => name === 'com.amazonaws.us-east-1.s3')
  expect(list?.cidrs).toHaveLength(1)
  expect(routeTables.find((candidate) => candidate.id === table)?.routes).toEqual([
    { destination: { prefixListId: list?.id }, target: { kind: 'gateway-endpoint', id } },
  ])
})

it('a peering connection is told once, and its routes are black holes until it is active', () => {
  const { ec2, run, vpc } = setUp()
  const [VpcId, PeerVpcId] = [vpc('10.0.0.0/16'), vpc('10.1.0.0/16', TARGET)]
  const peer = { VpcId, PeerVpcId, PeerOwnerId: TARGET.account }
  const id = run('CreateVpcPeeringConnection', peer, ['VpcPeeringConnection', 'VpcPeeringConnectionId'])
  const RouteTableId = run('CreateRouteTable', { VpcId }, ['RouteTable', 'RouteTableId'])
  run('CreateRoute', { RouteTableId, DestinationCidrBlock: '10.1.0.0/16', VpcPeeringConnectionId: id })
  const target = () => ec2.network.model().routeTables.find((table) => table.id === RouteTableId)?.routes[0]?.target
  const connection = { id, requesterVpcId: VpcId, accepterVpcId: PeerVpcId }
  expect(ec2.network.model().peeringConnections).toEqual([{ ...connection, active: false }])
  expect(target()).toEqual({ kind: 'blackhole', id })
  run('AcceptVpcPeeringConnection', { VpcPeeringConnectionId: id }, [], TARGET)
  expect(ec2.network.model().peeringConnections).toEqual([{ ...connection, active: true }])
  expect(target()).toEqual({ kind: 'vpc-peering', id })
  run('DeleteVpcPeeringConnection', { VpcPeeringConnectionId: id }, [], TARGET)
  expect(ec2.network.model().peeringConnections).toEqual([])
})

it('flow logs and the prefix lists of accounts are told as they are', () => {
  const { ec2, run, vpc } = setUp()
  const resourceId = vpc('10.0.0.0/16')
  run('CreateFlowLogs', {
    ResourceIds: [resourceId],
    ResourceType: 'VPC',
    TrafficType: 'REJECT',
    LogGroupName: 'rejected',
    DeliverLogsPermissionArn: 'arn:aws:iam::111122223333:role/flows',
  })
  expect(ec2.network.model().flowLogs).toMatchObject([{ resourceId, trafficType: 'REJECT' }])
  const list = { PrefixListName: 'offices', MaxEntries: 2, Entries: [{ Cidr: '192.0.2.0/24' }] }
  const id = run('CreateManagedPrefixList', { ...list, AddressFamily: 'IPv4' }, ['PrefixList', 'PrefixListId'])
  expect(ec2.network.model().prefixLists).toContainEqual({ id, name: 'offices', cidrs: ['192.0.2.0/24'] })
})
