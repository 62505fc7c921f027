/** IAM. */
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  DeletePolicyCommand,
  DetachRolePolicyCommand,
  GetUserCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'

import type { Case, Outside } from '../../recorded-error.ts'
import type { iamRecordings } from '../recordings/iam.ts'

type Name = keyof typeof iamRecordings

const policyArn = (name: string) => `arn:aws:iam::111122223333:policy/${name}`
const onPolicy = (PolicyArn: string) => [
  new AttachRolePolicyCommand({ RoleName: 'any', PolicyArn }),
  new DetachRolePolicyCommand({ RoleName: 'any', PolicyArn }),
]
const BROKEN = '{"Version":"2012-10-17","Statement":[{'

/** There is a role `any`, and the role that Lambda is linked to. */
export const iam: Readonly<Partial<Record<Name, Case>>> = {
  'linked-role-suffix': {
    values: { '<service principal>': 'lambda.amazonaws.com' },
    calls: [new CreateServiceLinkedRoleCommand({ AWSServiceName: 'lambda.amazonaws.com', CustomSuffix: 'suffix' })],
  },
  'linked-role-taken': {
    values: { '<role name>': 'AWSServiceRoleForLambda' },
    calls: [new CreateServiceLinkedRoleCommand({ AWSServiceName: 'lambda.amazonaws.com' })],
  },
  'trust-policy-no-json': {
    calls: [
      new CreateRoleCommand({ RoleName: 'new', AssumeRolePolicyDocument: BROKEN }),
      new UpdateAssumeRolePolicyCommand({ RoleName: 'any', PolicyDocument: BROKEN }),
    ],
  },
  'policy-arn-no-arn': { calls: onPolicy('longpolicynamebutnoarn') },
  'attach-no-policy': {
    values: { '<policy-name:1>': 'policy' },
    calls: [new AttachRolePolicyCommand({ RoleName: 'any', PolicyArn: policyArn('policy123') })],
  },
  'delete-no-policy': { calls: [new DeletePolicyCommand({ PolicyArn: policyArn('non-existent-policy') })] },
  'no-user': { calls: [new GetUserCommand({ UserName: 'non-existent-user' })] },
  'no-such-user': { calls: [new GetUserCommand({ UserName: 'wrong-user-name' })] },
}

const CREDENTIALS: Outside = {
  notImplemented: [
    'CreateServiceSpecificCredential',
    'UpdateServiceSpecificCredential',
    'ResetServiceSpecificCredential',
    'DeleteServiceSpecificCredential',
  ],
}

export const iamOutside: Readonly<Partial<Record<Name, Outside>>> = {
  'credential-id-malformed': CREDENTIALS,
  'credential-status-unknown': CREDENTIALS,
  'credential-none': CREDENTIALS,
  'credential-service-lambda': CREDENTIALS,
  'credential-service-unknown': CREDENTIALS,
  'credential-service-malformed': CREDENTIALS,
  'user-with-credential': CREDENTIALS,
}
