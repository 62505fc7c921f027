/** Where AWS was recorded to check input otherwise than its published models say. Applied by generate-constraints.ts. */

import { SUPPORTED_RUNTIMES } from '../src/services/lambda/runtimes.ts'
import type { ConstrainedShape } from '../src/wire/constraints.ts'

export interface ConstraintCorrections {
  /** In place of a shape's published constraints, or a shape of our own for `members`. */
  readonly shapes?: Readonly<Record<string, ConstrainedShape>>
  /** `Structure.Member` → the shape it is checked as. */
  readonly members?: Readonly<Record<string, string>>
  /** `Structure.Member`: checked by the service itself, in words of its own. */
  readonly unchecked?: readonly string[]
  /** Shape → its values in the order AWS prints them. What else the models have is taken without being printed. */
  readonly enumOrder?: Readonly<Record<string, readonly string[]>>
  /** List → the values AWS prints for the whole list, where it tells nothing of its elements. All of the elements' own are taken. */
  readonly listedAsWhole?: Readonly<Record<string, readonly string[]>>
  /** Shapes of elements of which AWS does not say `Member must not be null`. */
  readonly nullable?: readonly string[]
}

/** The models have a narrower one, for some operations only. */
const STACK_NAME = '[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*'

/** The models had it without `layer` when AWS was recorded to print it with. */
const TAGGABLE_RESOURCE =
  'arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)'

/** With names that no model ever had. */
const LAYER_RUNTIMES =
  'ruby3.5, ruby2.6, dotnetcore1.0, python3.7, nodejs8.10, nasa, ruby2.7, python2.7-greengrass, dotnetcore2.0, python3.8, java21, dotnet6, dotnetcore2.1, python3.9, java11, nodejs6.10, provided, dotnetcore3.1, dotnet8, java25, java17, nodejs, nodejs4.3, java8.al2, go1.x, dotnet10, nodejs20.x, go1.9, byol, nodejs10.x, provided.al2023, nodejs22.x, python3.10, java8, nodejs12.x, python3.11, nodejs24.x, nodejs8.x, python3.12, nodejs14.x, nodejs8.9, nodejs26.x, python3.13, python3.14, nodejs16.x, python3.15, provided.al2, nodejs4.3-edge, nodejs18.x, ruby3.2, python3.4, ruby3.3, ruby3.4, ruby2.5, python3.6, python2.7'

/** The models have it in one more pair of brackets. */
const LAYER_VERSION_ARN =
  '(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)'

export const corrections: Readonly<Record<string, ConstraintCorrections | undefined>> = {
  lambda: {
    // `Value X at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [...] or be a valid ARN`
    unchecked: ['CreateFunctionRequest.Runtime', 'UpdateFunctionConfigurationRequest.Runtime'],
    shapes: {
      TaggableResource: { min: 1, max: 10_000, pattern: TAGGABLE_RESOURCE },
      LayerVersionArn: { min: 1, max: 2048, pattern: LAYER_VERSION_ARN },
    },
    enumOrder: {
      InvokeMode: ['RESPONSE_STREAM', 'BUFFERED'],
      RecursiveLoop: ['Terminate', 'Allow'],
      EventSourcePosition: ['LATEST', 'AT_TIMESTAMP', 'TRIM_HORIZON'],
      Runtime: LAYER_RUNTIMES.split(', '),
    },
    listedAsWhole: { CompatibleRuntimes: SUPPORTED_RUNTIMES },
    nullable: ['SubnetId', 'SecurityGroupId'],
  },
  cloudformation: {
    shapes: {
      StackName: { min: 1, pattern: STACK_NAME },
      StackNameOrId: { min: 1, pattern: STACK_NAME },
      NewStackName: { min: 1, max: 128, pattern: STACK_NAME },
      TemplateBody: { min: 1, max: 51_200 },
    },
    members: { 'CreateStackInput.StackName': 'NewStackName' },
  },
  sqs: {
    // `Unknown Attribute X.`
    unchecked: [
      'CreateQueueRequest.Attributes',
      'GetQueueAttributesRequest.AttributeNames',
      'SetQueueAttributesRequest.Attributes',
      'ReceiveMessageRequest.AttributeNames',
      'ReceiveMessageRequest.MessageSystemAttributeNames',
      'SendMessageRequest.MessageSystemAttributes',
      'SendMessageBatchRequestEntry.MessageSystemAttributes',
    ],
  },
  logs: {
    // `Invalid LogGroup or LogStream, both must have length less than or equal to 512.`
    shapes: {
      NewLogGroupName: { min: 1, pattern: '[\\.\\-_/#A-Za-z0-9]+' },
      NewLogStreamName: { min: 1, pattern: '[^:*]*' },
    },
    members: {
      'CreateLogGroupRequest.logGroupName': 'NewLogGroupName',
      'CreateLogStreamRequest.logGroupName': 'NewLogGroupName',
      'CreateLogStreamRequest.logStreamName': 'NewLogStreamName',
    },
    enumOrder: { OutputFormat: ['w3c', 'raw', 'json', 'plain', 'parquet'] },
  },
}
