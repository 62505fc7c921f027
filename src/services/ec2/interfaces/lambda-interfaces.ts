/**
 * Hyperplane interfaces: of a type that only Lambda can ask for, attached to something of AWS's own, so that nobody else can delete them.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis
 */
import type { Region } from '../../../core/region.ts'
import { createInterface } from './interface-creation.ts'
import type { NetworkInterfaceRecord } from '../records.ts'
import type { Ec2Service } from '../service.ts'

export interface LambdaInterfaceRequest {
  readonly region: Region
  readonly subnetId: string
  readonly securityGroupIds: readonly string[]
  /** `AWS Lambda VPC ENI-<function>-<uuid>` */
  readonly description: string
  /** The unique id of the execution role and the account: `AROA…:111122223333`. */
  readonly requesterId: string
}

/** Throws EC2's error when the subnet is gone or full, and when the Region has no interface left. */
export function createLambdaInterface(ec2: Ec2Service, request: LambdaInterfaceRequest): NetworkInterfaceRecord {
  const { region, subnetId, securityGroupIds, description, requesterId } = request
  const subnet = ec2.findIn('subnet', region, subnetId)
  if (!subnet) throw ec2.missing('subnet', subnetId)
  return createInterface(ec2, subnet, {
    description,
    groupIds: securityGroupIds,
    role: { kind: 'lambda' },
    interfaceType: 'lambda',
    requesterId,
    requesterManaged: false,
    tags: {},
    attachment: {
      id: `ela-attach-${ec2.ids.hex(17)}`,
      deviceIndex: 1,
      instanceOwnerId: 'amazon-aws',
      deleteOnTermination: false,
      attachedMs: ec2.clock.now(),
    },
  })
}

/** Harmless when it is gone. */
export function deleteLambdaInterface(ec2: Ec2Service, region: Region, id: string): void {
  const found = ec2.findIn('network-interface', region, id)
  if (found) ec2.delete('network-interface', found)
}
