/** The errors of Organizations in AWS's words. https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html */
import type { ConstraintViolationExceptionReason, InvalidInputExceptionReason } from '@aws-sdk/client-organizations'

import { AwsError } from '../../core/aws-error.ts'

export function constraintViolation(reason: ConstraintViolationExceptionReason, message: string): AwsError {
  return new AwsError('ConstraintViolationException', message, { fields: { Reason: reason } })
}

export function invalidInput(reason: InvalidInputExceptionReason, message: string): AwsError {
  return new AwsError('InvalidInputException', message, { fields: { Reason: reason } })
}

export function organizationsNotInUse(): AwsError {
  return new AwsError('AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.')
}

/** What a member account hears from everything but DescribeOrganization, whatever its own policies allow. */
export function notTheManagementAccount(): AwsError {
  return new AwsError('AccessDeniedException', "You don't have permissions to access this resource.")
}

export function accountNotFound(): AwsError {
  return new AwsError('AccountNotFoundException', "You specified an account that doesn't exist.")
}

export function unitNotFound(): AwsError {
  return new AwsError('OrganizationalUnitNotFoundException', "You specified an organizational unit that doesn't exist.")
}

export function parentNotFound(): AwsError {
  return new AwsError('ParentNotFoundException', "You specified parent that doesn't exist.")
}

export function policyNotFound(): AwsError {
  return new AwsError('PolicyNotFoundException', "You specified a policy that doesn't exist.")
}

export function targetNotFound(): AwsError {
  return new AwsError('TargetNotFoundException', "You specified a target that doesn't exist.")
}

export function rootNotFound(): AwsError {
  return new AwsError('RootNotFoundException', "You specified a root that doesn't exist.")
}

export function policyTypeNotEnabled(): AwsError {
  return new AwsError('PolicyTypeNotEnabledException', 'This operation can be performed only for enabled policy types.')
}
