/**
 * `isthmus plan` and `isthmus load` at limits of connections, each made to bind by real ones: a service of this machine that accepts a few, and
 * a NAT gateway that has ports for a few to one destination. Every environment of a function holds one.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'

import {
  AllocateAddressCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  AssociateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  waitUntilNatGatewayAvailable,
} from '@aws-sdk/client-ec2'
import { AttachRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import { CreateFunctionCommand, LambdaClient, waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { parseRun } from '../../src/crossing/load/run-data.ts'
import type { LoadSummary } from '../../src/crossing/load/summary.ts'
import type { LimitKind, Plan } from '../../src/crossing/plan/plan-data.ts'
import { zipOf } from '../sdk/lambda/support.ts'
import { setQuota } from '../sdk/service-quotas/support.ts'
import { ALLOW_LOGS, createRole } from './deployments.ts'
import { ACCOUNTS, createWorkplace, type RunningCloud, type Workplace } from './isthmus.ts'
import { isRefusedHere } from './network/world.ts'

const refused = await isRefusedHere()
const VPC_ACCESS = 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole'
const EVERYWHERE = '0.0.0.0/0'
const ACCEPTED_MAX = 3
const BUSY_MS = 300
const CONNECT_MS_MAX = 500
/** Four environments are needed in its second second. */
const RAMP = ['--stage', '3s:24']
const SECONDS_APART = 1

/** Connects once for each environment, as drivers of databases do, and fails with what the other side says. */
const HOLDER = `
const { connect } = require('node:net')
let held
const open = ({ host, port, greets }) => new Promise((resolve, reject) => {
  const socket = connect({ host, port })
  socket.setTimeout(${CONNECT_MS_MAX}, () => socket.destroy(Object.assign(new Error('connect ETIMEDOUT ' + host), { code: 'ETIMEDOUT' })))
  socket.on('error', reject)
  const use = () => { socket.setTimeout(0); resolve(socket) }
  if (!greets) socket.on('connect', use)
  else socket.on('data', (data) => String(data) === 'ready' ? use() : reject(new Error(String(data))))
})
exports.handler = async (event) => {
  held ??= await open(event)
  await new Promise((done) => setTimeout(done, ${BUSY_MS}))
}`

let database: Server
let place: Workplace
let cloud: RunningCloud
let mostAccepted = 0

async function networkOf(ec2: EC2Client): Promise<{ readonly subnet: string; readonly group: string }> {
  const VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.20.0.0/16' }))).Vpc?.VpcId ?? ''
  const newSubnet = async (CidrBlock: string, Name: string) => {
    const TagSpecifications = [{ ResourceType: 'subnet' as const, Tags: [{ Key: 'Name', Value: Name }] }]
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, TagSpecifications }))
    return Subnet?.SubnetId ?? ''
  }
  const open = await newSubnet('10.20.0.0/24', 'public')
  await newSubnet('10.20.1.0/24', 'data')
  const subnet = await newSubnet('10.20.2.0/24', 'functions')
  const InternetGatewayId = (await ec2.send(new CreateInternetGatewayCommand({}))).InternetGateway?.InternetGatewayId
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }))
  const routeTo = async (RouteTableId: string | undefined, target: object) => {
    await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: EVERYWHERE, ...target }))
  }
  const main = await ec2.send(new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }))
  await routeTo(main.RouteTables?.[0]?.RouteTableId, { GatewayId: InternetGatewayId })
  const { AllocationId } = await ec2.send(new AllocateAddressCommand({}))
  const { NatGateway } = await ec2.send(new CreateNatGatewayCommand({ SubnetId: open, AllocationId }))
  const NatGatewayId = NatGateway?.NatGatewayId ?? ''
  await waitUntilNatGatewayAvailable(
    { client: ec2, maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.2 },
    { NatGatewayIds: [NatGatewayId] },
  )
  const RouteTableId = (await ec2.send(new CreateRouteTableCommand({ VpcId }))).RouteTable?.RouteTableId
  await routeTo(RouteTableId, { NatGatewayId })
  await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId: subnet }))
  const group = { VpcId, GroupName: 'functions', Description: 'functions' }
  return { subnet, group: (await ec2.send(new CreateSecurityGroupCommand(group))).GroupId ?? '' }
}

async function load(name: string, payload: object): Promise<LoadSummary & { readonly firstSecond?: number }> {
  const ends = ['--from', 'target', '--to', `target:${name}`]
  const save = `${name}.json`
  const kept = ['--payload', JSON.stringify(payload), '--save', save, '--json']
  const { stdout, stderr } = await place.run(['load', ...ends, ...RAMP, ...kept])
  const line = stdout.trimEnd().split('\n').at(-1) ?? ''
  if (!line.startsWith('{')) throw new Error(stderr)
  const { seconds } = parseRun(readFileSync(join(place.folder, save), 'utf8'), save)
  const first = seconds.find(({ causes }) => causes.length > 0)?.second
  return { ...(JSON.parse(line) as LoadSummary), ...(first !== undefined && { firstSecond: first }) }
}

async function plan(name: string, kind: LimitKind, ...more: string[]): Promise<Plan['limits'][number]> {
  const times = ['--invocation-duration', `${BUSY_MS + 5}ms`, '--init-duration', '50ms']
  const { stdout, stderr } = await place.run(['plan', '--to', `target:${name}`, ...times, ...RAMP, '--json', ...more])
  if (!stdout.startsWith('{')) throw new Error(stderr)
  const { limits } = JSON.parse(stdout) as Plan
  const row = limits.find((one) => one.kind === kind)
  if (!row) throw new Error(`the plan has no ${kind}`)
  expect(row).toMatchObject({ holds: false, limit: ACCEPTED_MAX })
  return row
}

describe.skipIf(refused)('connections beyond what is accepted', () => {
  beforeAll(async () => {
    let open = 0
    database = createServer((socket) => {
      socket.on('error', () => socket.destroy())
      if (open === ACCEPTED_MAX) return void socket.end('FATAL: sorry, too many clients already')
      open++
      mostAccepted = Math.max(mostAccepted, open)
      socket.on('close', () => open--)
      socket.write('ready')
    }).listen(0, '127.0.0.1')
    await once(database, 'listening')
    const { port } = database.address() as AddressInfo
    place = createWorkplace()
    writeFileSync(
      join(place.folder, 'isthmus.yaml'),
      `accounts: { source: '${ACCOUNTS.source}', target: '${ACCOUNTS.target}' }
hosts:
  database: { account: target, subnet: data, address: 10.20.1.10, ports: { 5432: ${port} } }
`,
    )
    cloud = await place.up(['--vpc', 'require-real'])
    await setQuota(cloud, 'vpc', 'vpc-nat-connections', ACCEPTED_MAX, 'target')
    const { subnet, group } = await networkOf(cloud.client(EC2Client, 'target'))
    const role = await createRole(cloud, 'target', 'holder', { policies: { logs: ALLOW_LOGS } })
    await cloud
      .client(IAMClient, 'target')
      .send(new AttachRolePolicyCommand({ RoleName: 'holder', PolicyArn: VPC_ACCESS }))
    const lambda = cloud.client(LambdaClient, 'target')
    for (const FunctionName of ['reader', 'caller']) {
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName,
          Role: role,
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Code: { ZipFile: await zipOf({ 'index.js': HOLDER }) },
          VpcConfig: { SubnetIds: [subnet], SecurityGroupIds: [group] },
        }),
      )
      await waitUntilFunctionActiveV2(
        { client: lambda, maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.2 },
        { FunctionName },
      )
    }
  })
  afterAll(async () => {
    await place.close()
    database.close()
  })

  it('by a database fail with its words, which load counts as its limit, in the second that was planned', async () => {
    const row = await plan('reader', 'downstream-connections', '--downstream-connections', String(ACCEPTED_MAX))
    expect(row.source).toBe('given')
    const { causes, succeeded, firstSecond } = await load('reader', { host: '10.20.1.10', port: 5432, greets: true })
    expect(causes).toMatchObject([
      { cause: 'Error', kind: 'downstream-connections', detail: 'too many clients already' },
    ])
    expect(succeeded).toBeGreaterThan(0)
    expect(mostAccepted).toBe(ACCEPTED_MAX)
    expect(Math.abs((row.firstSecond ?? Number.NaN) - (firstSecond ?? Number.NaN))).toBeLessThanOrEqual(SECONDS_APART)
  })

  it('by a NAT gateway find silence, which load counts as the network, in the second that was planned', async () => {
    const row = await plan('caller', 'nat-connections')
    expect(row.source).toBe('read')
    const { causes, succeeded, notes, firstSecond } = await load('caller', { host: '203.0.113.10', port: 80 })
    expect(causes).toMatchObject([{ cause: 'Error', kind: 'network', detail: 'ETIMEDOUT' }])
    // CloudWatch's word for it.
    expect(row.cause).toBe('ErrorPortAllocation')
    expect(notes).toContainEqual(expect.stringMatching(`^${row.of}: ${row.cause} \\d+:`))
    expect(succeeded).toBeGreaterThan(0)
    expect(Math.abs((row.firstSecond ?? Number.NaN) - (firstSecond ?? Number.NaN))).toBeLessThanOrEqual(SECONDS_APART)
  })
})
