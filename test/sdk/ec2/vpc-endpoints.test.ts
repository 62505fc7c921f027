/** VPC endpoints: the two types, their interfaces, routes and names, and what AWS refuses. */
import {
  CreateVpcEndpointCommand,
  DeleteVpcCommand,
  DeleteVpcEndpointsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeVpcEndpointsCommand,
  EC2Client,
  type CreateVpcEndpointCommandInput,
  type VpcEndpoint,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { expectRefusal, newSubnet, newVpc } from './support.ts'

let cloud: TestCloud
let client: EC2Client

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(EC2Client, 'source')
})
afterAll(() => cloud.close())

const LAMBDA = 'com.amazonaws.us-east-1.lambda'

async function create(input: Omit<CreateVpcEndpointCommandInput, 'ServiceName'> & { ServiceName?: string }) {
  const { VpcEndpoint: made } = await client.send(new CreateVpcEndpointCommand({ ServiceName: LAMBDA, ...input }))
  return made ?? {}
}

async function describeOne(id: string | undefined): Promise<VpcEndpoint> {
  const { VpcEndpoints = [] } = await client.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [id ?? ''] }))
  return VpcEndpoints[0] ?? {}
}

describe('an interface endpoint', () => {
  it('has an interface in each of its subnets, requested and attached by AWS', async () => {
    const VpcId = await newVpc(client)
    const SubnetIds = [await newSubnet(client, VpcId)]
    const made = await create({ VpcId, SubnetIds, VpcEndpointType: 'Interface', PrivateDnsEnabled: false })
    expect(made).toMatchObject({ State: 'pending', ServiceName: LAMBDA, SubnetIds, OwnerId: '111122223333' })
    const { NetworkInterfaces } = await client.send(
      new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: made.NetworkInterfaceIds }),
    )
    expect(NetworkInterfaces).toMatchObject([
      {
        Description: `VPC Endpoint Interface ${made.VpcEndpointId}`,
        InterfaceType: 'vpc_endpoint',
        RequesterManaged: true,
        Status: 'in-use',
        Attachment: { InstanceOwnerId: 'amazon-aws' },
        Groups: [{ GroupName: 'default' }],
      },
    ])
    await expect.poll(async () => (await describeOne(made.VpcEndpointId)).State).toBe('available')
    await expectRefusal(client.send(new DeleteVpcCommand({ VpcId })), 'DependencyViolation', /has dependencies/)
    await client.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [made.VpcEndpointId ?? ''] }))
    await expectRefusal(
      client.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [made.VpcEndpointId ?? ''] })),
      'InvalidVpcEndpointId.NotFound',
      `The Vpc Endpoint Id '${made.VpcEndpointId}' does not exist`,
    )
  })
})
