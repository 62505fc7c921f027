/** `explain` of functions in VPCs, read from a running cloud through EC2's and Lambda's own APIs. */
import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  waitUntilNatGatewayAvailable,
} from '@aws-sdk/client-ec2'
import { AttachRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { AddPermissionCommand } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { explainCall } from '../../../src/crossing/explain/explain.ts'
import { parseFunctionReference } from '../../../src/crossing/crossing.ts'
import type { CallExplanation } from '../../../src/crossing/explain/explanation.ts'
import { ACCOUNTS, startCloud, type AccountName, type TestCloud } from '../cloud.ts'
import { arnOf, create, createRole, iamOf, lambdaOf, REGION, untilActive } from '../lambda/support.ts'

const VPC_ACCESS = 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole'
const CALLEE = arnOf('target', 'callee')

let cloud: TestCloud
let ec2: EC2Client
let vpcId: string
let routeTableId: string
let groupId: string
let publicSubnetId: string

beforeAll(async () => {
  cloud = await startCloud()
  ec2 = cloud.client(EC2Client, 'source')
  vpcId = await newVpc(ec2)
  const subnetId = await newSubnet(ec2, vpcId, '10.0.1.0/24')
  publicSubnetId = await newSubnet(ec2, vpcId, '10.0.2.0/24')
  groupId = await newGroup(ec2, vpcId)
  routeTableId = await newRouteTable(subnetId)
  await newFunction('source', 'caller', { SubnetIds: [subnetId], SecurityGroupIds: [groupId] })
  const target = cloud.client(EC2Client, 'target')
  const other = await newVpc(target)
  await newFunction('target', 'callee', {
    SubnetIds: [await newSubnet(target, other, '10.0.1.0/24')],
    SecurityGroupIds: [await newGroup(target, other)],
  })
  await lambdaOf(cloud, 'target').send(
    new AddPermissionCommand({
      FunctionName: 'callee',
      StatementId: 'caller',
      Action: 'lambda:InvokeFunction',
      Principal: `arn:aws:iam::${ACCOUNTS.source}:role/caller-role`,
    }),
  )
}, 60_000)

afterAll(() => cloud.close())

async function newVpc(client: EC2Client): Promise<string> {
  return (await client.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc?.VpcId ?? ''
}

async function newSubnet(client: EC2Client, VpcId: string, CidrBlock: string): Promise<string> {
  return (await client.send(new CreateSubnetCommand({ VpcId, CidrBlock }))).Subnet?.SubnetId ?? ''
}

async function newGroup(client: EC2Client, VpcId: string): Promise<string> {
  const created = await client.send(
    new CreateSecurityGroupCommand({ VpcId, GroupName: 'functions', Description: 'functions' }),
  )
  return created.GroupId ?? ''
}

/** With no route but the local one. */
async function newRouteTable(SubnetId: string): Promise<string> {
  const RouteTableId = (await ec2.send(new CreateRouteTableCommand({ VpcId: vpcId }))).RouteTable?.RouteTableId ?? ''
  await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }))
  return RouteTableId
}

async function newFunction(
  account: AccountName,
  name: string,
  VpcConfig: { readonly SubnetIds: string[]; readonly SecurityGroupIds: string[] },
): Promise<void> {
  const RoleName = `${name}-role`
  const iam = iamOf(cloud, account)
  const Role = await createRole(iam, RoleName)
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: VPC_ACCESS }))
  await iam.send(
    new PutRolePolicyCommand({
      RoleName,
      PolicyName: 'may-call',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' }],
      }),
    }),
  )
  const lambda = lambdaOf(cloud, account)
  await create(lambda, name, { Role, VpcConfig })
  await untilActive(lambda, name)
}

function explain(): Promise<CallExplanation> {
  const reference = parseFunctionReference(arnOf('source', 'caller'), { region: REGION, accounts: new Map() })
  return explainCall({
    access: {
      endpoint: cloud.endpoint,
      region: REGION,
      signers: new Map(
        (['management', 'source', 'target'] as const).map((name) => [
          ACCOUNTS[name],
          { keys: cloud.administrator(name) },
        ]),
      ),
    },
    profiles: new Map(),
    question: {
      caller: { function: reference },
      action: 'lambda:InvokeFunction',
      resource: CALLEE,
      resourceAccount: ACCOUNTS.target,
      type: 'sync',
      context: new Map(),
    },
    dryRun: false,
    now: new Date(),
  })
}

test('a permitted call from a private subnet fails, with the route table that has no way out and what would give one', async () => {
  const { verdict, blockers, fixes, layers } = await explain()
  expect(verdict).toBe('fails')
  expect(blockers).toMatchObject([{ side: 'caller', layer: 'network', account: ACCOUNTS.source }])
  expect(blockers[0]?.text).toBe(
    `the call of caller to lambda.us-east-1.amazonaws.com:443 times out at route-table ${routeTableId}: no route leads to 198.18.0.1`,
  )
  expect(fixes.map(({ kind }) => kind)).toEqual(['needed', 'alternative'])
  expect(fixes[0]?.commands[0]?.argv).toContain('create-vpc-endpoint')
  expect(layers.find(({ layer }) => layer === 'network')).toMatchObject({ side: 'caller', outcome: 'explicit_deny' })
})

test('of a callee in a VPC it says that the call does not enter through it, and what the callee itself cannot reach', async () => {
  const [fact] = (await explain()).facts
  expect(fact?.id).toBe('callee-in-vpc')
  expect(fact?.text).toMatch(
    /Invoke does not enter through a VPC.*s3\.us-east-1\.amazonaws\.com:443 times out at route-table/,
  )
})

test('with a NAT gateway the call is allowed, and the way is told hop by hop', async () => {
  const InternetGatewayId =
    (await ec2.send(new CreateInternetGatewayCommand({}))).InternetGateway?.InternetGatewayId ?? ''
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId: vpcId }))
  const everything = { DestinationCidrBlock: '0.0.0.0/0' }
  const publicTable = await newRouteTable(publicSubnetId)
  await ec2.send(new CreateRouteCommand({ RouteTableId: publicTable, GatewayId: InternetGatewayId, ...everything }))
  const { AllocationId = '' } = await ec2.send(new AllocateAddressCommand({}))
  const NatGatewayId =
    (await ec2.send(new CreateNatGatewayCommand({ SubnetId: publicSubnetId, AllocationId }))).NatGateway
      ?.NatGatewayId ?? ''
  await waitUntilNatGatewayAvailable(
    { client: ec2, maxWaitTime: 20, minDelay: 1, maxDelay: 1 },
    { NatGatewayIds: [NatGatewayId] },
  )
  await ec2.send(new CreateRouteCommand({ RouteTableId: routeTableId, NatGatewayId, ...everything }))
  const { verdict, blockers, network } = await explain()
  expect(blockers).toEqual([])
  expect(verdict).toBe('allowed')
  expect(network?.text).toBe(`connects through ${NatGatewayId}`)
  expect(network?.ways[0]?.hops.map(({ kind, leg }) => `${kind} ${leg}`)).toEqual([
    'security-group request',
    'network-acl request',
    'route-table request',
    'network-acl request',
    'nat-gateway request',
    'network-acl request',
    'route-table request',
    'internet-gateway request',
    'internet request',
    'network-acl reply',
    'network-acl reply',
    'route-table reply',
    'network-acl reply',
  ])
})

test('a security group that lets nothing out is opened by the command that the fix has', async () => {
  await ec2.send(
    new RevokeSecurityGroupEgressCommand({
      GroupId: groupId,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    }),
  )
  const { verdict, fixes } = await explain()
  expect(verdict).toBe('fails')
  expect(fixes[0]?.commands[0]?.argv.slice(1)).toEqual([
    'ec2',
    'authorize-security-group-egress',
    '--group-id',
    groupId,
    '--ip-permissions',
    'IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=198.18.0.1/32}]',
  ])
})
