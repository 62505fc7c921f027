/**
 * The context object a handler receives.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */
import { type Answer, headerOf } from './connection.ts'

export interface Context extends Record<string, unknown> {
  readonly awsRequestId: string
}

export function contextFrom(answer: Answer): Context {
  const { env } = process
  const deadlineMs = Number(headerOf(answer.head, 'lambda-runtime-deadline-ms'))
  return {
    functionVersion: env['AWS_LAMBDA_FUNCTION_VERSION'],
    functionName: env['AWS_LAMBDA_FUNCTION_NAME'],
    memoryLimitInMB: env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: env['AWS_LAMBDA_LOG_STREAM_NAME'],
    clientContext: parsed(headerOf(answer.head, 'lambda-runtime-client-context'), 'ClientContext'),
    identity: parsed(headerOf(answer.head, 'lambda-runtime-cognito-identity'), 'CognitoIdentity'),
    invokedFunctionArn: headerOf(answer.head, 'lambda-runtime-invoked-function-arn'),
    awsRequestId: headerOf(answer.head, 'lambda-runtime-aws-request-id') ?? '',
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  }
}

function parsed(json: string | undefined, name: string): unknown {
  if (json === undefined) return undefined
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new Error(`Cannot parse ${name} as json: ${String(error)}`, { cause: error })
  }
}
