/** What AWS was recorded to answer: STS. */
import { recorded, type Recordings } from '../../recorded-error.ts'

const invalidParameterValue = recorded({ status: 400, code: 'InvalidParameterValue', Type: 'Sender' })
const validation = recorded({ status: 400, code: 'ValidationError', Type: 'Sender' })

export const stsRecordings = {
  'tags-twice': invalidParameterValue('Duplicate tag keys found. Please note that Tag keys are case insensitive.'),
  'transitive-tag-overridden': invalidParameterValue(
    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
  ),
  'transitive-tag-not-given': invalidParameterValue(
    'The specified transitive tag key must be included in the requested tags.',
  ),
  'session-name-malformed': validation(
    "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
  ),
  'role-arn-b': validation('arn::b:::something/test-role is invalid'),
  'role-arn-five-colons': validation('arn:a::::something/test-role is invalid'),
  'role-arn-four-colons': validation('arn:a:::something/test-role is invalid'),
  'role-arn-no-resource': validation('arn:a:a::aaaaaaaaaa: is invalid'),
  'role-arn-no-arn': validation('nothing-valid-in-here is invalid'),
} satisfies Recordings
