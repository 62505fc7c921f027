/**
 * Requests that come through the network of VPCs: what policies learn of the way they came, and that the endpoint's own policy takes part.
 * A small server on the loopback stands for the data plane: it hands its connections over, tagged as the data plane tags them.
 */
import { createServer, type AddressInfo, type Server } from 'node:net'

import {
  CreateVpcEndpointCommand,
  DeleteVpcEndpointsCommand,
  EC2Client,
  ModifyVpcEndpointCommand,
} from '@aws-sdk/client-ec2'
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import { DescribeOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { ConnectionOrigin } from '../../../src/network/network.ts'
import { ACCOUNTS, startCloud, type AccountName, type TestCloud, type TestCredentials } from '../cloud.ts'
import { expectRefusal, newVpc } from '../ec2/support.ts'
import { policy, trusting } from '../iam/documents.ts'
import { create } from '../lambda/support.ts'
import { createUser, expectAbsent, expectKey, passesWhere, type Asker, type TestUser } from './asking.ts'

let cloud: TestCloud
let ec2: EC2Client
let vpcId: string
let endpointId: string
const servers: Server[] = []
const SOURCE_IP = '10.0.1.77'

/** The address of a way into the cloud whose connections come from there. */
async function wayFrom(origin: ConnectionOrigin): Promise<string> {
  const server = createServer((socket) => cloud.cloud.fromNetwork.adopt(socket, origin))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function throughEndpoint(VpcEndpointId = endpointId): Promise<string> {
  return wayFrom({ endpoint: { vpcEndpointId: VpcEndpointId, vpcId, sourceIp: SOURCE_IP } })
}

function lambdaAt(endpoint: string, credentials: TestCredentials): LambdaClient {
  return new LambdaClient({ region: 'us-east-1', endpoint, credentials, maxAttempts: 1 })
}

function asker(endpoint: string, user: TestUser): Asker {
  const client = lambdaAt(endpoint, user.credentials)
  return {
    allowWhere: (condition) => user.allowWhere(['lambda:ListFunctions'], condition),
    ask: () => client.send(new ListFunctionsCommand({})),
  }
}

beforeAll(async () => {
  cloud = await startCloud()
  ec2 = cloud.client(EC2Client, 'source')
  vpcId = await newVpc(ec2)
  const { VpcEndpoint } = await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId: vpcId,
      ServiceName: 'com.amazonaws.us-east-1.lambda',
      VpcEndpointType: 'Interface',
      PrivateDnsEnabled: false,
    }),
  )
  endpointId = VpcEndpoint?.VpcEndpointId ?? ''
})
afterAll(async () => {
  await cloud.close()
  for (const server of servers) server.close()
})

describe('a request through an endpoint', () => {
  it('tells the endpoint, its VPC and account and the address in the VPC, and no public address', async () => {
    const asking = asker(await throughEndpoint(), await createUser(cloud, 'target', 'through-endpoint'))
    await expectKey(asking, 'aws:SourceVpce', endpointId)
    await expectKey(asking, 'aws:SourceVpc', vpcId)
    await expectKey(asking, 'aws:VpcSourceIp', SOURCE_IP)
    await expectKey(asking, 'aws:SourceVpcArn', `arn:aws:ec2:us-east-1:111122223333:vpc/${vpcId}`)
    await expectKey(asking, 'aws:VpceAccount', '111122223333')
    await expectAbsent(asking, 'aws:SourceIp')
  })

  it('tells the organization of the endpoint', async () => {
    const organizations = cloud.client(OrganizationsClient, 'management')
    const { Organization } = await organizations.send(new DescribeOrganizationCommand({}))
    const asking = asker(await throughEndpoint(), await createUser(cloud, 'target', 'organization'))
    await expectKey(asking, 'aws:VpceOrgID', Organization?.Id ?? '')
    expect(
      await passesWhere(asking, { 'ForAnyValue:StringLike': { 'aws:VpceOrgPaths': `${Organization?.Id}/r-*/*` } }),
    ).toBe(true)
  })

  it('reaches the one service of the endpoint, and nothing that is for this machine', async () => {
    const endpoint = await throughEndpoint()
    const settings = { region: 'us-east-1', endpoint, credentials: cloud.administrator('source'), maxAttempts: 1 }
    await expectRefusal(
      new STSClient(settings).send(new GetCallerIdentityCommand({})),
      'SignatureDoesNotMatch',
      "Credential should be scoped to correct service: 'lambda'. ",
    )
    await expectRefusal(
      new LambdaClient({ ...settings, region: 'eu-west-1' }).send(new ListFunctionsCommand({})),
      'InvalidSignatureException',
      'Credential should be scoped to a valid region. ',
    )
    const health = await fetch(`${endpoint}/_isthmus/health`)
    expect(health.status).toBe(404)
  })
})

describe('the policy of an endpoint', () => {
  const setPolicy = (...statements: readonly object[]) =>
    ec2.send(new ModifyVpcEndpointCommand({ VpcEndpointId: endpointId, PolicyDocument: policy(...statements) }))

  it('limits callers of every account, administrators too', async () => {
    const endpoint = await throughEndpoint()
    await setPolicy({ Effect: 'Allow', Principal: '*', Action: 'lambda:InvokeFunction', Resource: '*' })
    const arn = 'arn:aws:lambda:us-east-1:444455556666:function:callee'
    for (const account of ['source', 'target'] as const) {
      const client = lambdaAt(endpoint, cloud.administrator(account))
      await expectRefusal(
        client.send(new ListFunctionsCommand({})),
        'AccessDeniedException',
        `User: ${administratorArn(account)} is not authorized to perform: lambda:ListFunctions on resource: * because no VPC endpoint policy allows the lambda:ListFunctions action`,
      )
    }
    // What it allows is left to the other policies.
    await expectRefusal(
      lambdaAt(endpoint, cloud.administrator('source')).send(new InvokeCommand({ FunctionName: arn })),
      'AccessDeniedException',
      /because no resource-based policy allows the lambda:InvokeFunction action$/,
    )
    await cloud.client(LambdaClient, 'source').send(new ListFunctionsCommand({}))
  })

  it('denies explicitly', async () => {
    await setPolicy(
      { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' },
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'lambda:*',
        Resource: '*',
        Condition: { StringNotEquals: { 'aws:PrincipalAccount': '111122223333' } },
      },
    )
    const endpoint = await throughEndpoint()
    await lambdaAt(endpoint, cloud.administrator('source')).send(new ListFunctionsCommand({}))
    await expectRefusal(
      lambdaAt(endpoint, cloud.administrator('target')).send(new ListFunctionsCommand({})),
      'AccessDeniedException',
      `User: ${administratorArn('target')} is not authorized to perform: lambda:ListFunctions on resource: * with an explicit deny in a VPC endpoint policy`,
    )
  })

  it('says nothing of the actions of other services', async () => {
    await setPolicy({ Effect: 'Allow', Principal: '*', Action: 'lambda:*', Resource: '*' })
    const { Role } = await cloud.client(IAMClient, 'source').send(
      new CreateRoleCommand({
        RoleName: 'passed',
        AssumeRolePolicyDocument: trusting({ Service: 'lambda.amazonaws.com' }),
      }),
    )
    const client = lambdaAt(await throughEndpoint(), cloud.administrator('source'))
    await create(client, 'made-through-endpoint', { Role: Role?.Arn ?? '' })
  })

  it('allows nothing once the endpoint is gone', async () => {
    const { VpcEndpoint } = await ec2.send(
      new CreateVpcEndpointCommand({
        VpcId: vpcId,
        ServiceName: 'com.amazonaws.us-east-1.lambda',
        VpcEndpointType: 'Interface',
        PrivateDnsEnabled: false,
      }),
    )
    const id = VpcEndpoint?.VpcEndpointId ?? ''
    const client = lambdaAt(await throughEndpoint(id), cloud.administrator('source'))
    await client.send(new ListFunctionsCommand({}))
    await ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }))
    await expectRefusal(
      client.send(new ListFunctionsCommand({})),
      'AccessDeniedException',
      /because no VPC endpoint policy/,
    )
  })
})

describe('a request through a NAT gateway', () => {
  it("comes from the gateway's address", async () => {
    const way = await wayFrom({ sourceIp: '198.51.100.7' })
    const asking = asker(way, await createUser(cloud, 'target', 'through-nat'))
    expect(await passesWhere(asking, { IpAddress: { 'aws:SourceIp': '198.51.100.7/32' } })).toBe(true)
    expect(await passesWhere(asking, { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } })).toBe(false)
    await expectAbsent(asking, 'aws:SourceVpce', 'aws:SourceVpc', 'aws:VpcSourceIp', 'aws:VpceAccount')
  })
})

function administratorArn(account: AccountName): string {
  return `arn:aws:iam::${ACCOUNTS[account]}:user/administrator`
}
