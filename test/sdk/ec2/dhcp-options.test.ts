/** DHCP option sets: what they hold, and the VPCs they are associated with. */
import {
  AssociateDhcpOptionsCommand,
  CreateDhcpOptionsCommand,
  DeleteDhcpOptionsCommand,
  DescribeDhcpOptionsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { expectRefusal, newVpc } from './support.ts'

let cloud: TestCloud
let client: EC2Client

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(EC2Client, 'source')
})
afterAll(() => cloud.close())

it('a set is associated with a VPC, and deleted when no VPC has it', async () => {
  const VpcId = await newVpc(client)
  const { DhcpOptions: made } = await client.send(
    new CreateDhcpOptionsCommand({
      DhcpConfigurations: [
        { Key: 'domain-name', Values: ['example.test'] },
        { Key: 'domain-name-servers', Values: ['10.0.0.5', '10.0.0.6'] },
      ],
    }),
  )
  const DhcpOptionsId = made?.DhcpOptionsId ?? ''
  const { DhcpOptions } = await client.send(
    new DescribeDhcpOptionsCommand({ Filters: [{ Name: 'value', Values: ['example.*'] }] }),
  )
  expect(DhcpOptions).toMatchObject([
    { DhcpOptionsId, DhcpConfigurations: [{ Key: 'domain-name', Values: [{ Value: 'example.test' }] }, {}] },
  ])
  await client.send(new AssociateDhcpOptionsCommand({ VpcId, DhcpOptionsId }))
  const { Vpcs } = await client.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }))
  expect(Vpcs).toMatchObject([{ DhcpOptionsId }])
  await expectRefusal(
    client.send(new DeleteDhcpOptionsCommand({ DhcpOptionsId })),
    'DependencyViolation',
    `The dhcpOptions '${DhcpOptionsId}' has dependencies and cannot be deleted.`,
  )
  await client.send(new AssociateDhcpOptionsCommand({ VpcId, DhcpOptionsId: 'default' }))
  await client.send(new DeleteDhcpOptionsCommand({ DhcpOptionsId }))
  await expectRefusal(
    client.send(new AssociateDhcpOptionsCommand({ VpcId, DhcpOptionsId })),
    'InvalidDhcpOptionID.NotFound',
    `The dhcpOption ID '${DhcpOptionsId}' does not exist`,
  )
})

it('a set has no option that nobody knows', async () => {
  await expectRefusal(
    client.send(new CreateDhcpOptionsCommand({ DhcpConfigurations: [{ Key: 'colour', Values: ['red'] }] })),
    'InvalidParameterValue',
    /Unknown DHCP option/,
  )
})
