/** The sentences AWS was recorded to say, each provoked by the input that provoked it. */
import * as cloudformation from '@aws-sdk/client-cloudformation'
import * as logs from '@aws-sdk/client-cloudwatch-logs'
import * as iam from '@aws-sdk/client-iam'
import * as lambda from '@aws-sdk/client-lambda'
import * as organizations from '@aws-sdk/client-organizations'
import * as sts from '@aws-sdk/client-sts'
import { describe, expect, test } from 'vitest'
import { AwsError } from '../core/aws-error.ts'
import { constraints as cloudformationConstraints } from './constraints/cloudformation.ts'
import { constraints as iamConstraints } from './constraints/iam.ts'
import { constraints as lambdaConstraints } from './constraints/lambda.ts'
import { constraints as logsConstraints } from './constraints/logs.ts'
import { constraints as organizationsConstraints } from './constraints/organizations.ts'
import { constraints as stsConstraints } from './constraints/sts.ts'
import { createServiceModel, serviceDescriptions } from './service-model.ts'
import { validateInput } from './validate.ts'

const models = {
  lambda: createServiceModel(serviceDescriptions.lambda, lambda, lambdaConstraints),
  iam: createServiceModel(serviceDescriptions.iam, iam, iamConstraints),
  sts: createServiceModel(serviceDescriptions.sts, sts, stsConstraints),
  organizations: createServiceModel(serviceDescriptions.organizations, organizations, organizationsConstraints),
  cloudformation: createServiceModel(serviceDescriptions.cloudformation, cloudformation, cloudformationConstraints),
  logs: createServiceModel(serviceDescriptions.logs, logs, logsConstraints),
}

function refusal(service: keyof typeof models, name: string, input: Record<string, unknown>): AwsError {
  const model = models[service]
  const operation = model.operation(name)
  if (!operation) throw new Error(`no operation ${name}`)
  try {
    validateInput(model, operation, input)
  } catch (error) {
    if (error instanceof AwsError) return error
    throw error
  }
  throw new Error('accepted')
}

const ONE = '1 validation error detected: '
const FunctionName = 'f'
const role = 'arn:aws:iam::111122223333:role/r'
const create = { FunctionName, Role: role, Code: { ZipFile: Buffer.from('zip') } }

describe('Lambda says', () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      'AddPermission',
      { FunctionName, Action: 'lambda:InvokeFunction', Principal: 's3.amazonaws.com', StatementId: 'example.com' },
      "Value 'example.com' at 'statementId' failed to satisfy constraint: Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)",
    ],
    [
      'PutProvisionedConcurrencyConfig',
      { FunctionName, Qualifier: '1', ProvisionedConcurrentExecutions: 0 },
      "Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      'CreateAlias',
      { FunctionName, FunctionVersion: '1', Name: '2024' },
      "Value '2024' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)",
    ],
    [
      'PutFunctionRecursionConfig',
      { FunctionName, RecursiveLoop: 'InvalidValue' },
      "Value 'InvalidValue' at 'recursiveLoop' failed to satisfy constraint: Member must satisfy enum value set: [Terminate, Allow]",
    ],
    [
      'CreateFunctionUrlConfig',
      { FunctionName, AuthType: 'NONE', InvokeMode: 'UNKNOWN' },
      "Value 'UNKNOWN' at 'invokeMode' failed to satisfy constraint: Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]",
    ],
    [
      'CreateFunctionUrlConfig',
      { FunctionName, AuthType: 'NONE', Qualifier: '$LATEST' },
      "Value '$LATEST' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)",
    ],
    [
      'CreateFunction',
      { ...create, VpcConfig: { SubnetIds: ['bad/subnet'] } },
      "Value '[bad/subnet]' at 'vpcConfig.subnetIds' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: subnet-[0-9a-z]*]",
    ],
    [
      'CreateFunction',
      { ...create, Architectures: ['X86_64'] },
      "Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
    ],
    [
      'CreateFunction',
      { ...create, Architectures: ['x86_64', 'arm64'] },
      "Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1",
    ],
    [
      'CreateFunction',
      { ...create, Role: 'r1' },
      "Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+",
    ],
    [
      'CreateFunction',
      { ...create, SnapStart: { ApplyOn: 'invalidOption' } },
      "Value 'invalidOption' at 'snapStart.applyOn' failed to satisfy constraint: Member must satisfy enum value set: [PublishedVersions, None]",
    ],
    [
      'UpdateAlias',
      { FunctionName, Name: 'a', RoutingConfig: { AdditionalVersionWeights: { $LATEST: 0.5 } } },
      "Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]",
    ],
    [
      'UpdateAlias',
      { FunctionName, Name: 'a', RoutingConfig: { AdditionalVersionWeights: { '2': 2 } } },
      "Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]",
    ],
    [
      'UntagResource',
      { Resource: 'arn:aws:lambda:us-east-1:111122223333:function:f' },
      "Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
    ],
    [
      'ListFunctions',
      { FunctionVersion: 'invalid' },
      "Value 'invalid' at 'functionVersion' failed to satisfy constraint: Member must satisfy enum value set: [ALL]",
    ],
    [
      'CreateEventSourceMapping',
      { FunctionName, StartingPosition: 'invalid' },
      "Value 'invalid' at 'startingPosition' failed to satisfy constraint: Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
    ],
    [
      'Invoke',
      { FunctionName: 'arn:aws:lambda:us-east-1:123400000000@function:myfn' },
      "Value 'arn:aws:lambda:us-east-1:123400000000@function:myfn' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?",
    ],
  ])('to %s with %j: %s', (operation, input, sentence) => {
    expect(refusal('lambda', operation, input)).toMatchObject({
      name: 'ValidationException',
      status: 400,
      message: ONE + sentence,
    })
  })

  test('nothing of a runtime: the service itself checks it', () => {
    const operation = models.lambda.operation('CreateFunction')
    expect(operation && validateInput(models.lambda, operation, { ...create, Runtime: 'PYTHON3.9' })).toBeUndefined()
  })
})

describe('STS says', () => {
  const RoleArn = role
  const pattern = 'failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*'
  test.each([
    ['Session1:2', `${ONE}Value 'Session1:2' at 'roleSessionName' ${pattern}`],
    [
      '',
      `${ONE}Value '' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2`,
    ],
    [
      '!',
      `2 validation errors detected: Value '!' at 'roleSessionName' ${pattern}; Value '!' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2`,
    ],
    [
      '😀',
      `2 validation errors detected: Value '😀' at 'roleSessionName' ${pattern}; Value '😀' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2`,
    ],
  ])('of the session name %j: %s', (RoleSessionName, message) => {
    expect(refusal('sts', 'AssumeRole', { RoleArn, RoleSessionName })).toMatchObject({
      name: 'ValidationError',
      message,
    })
  })

  test('of the duration what its range is', () => {
    const input = { RoleArn, RoleSessionName: 'aa', DurationSeconds: 43_201 }
    expect(refusal('sts', 'AssumeRole', input).message).toBe(
      `${ONE}Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200`,
    )
  })

  test('of what is missing first, in the order of the model', () => {
    expect(refusal('sts', 'AssumeRole', { DurationSeconds: 1 }).message).toBe(
      "3 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null; " +
        "Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null; " +
        "Value '1' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    )
  })
})

describe('IAM says', () => {
  test('neither the value nor the enum', () => {
    const input = { UserName: 'u', ServiceSpecificCredentialId: 'X'.repeat(20), Status: 'Nope' }
    expect(refusal('iam', 'UpdateServiceSpecificCredential', input)).toMatchObject({
      name: 'ValidationError',
      message: `${ONE}Value at 'status' failed to satisfy constraint: Member must satisfy enum value set`,
    })
    expect(refusal('iam', 'GetUser', { UserName: 'u'.repeat(129) }).message).toBe(
      `${ONE}Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 128`,
    )
  })

  test('a sentence of its own of a name', () => {
    expect(refusal('iam', 'GetRole', { RoleName: 'service-role/x' }).message).toBe(
      'The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
    )
  })

  test('a sentence of its own of a path', () => {
    expect(refusal('iam', 'CreateUser', { UserName: 'u', Path: 'team' }).message).toBe(
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
    )
  })
})

test('CloudFormation says which pattern a stack’s name must have', () => {
  expect(refusal('cloudformation', 'CreateStack', { StackName: '*@da591fa3_$' })).toMatchObject({
    name: 'ValidationError',
    message: `${ONE}Value '*@da591fa3_$' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*`,
  })
})

describe('CloudWatch Logs says', () => {
  test('how large a limit may be', () => {
    const input = { logGroupName: 'g', logStreamName: 's', limit: 10_001 }
    expect(refusal('logs', 'GetLogEvents', input)).toMatchObject({
      name: 'InvalidParameterException',
      message: `${ONE}Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000`,
    })
  })

  test('what the structures in a list were', () => {
    const metricTransformations = ['1', '2'].map((n) => ({
      metricName: `metric${n}`,
      metricNamespace: `namespace${n}`,
      metricValue: '1',
    }))
    const input = { logGroupName: 'g', filterName: 'f', filterPattern: 'p', metricTransformations }
    // AWS prints two of the members in another order than its model lists them.
    expect(refusal('logs', 'PutMetricFilter', input).message).toMatch(
      /^1 validation error detected: Value '\[MetricTransformation\(metricName=metric1, metricNamespace=namespace1, metricValue=1, defaultValue=null, .*\)\]' at 'metricTransformations' failed to satisfy constraint: Member must have length less than or equal to 1$/,
    )
  })

  test('where in a list a member is wrong', () => {
    const logEvents = [
      { timestamp: 1, message: 'a' },
      { timestamp: 2, message: '' },
    ]
    expect(refusal('logs', 'PutLogEvents', { logGroupName: 'g', logStreamName: 's', logEvents }).message).toBe(
      `${ONE}Value '' at 'logEvents.2.member.message' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    )
  })
})

test('Organizations gives the reason as well', () => {
  expect(refusal('organizations', 'DescribeAccount', { AccountId: 'x' })).toMatchObject({
    name: 'InvalidInputException',
    fields: { Reason: 'INVALID_PATTERN' },
  })
})

test('a sensitive value is not repeated', () => {
  const { message } = refusal('organizations', 'CreateAccount', { AccountName: '', Email: 'no' })
  expect(message).not.toContain("'no'")
})
