/** Real functions in a VPC of a real cloud: a service of this machine in a subnet, peering across accounts, names, and flow logs. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'

import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  AcceptVpcPeeringConnectionCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateFlowLogsCommand,
  CreateRouteCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcPeeringConnectionCommand,
  DeleteSubnetCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2'
import { AttachRolePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { InvokeCommand } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { parseProjectFile } from '../../src/core/project-file.ts'
import { ACCOUNTS, startCloud, type AccountName, type TestCloud } from '../sdk/cloud.ts'
import { createRole, deploy, eventually, iamOf, lambdaOf, payloadOf } from '../sdk/lambda/support.ts'
import { isRefusedHere } from './network/world.ts'

const refused = await isRefusedHere()
const VPC_ACCESS = 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole'
const DATABASE = '10.20.1.10'
const CONNECT_MS_MAX = 400

/** Answers what came of a connection, and the address a name has. */
const PROBE = `
const { connect } = require('node:net')
const { lookup } = require('node:dns/promises')
exports.handler = async ({ address, port, name }) => {
  if (name) return (await lookup(name).catch(({ code }) => ({ address: code }))).address
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: ${CONNECT_MS_MAX} })
    // Connecting is the kernel's business and takes no time; what a process has to answer may take longer.
    socket.on('connect', () => socket.setTimeout(0))
    socket.on('data', (data) => resolve(String(data)))
    // On a busy machine the connection may have been there before we look.
    socket.on('timeout', () => setImmediate(() => socket.connecting && resolve('timeout')))
    socket.on('error', ({ code }) => resolve(code))
    socket.on('close', () => resolve('closed'))
  })
}`

let database: Server
let cloud: TestCloud

const ec2Of = (account: AccountName) => cloud.client(EC2Client, account)

async function newVpc(account: AccountName, CidrBlock: string): Promise<string> {
  return (await ec2Of(account).send(new CreateVpcCommand({ CidrBlock }))).Vpc?.VpcId ?? ''
}

async function newSubnet(account: AccountName, VpcId: string, CidrBlock: string, Name: string): Promise<string> {
  const TagSpecifications = [{ ResourceType: 'subnet' as const, Tags: [{ Key: 'Name', Value: Name }] }]
  const { Subnet } = await ec2Of(account).send(new CreateSubnetCommand({ VpcId, CidrBlock, TagSpecifications }))
  return Subnet?.SubnetId ?? ''
}

async function newGroup(account: AccountName, VpcId: string): Promise<string> {
  const group = { VpcId, GroupName: 'functions', Description: 'functions' }
  return (await ec2Of(account).send(new CreateSecurityGroupCommand(group))).GroupId ?? ''
}

async function deployProbe(account: AccountName, SubnetIds: string[], SecurityGroupIds: string[]): Promise<void> {
  const role = await createRole(iamOf(cloud, account), 'probe')
  await iamOf(cloud, account).send(new AttachRolePolicyCommand({ RoleName: 'probe', PolicyArn: VPC_ACCESS }))
  await deploy(lambdaOf(cloud, account), 'probe', {
    Role: role,
    code: PROBE,
    Timeout: 30,
    VpcConfig: { SubnetIds, SecurityGroupIds },
  })
}

async function probe(account: AccountName, event: object): Promise<unknown> {
  const Payload = Buffer.from(JSON.stringify(event))
  return payloadOf(await lambdaOf(cloud, account).send(new InvokeCommand({ FunctionName: 'probe', Payload })))
}

const toDatabase = (account: AccountName = 'target') => probe(account, { address: DATABASE, port: 5432 })

let vpc: string
let subnets: readonly [string, string]

describe.skipIf(refused)('a function in a VPC', () => {
  beforeAll(async () => {
    database = createServer((socket) => socket.end('ready')).listen(0, '127.0.0.1')
    await once(database, 'listening')
    const { port } = database.address() as AddressInfo
    const project = parseProjectFile(
      `accounts: { source: '${ACCOUNTS.source}', target: '${ACCOUNTS.target}' }
hosts:
  database:
    account: target
    subnet: data
    address: ${DATABASE}
    ports: { 5432: ${port} }
    from: [10.20.2.0/24]
`,
      'isthmus.yaml',
    )
    cloud = await startCloud({ project, vpc: 'require-real' })
    vpc = await newVpc('target', '10.20.0.0/16')
    subnets = [
      await newSubnet('target', vpc, '10.20.1.0/24', 'data'),
      await newSubnet('target', vpc, '10.20.2.0/24', 'functions'),
    ]
    await deployProbe('target', [subnets[1]], [await newGroup('target', vpc)])
  })
  afterAll(async () => {
    await cloud.close()
    database.close()
  })

  it('reaches a service of this machine at its address in the VPC, as its security group says', async () => {
    expect(await toDatabase()).toBe('ready')
    expect(await probe('target', { address: DATABASE, port: 5433 })).toBe('timeout')
    const { NetworkInterfaces = [] } = await ec2Of('target').send(
      new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'private-ip-address', Values: [DATABASE] }] }),
    )
    const GroupId = NetworkInterfaces[0]?.Groups?.[0]?.GroupId
    const rule = { GroupId, IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, CidrIp: '10.20.2.0/24' }
    await ec2Of('target').send(new RevokeSecurityGroupIngressCommand(rule))
    expect(await toDatabase()).toBe('timeout')
    await ec2Of('target').send(new AuthorizeSecurityGroupIngressCommand(rule))
    expect(await toDatabase()).toBe('ready')
  })

  it('finds AWS and the test internet by name, and nothing of the machine', async () => {
    expect(await probe('target', { name: 'internet.isthmus.test' })).toBe('203.0.113.10')
    expect(await probe('target', { name: 'lambda.us-east-1.amazonaws.com' })).toMatch(/^198\.18\./)
    expect(await probe('target', { name: 'nobody.example' })).toBe('ENOTFOUND')
    const { port } = database.address() as AddressInfo
    expect(await probe('target', { address: '127.0.0.1', port })).toBe('ECONNREFUSED')
  })

  it('of another account comes through a peering connection, once both sides have accepted and routed', async () => {
    const other = await newVpc('source', '10.30.0.0/16')
    const subnet = await newSubnet('source', other, '10.30.1.0/24', 'functions')
    await deployProbe('source', [subnet], [await newGroup('source', other)])
    expect(await toDatabase('source')).toBe('timeout')
    const { VpcPeeringConnection } = await ec2Of('source').send(
      new CreateVpcPeeringConnectionCommand({ VpcId: other, PeerVpcId: vpc, PeerOwnerId: ACCOUNTS.target }),
    )
    const VpcPeeringConnectionId = VpcPeeringConnection?.VpcPeeringConnectionId ?? ''
    await ec2Of('target').send(new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId }))
    for (const [account, VpcId, DestinationCidrBlock] of [
      ['source', other, '10.20.0.0/16'],
      ['target', vpc, '10.30.0.0/16'],
    ] as const) {
      expect(await toDatabase('source')).toBe('timeout')
      const { RouteTables = [] } = await ec2Of(account).send(
        new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }),
      )
      const RouteTableId = RouteTables[0]?.RouteTableId
      await ec2Of(account).send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock, VpcPeeringConnectionId }))
    }
    // Routed both ways; the database lets only the other subnet in.
    expect(await toDatabase('source')).toBe('timeout')
    const { NetworkInterfaces = [] } = await ec2Of('target').send(
      new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'private-ip-address', Values: [DATABASE] }] }),
    )
    const GroupId = NetworkInterfaces[0]?.Groups?.[0]?.GroupId
    await ec2Of('target').send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpProtocol: 'tcp',
        FromPort: 5432,
        ToPort: 5432,
        CidrIp: '10.30.1.0/24',
      }),
    )
    expect(await toDatabase('source')).toBe('ready')
    expect(await toDatabase('target')).toBe('ready')
  })

  it('is in the flow logs of its subnet, accepted and rejected', async () => {
    const iam = iamOf(cloud, 'target')
    const statement = (more: object) => JSON.stringify({ Version: '2012-10-17', Statement: [more] })
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: 'flows',
        AssumeRolePolicyDocument: statement({
          Effect: 'Allow',
          Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
          Action: 'sts:AssumeRole',
        }),
      }),
    )
    const PolicyDocument = statement({ Effect: 'Allow', Action: 'logs:*', Resource: '*' })
    await iam.send(new PutRolePolicyCommand({ RoleName: 'flows', PolicyName: 'logs', PolicyDocument }))
    await ec2Of('target').send(
      new CreateFlowLogsCommand({
        ResourceIds: [subnets[0]],
        ResourceType: 'Subnet',
        TrafficType: 'ALL',
        LogGroupName: 'flows',
        DeliverLogsPermissionArn: Role?.Arn,
      }),
    )
    expect(await toDatabase()).toBe('ready')
    expect(await probe('target', { address: DATABASE, port: 5433 })).toBe('timeout')
    const lines = await eventually(async () => {
      const { events = [] } = await cloud
        .client(CloudWatchLogsClient, 'target')
        .send(new FilterLogEventsCommand({ logGroupName: 'flows' }))
        .catch(() => ({ events: [] }))
      const text = events.map(({ message }) => message ?? '')
      return [' 5432 6 ', ' 5433 6 '].every((port) => text.some((line) => line.includes(port))) ? text : undefined
    }, 30_000)
    expect(lines.find((line) => line.includes(' 5432 6 '))).toMatch(/ ACCEPT OK$/)
    expect(lines.find((line) => line.includes(' 5433 6 '))).toMatch(/ REJECT OK$/)
  })

  it('loses the service of this machine with its subnet, which nothing else keeps', async () => {
    await ec2Of('target').send(new DeleteSubnetCommand({ SubnetId: subnets[0] }))
    expect(await toDatabase()).toBe('timeout')
  })
})
