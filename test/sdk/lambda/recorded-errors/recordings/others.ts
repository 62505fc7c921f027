/** What AWS was recorded to answer: everything else. */
import { recorded, type Recordings } from '../../../recorded-error.ts'

const invalidContent = recorded({
  status: 400,
  code: 'InvalidRequestContentException',
  member: 'message',
  Type: 'User',
})
const accessDenied = recorded({ status: 403, code: 'AccessDeniedException' })
const conflict = recorded({ status: 409, code: 'ResourceConflictException', member: 'message', Type: 'User' })
const precondition = recorded({ status: 412, code: 'PreconditionFailedException', member: 'message', Type: 'User' })
const tooLarge = recorded({ status: 413, code: 'RequestEntityTooLargeException' })
const throttled = recorded({
  status: 429,
  code: 'TooManyRequestsException',
  member: 'message',
  Type: 'User',
  Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
})

export const othersRecordings = {
  'payload-not-utf8': invalidContent(
    'Could not parse request body into json: Could not parse payload into json: Invalid UTF-8 start byte 0x87\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 3]',
  ),
  'payload-not-json': invalidContent(
    "Could not parse request body into json: Could not parse payload into json: Unexpected character ((CTRL-CHAR, code 153)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1]",
  ),
  'create-in-other-account': accessDenied(''),
  'alias-exists': conflict(
    'Alias already exists: arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>:custom',
  ),
  'provisioned-alias-on-version': conflict(
    "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
  ),
  'mapping-queue-twice': conflict(
    'An event source mapping with SQS arn (" arn:<partition>:sqs:<region>:111111111111:<resource:1> ") and function (" <resource:2> ") already exists. Please update or delete the existing mapping with UUID <uuid:1>',
  ),
  'mapping-kafka-twice': conflict(
    'An event source mapping with event source ("kafka:1000"), function ("arn:<partition>:lambda:<region>:111111111111:function:<resource:1>"), topics ("topic") already exists. Please update or delete the existing mapping with UUID <uuid:1>',
  ),
  'mapping-kafka-list-twice': conflict(
    'An event source mapping with event source ("kafka:1000,kafka:2000"), function ("arn:<partition>:lambda:<region>:111111111111:function:<resource:1>"), topics ("topic") already exists. Please update or delete the existing mapping with UUID <uuid:1>',
  ),
  'url-twice': conflict(
    'Failed to create function url config for [functionArn = arn:<partition>:lambda:<region>:111111111111:function:<resource:1>]. Error message:  FunctionUrlConfig exists for this Lambda function',
  ),
  'mapping-table-stream-twice': conflict(
    'The event source arn (" arn:<partition>:dynamodb:<region>:111111111111:table/<resource:1>/stream/<resource:2> ") and function (" <resource:3> ") provided mapping already exists. Please update or delete the existing mapping with UUID <uuid:2>',
  ),
  'mapping-stream-twice': conflict(
    'The event source arn (" arn:<partition>:kinesis:<region>:111111111111:stream/<resource:1> ") and function (" <resource:2> ") provided mapping already exists. Please update or delete the existing mapping with UUID <uuid:1>',
  ),
  'update-in-progress': conflict(
    'The operation cannot be performed at this time. An update is in progress for resource: arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>',
  ),
  'layer-statement-exists': conflict(
    'The statement id (s1) provided already exists. Please provide a new statement id, or remove the existing statement.',
  ),
  'statement-exists': conflict(
    'The statement id (s3) provided already exists. Please provide a new statement id, or remove the existing statement.',
  ),
  'provisioned-version-of-alias': conflict('Version is pointed by a Provisioned Concurrency alias'),
  'revision-of-function': precondition(
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
  ),
  'revision-of-layer-policy': precondition(
    'The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id',
  ),
  'revision-of-policy': precondition(
    'The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id',
  ),
  'request-too-large': tooLarge('Request must be smaller than 70167211 bytes for the CreateFunction operation'),
  'zip-too-large': tooLarge('Zipped size must be smaller than 52428800 bytes'),
  throttled: throttled('Rate Exceeded.'),
} satisfies Recordings
