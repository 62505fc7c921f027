/** What records say of networks: the interface of a function in a VPC, and the endpoint that a request came through. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  CreateSecurityGroupCommand,
  CreateVpcEndpointCommand,
  DescribeNetworkInterfacesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import { AttachRolePolicyCommand } from '@aws-sdk/client-iam'
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { newSubnet, newVpc } from '../ec2/support.ts'
import { createRole, deploy, iamOf, lambdaOf } from '../lambda/support.ts'
import { lineWith } from './trail-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'isthmus-trail-'))
let cloud: TestCloud
let ec2: EC2Client
let vpcId: string

beforeAll(async () => {
  cloud = await startCloud({ stateDirectory: folder })
  ec2 = cloud.client(EC2Client, 'target')
  vpcId = await newVpc(ec2)
})
afterAll(async () => {
  await cloud.close()
  rmSync(folder, { recursive: true, force: true })
})

async function recordOf(requestId: string | undefined): Promise<Record<string, unknown>> {
  return JSON.parse(await lineWith(folder, 'target', `"requestID":"${requestId}"`)) as Record<string, unknown>
}

it('the data event of a function in a VPC names its interface', async () => {
  const iam = iamOf(cloud, 'target')
  const Role = await createRole(iam, 'attached')
  const PolicyArn = 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole'
  await iam.send(new AttachRolePolicyCommand({ RoleName: 'attached', PolicyArn }))
  const { GroupId = '' } = await ec2.send(
    new CreateSecurityGroupCommand({ VpcId: vpcId, GroupName: 'g', Description: 'g' }),
  )
  const VpcConfig = { SubnetIds: [await newSubnet(ec2, vpcId)], SecurityGroupIds: [GroupId] }
  const lambda = lambdaOf(cloud, 'target')
  await deploy(lambda, 'attached', { Role, VpcConfig, code: 'exports.handler = async () => null' })
  const { $metadata } = await lambda.send(new InvokeCommand({ FunctionName: 'attached' }))
  const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({}))
  expect(await recordOf($metadata.requestId)).toMatchObject({
    additionalEventData: {
      customerEniId: NetworkInterfaces?.[0]?.NetworkInterfaceId,
      functionVersion: `arn:aws:lambda:us-east-1:${ACCOUNTS.target}:function:attached:$LATEST`,
    },
  })
})

it('a request through an endpoint is recorded with the endpoint, its account and the address in the VPC', async () => {
  const { VpcEndpoint } = await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId: vpcId,
      ServiceName: 'com.amazonaws.us-east-1.lambda',
      VpcEndpointType: 'Interface',
      PrivateDnsEnabled: false,
    }),
  )
  const vpcEndpointId = VpcEndpoint?.VpcEndpointId ?? ''
  // Stands for the data plane.
  const server = createServer((socket) =>
    cloud.cloud.fromNetwork.adopt(socket, { endpoint: { vpcEndpointId, vpcId, sourceIp: '10.0.1.77' } }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = new LambdaClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: cloud.administrator('target'),
    maxAttempts: 1,
  })
  try {
    const { $metadata } = await client.send(new ListFunctionsCommand({}))
    expect(await recordOf($metadata.requestId)).toMatchObject({
      eventName: 'ListFunctions20150331',
      sourceIPAddress: '10.0.1.77',
      vpcEndpointId,
      vpcEndpointAccountId: ACCOUNTS.target,
      readOnly: true,
    })
  } finally {
    client.destroy()
    server.close()
  }
})
