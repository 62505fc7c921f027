/** The limits of a VPC that stop a function, each made to bind: addresses, network interfaces, and the rate of EC2's API. */
import type { EC2Client } from '@aws-sdk/client-ec2'

import { loadPackage } from '../../../core/load-package.ts'
import type { Clients } from '../../access.ts'
import { eventually } from '../eventually.ts'
import type { Undo } from '../changes.ts'

const ec2Sdk = loadPackage('@aws-sdk/client-ec2')

export const OUT_OF_ADDRESSES =
  'Lambda was not able to set up VPC access for the Lambda function because one or more configured subnets has no available IP addresses.'
export const OUT_OF_INTERFACES =
  'Lambda was not able to create an ENI in the VPC of the Lambda function because the limit for Network Interfaces has been reached.'
export const THROTTLED =
  'Your request has been throttled by EC2, please make sure you have enough API rate limit. EC2 Error Code: RequestLimitExceeded. EC2 Error Message: Request limit exceeded.'

/** Lambda's network interfaces in one VPC. */
const INTERFACES_PER_VPC = { ServiceCode: 'lambda', QuotaCode: 'L-9FEE3D26' } as const
const QUOTA_MS_MAX = 10_000

/** Takes every free address of a small subnet. */
export async function takeAddresses(ec2: EC2Client, SubnetId: string, groupId: string, undos: Undo[]): Promise<void> {
  const { Subnets = [] } = await ec2.send(new ec2Sdk.DescribeSubnetsCommand({ SubnetIds: [SubnetId] }))
  for (let left = Subnets[0]?.AvailableIpAddressCount ?? 0; left > 0; left--) {
    const { NetworkInterface } = await ec2.send(
      new ec2Sdk.CreateNetworkInterfaceCommand({ SubnetId, Groups: [groupId] }),
    )
    const { NetworkInterfaceId } = NetworkInterface ?? {}
    undos.push(async () => {
      await ec2.send(new ec2Sdk.DeleteNetworkInterfaceCommand({ NetworkInterfaceId }))
    })
  }
}

/** Leaves each VPC of the account so many interfaces for Lambda. Isthmus grants lower values than the default, AWS does not. */
export async function limitInterfaces({ serviceQuotas }: Clients, value: number, undos: Undo[]): Promise<void> {
  const sdk = loadPackage('@aws-sdk/client-service-quotas')
  const current = async () =>
    (await serviceQuotas.send(new sdk.GetServiceQuotaCommand(INTERFACES_PER_VPC))).Quota?.Value ?? 0
  const change = async (DesiredValue: number) => {
    await serviceQuotas.send(new sdk.RequestServiceQuotaIncreaseCommand({ ...INTERFACES_PER_VPC, DesiredValue }))
    await eventually(async () => (await current()) === DesiredValue, QUOTA_MS_MAX)
  }
  const found = await current()
  undos.push(() => change(found))
  await change(value)
}

/**
 * Asks EC2 whether it would make a network interface, so often that the account may not ask for one, for as long as `action` takes: a bucket
 * fills again at once.
 */
export async function whileThrottled(
  unretried: EC2Client,
  SubnetId: string,
  action: () => Promise<void>,
): Promise<void> {
  const end = new AbortController()
  const isThrottled = async () => {
    try {
      await unretried.send(new ec2Sdk.CreateNetworkInterfaceCommand({ SubnetId, DryRun: true }))
      return false
    } catch (error) {
      const name = error instanceof Error ? error.name : ''
      if (name === 'DryRunOperation') return false
      if (name === 'RequestLimitExceeded') return true
      throw error
    }
  }
  for (let calls = 0; !(await isThrottled()); calls++) {
    if (calls > CALLS_MAX) throw new Error(`EC2 answered ${CALLS_MAX} calls without throttling`)
  }
  const kept = (async () => {
    while (!end.signal.aborted) await isThrottled()
  })()
  try {
    await action()
  } finally {
    end.abort()
    await kept
  }
}

/** More than any bucket holds. */
const CALLS_MAX = 1000
