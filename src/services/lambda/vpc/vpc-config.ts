/**
 * VpcConfig of a request: what Lambda checks before it answers, with the requester's permissions and with the execution role's.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
import type { VpcConfig } from '@aws-sdk/client-lambda'

import { AwsError } from '../../../core/aws-error.ts'
import type { ContextValue } from '../../../policy/model.ts'
import type { Caller } from '../../caller.ts'
import { invalidParameter } from '../errors.ts'
import type { VpcSettings } from '../records.ts'
import type { LambdaService } from '../service.ts'
import { requestRefusal, roleRefusal, type Ec2Operation } from './vpc-connection.ts'

/** What AWS shows of a function that was taken out of its VPC. */
const NO_VPC: VpcSettings = { vpcId: '', subnetIds: [], securityGroupIds: [] }

/**
 * The condition keys of a request that places a function: only present when it does.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#vpc-conditions
 */
export function vpcContext(
  config: VpcConfig | undefined,
  caller: Caller,
  lambda: LambdaService,
): Readonly<Record<string, ContextValue>> {
  const { SubnetIds: subnetIds = [], SecurityGroupIds: securityGroupIds = [] } = config ?? {}
  if (subnetIds.length === 0 && securityGroupIds.length === 0) return {}
  const [first] = subnetIds
  const vpcId = first === undefined ? undefined : lambda.ec2.subnet(caller.region, first)?.vpcId
  return {
    // One value, for all its name: the subnets are of one VPC.
    ...(vpcId !== undefined && { 'lambda:vpcids': vpcId }),
    'lambda:subnetids': subnetIds,
    'lambda:securitygroupids': securityGroupIds,
  }
}

/** Undefined when the request says nothing of a VPC. Throws `AwsError` for what AWS refuses. */
export async function vpcSettings(
  config: VpcConfig | undefined,
  roleArn: string,
  caller: Caller,
  lambda: LambdaService,
): Promise<VpcSettings | undefined> {
  if (config === undefined) return undefined
  const subnetIds = [...new Set(config.SubnetIds)]
  const securityGroupIds = [...new Set(config.SecurityGroupIds)]
  if (subnetIds.length === 0 && securityGroupIds.length === 0) return NO_VPC
  if (subnetIds.length === 0 || securityGroupIds.length === 0) {
    throw invalidParameter('SubnetIds and SecurityIds must coexist or be both empty list.')
  }
  await describe('DescribeSubnets', 'SubnetIds', subnetIds)
  await describe('DescribeSecurityGroups', 'GroupIds', securityGroupIds)
  const vpcId = commonVpc(subnetIds, securityGroupIds, caller, lambda)
  await requireRolePermissions(roleArn, { vpcId, subnetIds, securityGroupIds }, caller, lambda)
  return { vpcId, subnetIds, securityGroupIds }

  async function describe(operation: Ec2Operation, member: string, ids: readonly string[]): Promise<void> {
    try {
      await lambda.call({ ...caller, requestId: lambda.ids.uuid() }, 'ec2', operation, { [member]: ids })
    } catch (error) {
      if (error instanceof AwsError) throw requestRefusal(operation, ids.join(', '), error)
      throw error
    }
  }
}

function commonVpc(
  subnetIds: readonly string[],
  securityGroupIds: readonly string[],
  { region }: Caller,
  { ec2 }: LambdaService,
): string {
  const vpcIds = new Set(subnetIds.map((id) => ec2.subnet(region, id)?.vpcId))
  const [vpcId] = vpcIds
  // FIDELITY: AWS's sentence for subnets of several VPCs is not recorded; the one for security groups is.
  if (vpcIds.size > 1 || vpcId === undefined) throw invalidParameter('Subnets are required to be in the same VPC.')
  if (securityGroupIds.some((id) => ec2.securityGroup(region, id)?.vpcId !== vpcId)) {
    throw invalidParameter('Security Groups are required to be in the same VPC.')
  }
  return vpcId
}

/** FIDELITY: of the permissions that AWS's page lists, the three are checked whose absence is known to fail a request. */
async function requireRolePermissions(
  roleArn: string,
  { subnetIds, securityGroupIds }: VpcSettings,
  caller: Caller,
  lambda: LambdaService,
): Promise<void> {
  const [SubnetId] = subnetIds
  const inputs: readonly (readonly [Ec2Operation, object])[] = [
    ['CreateNetworkInterface', { SubnetId, Groups: securityGroupIds }],
    ['DescribeNetworkInterfaces', { Filters: [{ Name: 'subnet-id', Values: subnetIds }] }],
    ['DeleteNetworkInterface', { NetworkInterfaceId: 'eni-00000000000000000' }],
  ]
  for (const [operation, input] of inputs) {
    const refused = await lambda.vpcConnections.mayRole(roleArn, caller, operation, input)
    if (refused) throw roleRefusal(operation, refused)
  }
}
