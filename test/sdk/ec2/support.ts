/** What the tests of EC2 share: a VPC to work in, and what refusals are expected to say. */
import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2'
import { expect } from 'vitest'

export async function newVpc(client: EC2Client, CidrBlock = '10.0.0.0/16'): Promise<string> {
  const { Vpc } = await client.send(new CreateVpcCommand({ CidrBlock }))
  return Vpc?.VpcId ?? ''
}

export async function newSubnet(client: EC2Client, VpcId: string, CidrBlock = '10.0.1.0/24'): Promise<string> {
  const { Subnet } = await client.send(new CreateSubnetCommand({ VpcId, CidrBlock }))
  return Subnet?.SubnetId ?? ''
}

/** Attached to the VPC. */
export async function newGateway(client: EC2Client, VpcId: string): Promise<string> {
  const { InternetGateway } = await client.send(new CreateInternetGatewayCommand({}))
  const InternetGatewayId = InternetGateway?.InternetGatewayId ?? ''
  await client.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }))
  return InternetGatewayId
}

export function byVpc(vpcId: string) {
  return { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }
}

/** Resolves when the call is refused with exactly this error. */
export async function expectRefusal(call: Promise<unknown>, name: string, message: string | RegExp): Promise<void> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ name, message: typeof message === 'string' ? message : expect.stringMatching(message) })
}
