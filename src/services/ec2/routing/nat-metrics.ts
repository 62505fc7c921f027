/**
 * What a NAT gateway tells CloudWatch. https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html
 *
 * FIDELITY: of AWS's metrics of NAT gateways only ErrorPortAllocation is there, and only once there is something to count.
 */
import type { MetricSink } from '../../metrics.ts'
import type { Ec2Service } from '../service.ts'

/** Packets that found no port since the last time. Harmless when the gateway is gone. */
export function recordPortErrors(ec2: Ec2Service, sink: MetricSink, natGatewayId: string, packets: number): void {
  const gateway = ec2.findAnywhere('natgateway', natGatewayId)
  if (!gateway) return
  const dimensions = [{ name: 'NatGatewayId', value: natGatewayId }]
  const metric = { namespace: 'AWS/NATGateway', name: 'ErrorPortAllocation', dimensions, unit: 'Count' }
  sink.metric(gateway, metric).add(packets, ec2.clock.now())
}
