/** What EC2 answers when Lambda connects a function to its VPC, in the words Lambda has for it: on a request, in a state, and on Invoke. */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda'

import { AwsError } from '../../../core/aws-error.ts'
import { invalidParameter } from '../errors.ts'
import type { VpcFailure } from '../records.ts'

export type Ec2Operation =
  | 'DescribeSubnets'
  | 'DescribeSecurityGroups'
  | 'CreateNetworkInterface'
  | 'DescribeNetworkInterfaces'
  | 'DeleteNetworkInterface'

const DENIED = 'UnauthorizedOperation'
const THROTTLED = 'RequestLimitExceeded'

/** A call made with the requester's own permissions, while the request waits. `resource` is the id it was about. */
export function requestRefusal(operation: Ec2Operation, resource: string, { name, message }: AwsError): AwsError {
  switch (name) {
    case DENIED:
      return invalidParameter(
        `Your access has been denied by EC2, please make sure your request credentials have permission to ${operation} for ${resource}. EC2 Error Code: ${DENIED}. EC2 Error Message: You are not authorized to perform this operation.`,
      )
    case THROTTLED:
      return invalidParameter(throttledSentence(message))
    default:
      return invalidParameter(
        `Error occurred while ${operation}. EC2 Error Code: ${name}. EC2 Error Message: ${message}`,
      )
  }
}

/** A call made with the execution role's permissions, while the request waits. */
export function roleRefusal(operation: Ec2Operation, error: AwsError): AwsError {
  return error.name === DENIED
    ? invalidParameter(`The provided execution role does not have permissions to call ${operation} on EC2`)
    : requestRefusal(operation, '', error)
}

function throttledSentence(message: string): string {
  return `Your request has been throttled by EC2, please make sure you have enough API rate limit. EC2 Error Code: ${THROTTLED}. EC2 Error Message: ${message}`
}

const NO_INTERFACE =
  'Lambda was not able to create an ENI in the VPC of the Lambda function because the limit for Network Interfaces has been reached.'
const NO_ADDRESS =
  'Lambda was not able to set up VPC access for the Lambda function because one or more configured subnets has no available IP addresses.'

/** VPC `vpcId` has as many Hyperplane interfaces as it can have. */
export const ENI_LIMIT_REACHED: VpcFailure = { code: 'EniLimitExceeded', reason: NO_INTERFACE }

/** Why a function has no connection to its VPC, of what EC2 answered to CreateNetworkInterface. */
export function failureOf({ name, message }: AwsError): VpcFailure {
  switch (name) {
    case 'NetworkInterfaceLimitExceeded':
      return ENI_LIMIT_REACHED
    case 'InsufficientFreeAddressesInSubnet':
      return { code: 'SubnetOutOfIPAddresses', reason: NO_ADDRESS }
    case THROTTLED:
      return { code: 'EC2RequestLimitExceeded', reason: throttledSentence(message) }
    case DENIED:
      return ROLE_MAY_NOT
    case 'InvalidSubnetID.NotFound':
      return { code: 'InvalidSubnet', reason: ec2Sentence(name, message) }
    case 'InvalidGroup.NotFound':
      return { code: 'InvalidSecurityGroup', reason: ec2Sentence(name, message) }
    default:
      return { code: 'InternalError', reason: ec2Sentence(name, message) }
  }
}

/** Also of an execution role that is gone. */
export const ROLE_MAY_NOT: VpcFailure = {
  code: 'InsufficientRolePermissions',
  reason: `Your access has been denied by EC2, please make sure your function execution role have permission to CreateNetworkInterface. EC2 Error Code: ${DENIED}. EC2 Error Message: You are not authorized to perform this operation.`,
}

function ec2Sentence(name: string, message: string): string {
  return `Error occurred while CreateNetworkInterface. EC2 Error Code: ${name}. EC2 Error Message: ${message}`
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors */
const ON_INVOKE: Readonly<Record<VpcFailure['code'], string>> = {
  EniLimitExceeded: 'ENILimitReachedException',
  SubnetOutOfIPAddresses: 'SubnetIPAddressLimitReachedException',
  EC2RequestLimitExceeded: 'EC2ThrottledException',
  InsufficientRolePermissions: 'EC2AccessDeniedException',
  InvalidSubnet: 'InvalidSubnetIDException',
  InvalidSecurityGroup: 'InvalidSecurityGroupIDException',
  InternalError: 'EC2UnexpectedException',
}

/** What an invocation of a function without its connection is answered. */
export function invokeRefusal({ code, reason }: VpcFailure): AwsError {
  return new AwsError(ON_INVOKE[code], reason, { fields: { Type: 'User' } })
}

/** An idle function's first invocation: it only sets off the restoring. */
export function notReady(): AwsError {
  return new AwsError(
    'ResourceNotReadyException',
    'The function is inactive and its VPC connection is no longer available. Wait for the VPC connection to reestablish and try again.',
    { fields: { Type: 'User' } },
  )
}

/** FIDELITY: AWS's sentence for an idle function is not recorded. */
export const IDLE = {
  StateReason: 'The function is idle.',
  StateReasonCode: 'Idle',
} as const satisfies Partial<FunctionConfiguration>

/** FIDELITY: AWS's sentence for a function that gets its network interfaces back is not recorded. */
export const RESTORING = {
  StateReason: 'The function is being restored.',
  StateReasonCode: 'Restoring',
} as const satisfies Partial<FunctionConfiguration>
