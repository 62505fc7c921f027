/**
 * `isthmus plan` and `isthmus load` at the limits of a VPC and of this machine, each made to bind: those of a VPC break when the function is
 * deployed, which the plan says with the cause and the second that the load then meets.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import {
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import { AttachRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import { CreateFunctionCommand, GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { CauseKind } from '../../src/crossing/load/cause.ts'
import { parseRun } from '../../src/crossing/load/run-data.ts'
import type { LoadSummary } from '../../src/crossing/load/summary.ts'
import type { LimitKind, LimitVerdict, Plan } from '../../src/crossing/plan/plan-data.ts'
import { ECHO, eventually, zipOf } from '../sdk/lambda/support.ts'
import { setQuota } from '../sdk/service-quotas/support.ts'
import { ALLOW_LOGS, createFunction, createRole } from './deployments.ts'
import { createWorkplace, type RunningCloud, type Workplace } from './isthmus.ts'

const VPC_ACCESS = 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole'
const FORTNIGHT_MS = 14 * 24 * 3_600_000 + 3_600_000
const SLOW = 'exports.handler = () => new Promise((resolve) => setTimeout(resolve, 13_000))'
/** A /28 has sixteen addresses, of which AWS keeps five. */
const ADDRESSES_OF_NARROW = 11

let place: Workplace
let cloud: RunningCloud
let lambda: LambdaClient
let ec2: EC2Client
let role: string
let vpc: string

beforeAll(async () => {
  place = createWorkplace()
  // The limits are those of the control plane: what carries the packets does not matter.
  cloud = await place.up(['--vpc', 'modelled', '--environments', '2'])
  lambda = cloud.client(LambdaClient, 'target')
  ec2 = cloud.client(EC2Client, 'target')
  role = await createRole(cloud, 'target', 'execution', { policies: { logs: ALLOW_LOGS } })
  const access = new AttachRolePolicyCommand({ RoleName: 'execution', PolicyArn: VPC_ACCESS })
  await cloud.client(IAMClient, 'target').send(access)
  vpc = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc?.VpcId ?? ''
})

afterAll(() => place.close())

async function newSubnet(CidrBlock: string): Promise<string> {
  return (await ec2.send(new CreateSubnetCommand({ VpcId: vpc, CidrBlock }))).Subnet?.SubnetId ?? ''
}

async function newGroup(GroupName: string): Promise<string> {
  const command = new CreateSecurityGroupCommand({ VpcId: vpc, GroupName, Description: GroupName })
  return (await ec2.send(command)).GroupId ?? ''
}

/** Resolves in the state that is waited for. */
async function createInVpc(FunctionName: string, subnet: string, group: string, state: string): Promise<void> {
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Role: role,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: await zipOf({ 'index.js': ECHO }) },
      VpcConfig: { SubnetIds: [subnet], SecurityGroupIds: [group] },
    }),
  )
  await untilState(FunctionName, state)
}

async function untilState(FunctionName: string, state: string): Promise<void> {
  await eventually(async () => {
    const { State } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))
    return State === state || undefined
  })
}

const PROFILE = ['--rate', '10', '--duration', '1s']

async function load(name: string, ...more: string[]): Promise<LoadSummary> {
  const crossing = ['--from', 'target', '--to', `target:${name}`]
  const { stdout } = await place.run(['load', ...crossing, ...PROFILE, '--json', ...more])
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as LoadSummary
}

async function plan(name: string, ...more: string[]): Promise<Plan> {
  const { stdout } = await place.run(['plan', '--to', `target:${name}`, ...PROFILE, '--json', ...more])
  return JSON.parse(stdout) as Plan
}

function limit({ limits }: Plan, kind: LimitKind): LimitVerdict | undefined {
  return limits.find((row) => row.kind === kind)
}

/** `planned`: before it was invoked. The load meets what was planned, in the second that was planned, as often as it was simulated. */
async function expectMet(planned: Plan, name: string, kinds: readonly [LimitKind, CauseKind]): Promise<void> {
  const row = limit(planned, kinds[0])
  expect(planned.limits.filter(({ holds }) => !holds)).toEqual([row])
  expect(row).toMatchObject({ whenDeployed: true, firstSecond: 0, source: 'read' })
  const { sent, succeeded, causes } = await load(name, '--save', `${name}.json`)
  expect(causes).toMatchObject([{ cause: row?.cause, kind: kinds[1], count: row?.refused }])
  expect(planned.functions).toMatchObject([{ arrived: sent, served: succeeded, unconnected: sent }])
  expect(firstFailure(name)).toBe(row?.firstSecond)
}

/** In a saved run. */
function firstFailure(name: string): number | undefined {
  const run = parseRun(readFileSync(join(place.folder, `${name}.json`), 'utf8'), name)
  return run.seconds.find(({ causes }) => causes.length > 0)?.second
}

describe('load names what was planned', () => {
  it('a subnet without a free address', async () => {
    const narrow = await newSubnet('10.0.1.0/28')
    const group = await newGroup('narrow')
    for (let taken = 0; taken < ADDRESSES_OF_NARROW; taken++) {
      await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: narrow, Groups: [group] }))
    }
    await createInVpc('squeezed', narrow, group, 'Failed')
    const planned = await plan('squeezed')
    expect(limit(planned, 'subnet-addresses')).toMatchObject({
      needed: 1,
      limit: 0,
      cause: 'SubnetIPAddressLimitReachedException',
    })
    await expectMet(planned, 'squeezed', ['subnet-addresses', 'subnet-addresses'])
  })

  it('the limit of network interfaces', async () => {
    const subnet = await newSubnet('10.0.2.0/24')
    await createInVpc('within', subnet, await newGroup('first'), 'Active')
    await setQuota(cloud, 'lambda', 'L-9FEE3D26', 1, 'target')
    await createInVpc('beyond', subnet, await newGroup('second'), 'Failed')
    const planned = await plan('beyond')
    expect(limit(planned, 'interfaces-per-vpc')).toMatchObject({
      needed: 2,
      limit: 1,
      cause: 'ENILimitReachedException',
    })
    await expectMet(planned, 'beyond', ['interfaces-per-vpc', 'eni'])
    // Who has an interface already is not concerned.
    expect((await plan('within')).ok).toBe(true)
    await setQuota(cloud, 'lambda', 'L-9FEE3D26', 500, 'target')
  })

  it('the limit of all network interfaces in the Region', async () => {
    const subnet = await newSubnet('10.0.4.0/24')
    // There are those of the tests before.
    await setQuota(cloud, 'vpc', 'L-DF5E4CA3', 1, 'target')
    await createInVpc('crowded', subnet, await newGroup('crowded'), 'Failed')
    const planned = await plan('crowded')
    expect(limit(planned, 'interfaces-per-region')).toMatchObject({ limit: 1, cause: 'ENILimitReachedException' })
    await expectMet(planned, 'crowded', ['interfaces-per-region', 'eni'])
    await setQuota(cloud, 'vpc', 'L-DF5E4CA3', 5000, 'target')
  })

  it('EC2 that is asked too often', async () => {
    const [subnet, group] = [await newSubnet('10.0.3.0/24'), await newGroup('third')]
    // The request that is checked spends the only token, so none is left to make the interface with.
    await setQuota(cloud, 'ec2', 'ec2-api-network-interface-bucket', 1, 'target')
    await setQuota(cloud, 'ec2', 'ec2-api-network-interface-refill', 0.001, 'target')
    await createInVpc('late', subnet, group, 'Failed')
    const planned = await plan('late')
    expect(limit(planned, 'create-interface-requests')).toMatchObject({
      needed: 2,
      limit: 1,
      cause: 'EC2ThrottledException',
    })
    await expectMet(planned, 'late', ['create-interface-requests', 'ec2-rate'])
    await setQuota(cloud, 'ec2', 'ec2-api-network-interface-bucket', 100, 'target')
    await setQuota(cloud, 'ec2', 'ec2-api-network-interface-refill', 5, 'target')
  })

  it('a function that has given its interfaces back, until it has them again', async () => {
    await fetch(`${cloud.ready.endpoint}/_isthmus/clock`, {
      method: 'POST',
      body: JSON.stringify({ advanceMs: FORTNIGHT_MS }),
    })
    await untilState('within', 'Inactive')
    const { sent, succeeded, causes } = await load('within', '--duration', '5s')
    expect(causes).toContainEqual(expect.objectContaining({ cause: 'ResourceNotReadyException', kind: 'vpc' }))
    // While the interfaces are made again, which takes a busy machine a moment, the function is Pending.
    for (const { cause } of causes) expect(['ResourceNotReadyException', 'ResourceConflictException']).toContain(cause)
    expect(succeeded).toBeGreaterThan(0)
    expect(causes.reduce((sum, { count }) => sum + count, succeeded)).toBe(sent)
  })

  it('this machine, when it has no room for another environment', async () => {
    await createFunction(cloud, 'target', 'slow', { role, code: SLOW, timeoutSeconds: 30 })
    const times = ['--invocation-duration', '11500ms', '--init-duration', '50ms']
    const { host, ok } = await plan('slow', '--rate', '3', ...times)
    expect(host).toEqual({ environmentsMax: 2, needed: 3, cause: 'ServiceException', refused: 1, firstSecond: 0 })
    // It is no limit of AWS's.
    expect(ok).toBe(true)
    expect(await load('slow', '--rate', '3', '--save', 'slow.json')).toMatchObject({
      sent: 3,
      succeeded: 2,
      causes: [{ cause: host?.cause, kind: 'host-capacity', count: host?.refused }],
    })
    expect(firstFailure('slow')).toBe(host?.firstSecond)
  })
})
