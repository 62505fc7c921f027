/** What AWS was recorded to answer: CloudWatch Logs. */
import { recorded, type Recordings } from '../../recorded-error.ts'

const accessDeniedException = recorded({ status: 400, code: 'AccessDeniedException' })
const invalidParameterException = recorded({ status: 400, code: 'InvalidParameterException' })
const limitExceededException = recorded({ status: 400, code: 'LimitExceededException' })
const resourceAlreadyExistsException = recorded({ status: 400, code: 'ResourceAlreadyExistsException' })
const resourceNotFoundException = recorded({ status: 400, code: 'ResourceNotFoundException' })
const validationException = recorded({ status: 400, code: 'ValidationException' })

export const logsRecordings = {
  'filter-lambda-of-other-account': accessDeniedException(
    'Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.',
  ),
  'events-limit': invalidParameterException(
    "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
  ),
  'metric-name-too-long': invalidParameterException(
    "1 validation error detected: Value '<256 characters>' at 'metricName' failed to satisfy constraint: Member must have length less than or equal to 255",
  ),
  'metric-filter-name-too-long': invalidParameterException(
    "1 validation error detected: Value '<too many characters>' at '<member>' failed to satisfy constraint: Member must have length less than or equal to 512",
  ),
  'metric-filter-prefix-too-long': invalidParameterException(
    "1 validation error detected: Value '<too many characters>' at '<member>' failed to satisfy constraint: Member must have length less than or equal to 512",
  ),
  'metric-pattern-too-long': invalidParameterException(
    "1 validation error detected: Value 'XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX … nstraint: Member must have length less than or equal to 1024",
  ),
  'metric-transformations-two': invalidParameterException(
    "1 validation error detected: Value '[MetricTransformation(metricName=metric1, metricNamespace=namespace1, metricValue=1, defaultValue=null, unit=null, dimensions=null), MetricTransformation(metricName=metric2, metricNamespace=namespace2, metricValue=1, defaultValue=null, unit=null, dimensions=null)]' at 'metricTransformations' failed to satisfy constraint: Member must have length less than or equal to 1",
  ),
  'group-name-too-long': invalidParameterException(
    'Invalid LogGroup or LogStream, both must have length less than or equal to 512.',
  ),
  'events-not-in-order': invalidParameterException(
    'Log events in a single PutLogEvents request must be in chronological order.',
  ),
  'groups-prefix-and-pattern': invalidParameterException(
    'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
  ),
  'export-no-bucket': invalidParameterException(
    'The given bucket does not exist. Please make sure the bucket is valid.',
  ),
  'events-token': invalidParameterException('The specified nextToken is invalid.'),
  'filter-stream-without-role': invalidParameterException(
    'destinationArn for vendor kinesis cannot be used without roleArn',
  ),
  'resource-policies-too-many': limitExceededException('Resource limit exceeded.'),
  'group-exists': resourceAlreadyExistsException('The specified log group already exists'),
  'stream-exists': resourceAlreadyExistsException('The specified log stream already exists'),
  'delivery-source-no-service': resourceNotFoundException('Cannot access provided service.'),
  'query-no-group': resourceNotFoundException(
    "Log group '<log-group>' does not exist for account ID '111111111111' (Service: AWSLogs; Status Code: 400; Error Code: ResourceNotFoundException; Request ID: <request id>; Proxy: null)",
  ),
  'resource-policy-none': resourceNotFoundException('Policy with name [non-existent] does not exist.'),
  'delivery-destination-none': resourceNotFoundException(
    'Requested Delivery Destination does not exist in this account.',
  ),
  'delivery-source-none': resourceNotFoundException('Requested Delivery Source does not exist in this account.'),
  'delivery-source-delete-none': resourceNotFoundException(
    'Requested Delivery Source does not exist in this account..',
  ),
  'delivery-none': resourceNotFoundException('Requested Delivery does not exist in this account.'),
  'export-none': resourceNotFoundException('The specified export task does not exist.'),
  'no-group': resourceNotFoundException('The specified log group does not exist.'),
  'no-stream': resourceNotFoundException('The specified log stream does not exist.'),
  'filter-none': resourceNotFoundException('The specified subscription filter does not exist.'),
  'delivery-format': validationException(
    "1 validation error detected: Value 'foobar' at 'outputFormat' failed to satisfy constraint: Member must satisfy enum value set: [w3c, raw, json, plain, parquet]",
  ),
  'streams-name-and-arn': validationException('LogGroup name and LogGroup ARN are mutually exclusive parameters.'),
} satisfies Recordings
