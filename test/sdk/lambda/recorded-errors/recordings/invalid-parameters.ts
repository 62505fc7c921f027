/** What AWS was recorded to answer: InvalidParameterValueException. */
import { recorded, type Recordings } from '../../../recorded-error.ts'

const invalidWithoutType = recorded({ status: 400, code: 'InvalidParameterValueException', member: 'message' })
const invalid = recorded({ status: 400, code: 'InvalidParameterValueException', member: 'message', Type: 'User' })

export const invalidParametersRecordings = {
  'reserved-below-provisioned': invalidWithoutType(
    " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2].",
  ),
  'alias-latest-with-weights': invalidWithoutType(
    '$LATEST is not supported for an alias pointing to more than 1 version',
  ),
  'delete-latest': invalid('$LATEST version cannot be deleted without deleting the function.'),
  'create-name-too-long': invalid(
    "1 validation error detected: Value '<name of 65 characters>' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64",
  ),
  'mapping-without-start': invalid(
    "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
  ),
  'tag-nothing': invalid('An error occurred and the request cannot be processed.'),
  'layers-more-than-five': invalid('Cannot reference more than 5 layers.'),
  'publish-wrong-sha-of-image': invalid(
    'CodeSHA256 (<sha of another>) is different from current CodeSHA256 in $LATEST (<code-sha256:1>). Please try again with the CodeSHA256 in $LATEST.',
  ),
  'publish-wrong-sha': invalid(
    'CodeSHA256 (somenonexistentsha256) is different from current CodeSHA256 in $LATEST (<code-sha256:1>). Please try again with the CodeSHA256 in $LATEST.',
  ),
  'unreadable-zip': invalid('Could not unzip uploaded file. Please check your file, then try to upload again.'),
  'no-security-group': invalid(
    "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: The security group '<security_group_id_1>' does not exist",
  ),
  'no-subnet': invalid(
    "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID '<subnet_id_1>' does not exist",
  ),
  'code-no-bucket': invalid(
    'Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist',
  ),
  'code-no-key': invalid(
    'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.',
  ),
  'mapping-no-queue': invalid(
    'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.',
  ),
  'mapping-no-function': invalid('Function does not exist'),
  'mapping-filter': invalid('Invalid filter pattern definition.'),
  'alias-weight-of-own-version': invalid(
    'Invalid function version 1. Function version 1 is already included in routing configuration.',
  ),
  'environment-too-large': invalid(
    'Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: {"LARGE_VAR":"<4096 characters>"}',
  ),
  'environment-too-large-in-all': invalid(
    'Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: {"SMALL_VAR":"ok","LARGE_VAR":"<4096 characters>"}',
  ),
  'layer-version-zero': invalid('Layer Version Cannot be less than 1'),
  'layer-no-version': invalid(
    'Layer version arn:<partition>:lambda:<region>:111111111111:layer:<resource:1>:9 does not exist.',
  ),
  'layer-no-layer': invalid(
    'Layer version arn:<partition>:lambda:<region>:111111111111:layer:doesnotexist:1 does not exist.',
  ),
  'layer-other-region': invalid(
    'Layers are not in the same region as the function. Layers are expected to be in region <region>.',
  ),
  'mapping-batch-window': invalid(
    'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
  ),
  'alias-two-weights': invalid('Number of items in AdditionalVersionWeights cannot be greater than 1'),
  'too-many-tags': invalid('Number of tags exceeds resource tag limit.'),
  'image-uri-of-zip': invalid("Please don't provide ImageUri when updating a function with packageType Zip."),
  'zip-of-image': invalid('Please provide ImageUri when updating a function with packageType Image.'),
  'provisioned-put-latest': invalid(
    'Provisioned Concurrency Configs cannot be applied to unpublished function versions.',
  ),
  'provisioned-above-reserved': invalid(
    'Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function',
  ),
  'mapping-no-source-access': invalid("Required 'sourceAccessConfigurations' parameter is missing."),
  'provisioned-leaves-too-little': invalidWithoutType(
    "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [<min_unreserved_concurrency>].",
  ),
  'provisioned-above-unreserved': invalidWithoutType(
    "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [<unreserved_concurrency>].",
  ),
  'reserved-leaves-too-little': invalidWithoutType(
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [<min_unreserved_concurrency>].",
  ),
  'mapping-no-table-stream': invalid(
    'Stream not found: arn:<partition>:dynamodb:<region>:111111111111:table/test-table-4a53f4e8/stream/2025-02-22T03:03:25.490',
  ),
  'mapping-no-stream': invalid(
    'Stream not found: arn:<partition>:kinesis:<region>:111111111111:stream/test-foobar-81ded7e8',
  ),
  'tags-on-qualifier': invalid(
    'Tags on function aliases and versions are not supported. Please specify a function ARN.',
  ),
  'two-qualifiers': invalid('The derived qualifier from the function name does not match the specified qualifier.'),
  'destination-no-function': invalid(
    'The destination ARN arn:<partition>:lambda:<region>:111111111111:function:doesnotexist is invalid.',
  ),
  'provisioned-latest': invalid('The function resource provided must be an alias or a published version.'),
  'destination-of-no-service': invalid(
    'The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:<partition>:iam:<region>:111111111111:function:<function-name:1>), onFailure=null) is invalid.',
  ),
  'principal-invalid': invalid('The provided principal was invalid. Please check the principal and try again.'),
  'runtime-dotnetcore31': invalid(
    'The runtime parameter of dotnetcore3.1 is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.',
  ),
  'runtime-go1x': invalid(
    'The runtime parameter of go1.x is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.',
  ),
  'runtime-java8': invalid(
    'The runtime parameter of java8 is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.',
  ),
  'runtime-nodejs12': invalid(
    'The runtime parameter of nodejs12.x is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.',
  ),
  'runtime-nodejs14': invalid(
    'The runtime parameter of nodejs14.x is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.',
  ),
  'runtime-provided': invalid(
    'The runtime parameter of provided is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.',
  ),
  'runtime-python37': invalid(
    'The runtime parameter of python3.7 is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.',
  ),
  'runtime-ruby27': invalid(
    'The runtime parameter of ruby2.7 is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.',
  ),
  'unqualified-only': invalid(
    'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.',
  ),
  'layer-twice': invalid(
    'Two different versions of the same layer are not allowed to be referenced in the same function. arn:<partition>:lambda:<region>:111111111111:layer:<resource:1>:1 and arn:<partition>:lambda:<region>:111111111111:layer:<resource:1>:1 are versions of the same layer.',
  ),
  'layer-two-versions': invalid(
    'Two different versions of the same layer are not allowed to be referenced in the same function. arn:<partition>:lambda:<region>:111111111111:layer:<resource:1>:1 and arn:<partition>:lambda:<region>:111111111111:layer:<resource:1>:2 are versions of the same layer.',
  ),
  'mapping-unrecognized': invalid('Unrecognized event source.'),
  'mapping-destination': invalid('Unsupported DestinationConfig parameter for given event source mapping type.'),
  'mapping-start-unsupported': invalid(
    'Unsupported starting position for arn type: arn:<partition>:dynamodb:<region>:111111111111:table/<table-name>/stream/<stream-name>',
  ),
  'unzipped-too-large': invalid('Unzipped size must be smaller than 262144000 bytes'),
  'runtime-wrong-case': invalid(
    "Value PYTHON3.9 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2] or be a valid ARN",
  ),
  'runtime-unknown': invalid(
    "Value non-existent-runtime at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2] or be a valid ARN",
  ),
  'policy-of-latest': invalid('We currently do not support adding policies for $LATEST.'),
  'destination-itself': invalid("You can't specify the function as a destination for itself."),
  'event-config-empty': invalid('You must specify at least one of error handling or destination setting.'),
} satisfies Recordings
