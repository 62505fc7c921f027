/**
 * Whether NAT gateways had a port for every connection: a function only sees silence where they had not, and CloudWatch counts it.
 * https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html
 */
import { DescribeNatGatewaysCommand } from '@aws-sdk/client-ec2'

import type { Clients } from '../access.ts'
import type { Cause } from './cause.ts'
import { metricSum } from './metric-sum.ts'

export interface PortErrors {
  readonly natGatewayId: string
  readonly count: number
}

const METRIC = 'ErrorPortAllocation'

/** What a connection that finds no port looks like from here. */
export function mayLackPort({ kind, detail }: Cause): boolean {
  return kind === 'timeout' || (kind === 'network' && /TIMEDOUT|Timeout/.test(detail ?? ''))
}

/** Of the VPC's gateways that counted any since the run began; waits a while for the first. Throws what the SDK throws. */
export async function readPortErrors(
  { ec2, cloudWatch }: Pick<Clients, 'ec2' | 'cloudWatch'>,
  vpcId: string,
  { fromMs, patienceMs, pollMs }: { readonly fromMs: number; readonly patienceMs: number; readonly pollMs: number },
): Promise<readonly PortErrors[]> {
  const { NatGateways = [] } = await ec2.send(
    new DescribeNatGatewaysCommand({ Filter: [{ Name: 'vpc-id', Values: [vpcId] }] }),
  )
  const ids = NatGateways.flatMap(({ NatGatewayId }) => NatGatewayId ?? [])
  const untilMs = Date.now() + patienceMs
  for (;;) {
    const counts = await Promise.all(
      ids.map(async (natGatewayId): Promise<PortErrors> => {
        const Dimensions = [{ Name: 'NatGatewayId', Value: natGatewayId }]
        const metric = { Namespace: 'AWS/NATGateway', MetricName: METRIC, Dimensions }
        return { natGatewayId, count: await metricSum(cloudWatch, metric, fromMs) }
      }),
    )
    const found = counts.filter(({ count }) => count > 0)
    if (found.length > 0 || ids.length === 0 || Date.now() >= untilMs) return found
    await new Promise((resolve) => {
      setTimeout(resolve, pollMs)
    })
  }
}

export function portErrorsText({ natGatewayId, count }: PortErrors): string {
  return `${natGatewayId}: ${METRIC} ${count}: it had no port left for connections to one destination, which timed out`
}
