/** What AWS was recorded to answer: IAM. */
import { recorded, type Recordings } from '../../recorded-error.ts'

const invalidInput = recorded({ status: 400, code: 'InvalidInput', Type: 'Sender' })
const malformedPolicyDocument = recorded({ status: 400, code: 'MalformedPolicyDocument', Type: 'Sender' })
const validation = recorded({ status: 400, code: 'ValidationError', Type: 'Sender' })
const noSuchEntity = recorded({ status: 404, code: 'NoSuchEntity', Type: 'Sender' })
const deleteConflict = recorded({ status: 409, code: 'DeleteConflict', Type: 'Sender' })

export const iamRecordings = {
  'linked-role-suffix': invalidInput('Custom suffix is not allowed for <service principal>'),
  'linked-role-taken': invalidInput(
    'Service role name <role name> has been taken in this account, please try a different suffix.',
  ),
  'trust-policy-no-json': malformedPolicyDocument('This policy contains invalid Json'),
  'credential-id-malformed': validation(
    "1 validation error detected: Value at 'serviceSpecificCredentialId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w]+",
  ),
  'credential-status-unknown': validation(
    "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set",
  ),
  'policy-arn-no-arn': validation('Invalid ARN:  Could not be parsed!'),
  'credential-none': noSuchEntity('No such credential satisfiesregexbutstillinvalid exists'),
  'credential-service-lambda': noSuchEntity(
    'No such service lambda.amazonaws.com is supported for Service Specific Credentials',
  ),
  'credential-service-unknown': noSuchEntity(
    'No such service nonexistentservice.amazonaws.com is supported for Service Specific Credentials',
  ),
  'credential-service-malformed': noSuchEntity(
    'No such service o3on3n3onosneo is supported for Service Specific Credentials',
  ),
  'attach-no-policy': noSuchEntity(
    'Policy arn:<partition>:iam::111111111111:policy/<policy-name:1>123 does not exist or is not attachable.',
  ),
  'delete-no-policy': noSuchEntity(
    'Policy arn:<partition>:iam::111111111111:policy/non-existent-policy was not found.',
  ),
  'no-user': noSuchEntity('The user with name non-existent-user cannot be found.'),
  'no-such-user': noSuchEntity('The user with name wrong-user-name cannot be found.'),
  'user-with-credential': deleteConflict('Cannot delete entity, must remove referenced objects first.'),
} satisfies Recordings
