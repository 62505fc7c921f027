/** What the tests of Lambda share: packages, roles, deployed functions, and errors as plain objects. */
import { buffer } from 'node:stream/consumers'

import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import {
  CreateFunctionCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
  type CreateFunctionCommandInput,
  type FunctionConfiguration,
} from '@aws-sdk/client-lambda'
import { ZipFile } from 'yazl'

import { ACCOUNTS, type AccountName, type TestCloud, type TestCredentials } from '../cloud.ts'

export const REGION = 'us-east-1'

export function arnOf(account: AccountName, name: string, qualifier?: string): string {
  const arn = `arn:aws:lambda:${REGION}:${ACCOUNTS[account]}:function:${name}`
  return qualifier === undefined ? arn : `${arn}:${qualifier}`
}

/** Of every file, so that the same files are the same bytes. */
const MODIFIED = new Date('2026-01-01T00:00:00Z')

export async function zipOf(files: Readonly<Record<string, string>>, mode = 0o100644): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name, { mtime: MODIFIED, mode })
  zip.end()
  return buffer(zip.outputStream)
}

/** Answers its event, who it is, and what it was called as. */
export const ECHO = `exports.handler = async (event, context) => ({
  event,
  arn: context.invokedFunctionArn,
  version: context.functionVersion,
  requestId: context.awsRequestId,
  client: context.clientContext,
  env: process.env.MARK,
})`

export const LAMBDA_TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}

/** A role that Lambda may assume, allowed to write logs and whatever else `allow` says. Answers its ARN. */
export async function createRole(
  iam: IAMClient,
  name: string,
  options: { readonly trust?: object; readonly allow?: object; readonly logs?: boolean } = {},
): Promise<string> {
  const created = await iam.send(
    new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(options.trust ?? LAMBDA_TRUST) }),
  )
  if (options.logs !== false) {
    await iam.send(
      new AttachRolePolicyCommand({
        RoleName: name,
        PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
      }),
    )
  }
  if (options.allow) {
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...options.allow }] }
    await iam.send(
      new PutRolePolicyCommand({ RoleName: name, PolicyName: 'inline', PolicyDocument: JSON.stringify(policy) }),
    )
  }
  return created.Role?.Arn ?? ''
}

export function iamOf(cloud: TestCloud, account: AccountName): IAMClient {
  return cloud.client(IAMClient, account)
}

export function lambdaOf(cloud: TestCloud, who: AccountName | TestCredentials, region?: string): LambdaClient {
  return cloud.client(LambdaClient, who, region)
}

type Settings = Partial<Omit<CreateFunctionCommandInput, 'Code'>> & {
  readonly Role: string
  readonly code?: string
}

/** Creates a function of one CommonJS file and answers as AWS did. */
export async function create(
  client: LambdaClient,
  name: string,
  { code = ECHO, ...settings }: Settings,
): Promise<FunctionConfiguration> {
  return client.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: await zipOf({ 'index.js': code }) },
      ...settings,
    }),
  )
}

/** Creates a function and waits until it is Active. */
export async function deploy(client: LambdaClient, name: string, settings: Settings): Promise<FunctionConfiguration> {
  const created = await create(client, name, settings)
  await untilActive(client, name)
  return created
}

const WAIT = { maxWaitTime: 25, minDelay: 0.02, maxDelay: 0.05 }

export async function untilActive(client: LambdaClient, name: string): Promise<void> {
  await waitUntilFunctionActiveV2({ client, ...WAIT }, { FunctionName: name })
}

export async function untilUpdated(client: LambdaClient, name: string): Promise<void> {
  await waitUntilFunctionUpdatedV2({ client, ...WAIT }, { FunctionName: name })
}

export interface Failure {
  readonly name: string
  readonly status: number | undefined
  readonly message: string
  readonly Type?: string
  readonly Reason?: string
}

/** The error of a call that must fail, with the members a client sees. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  try {
    await call
  } catch (error) {
    const { name, message, $metadata, Type, Reason } = error as Error & {
      readonly $metadata?: { readonly httpStatusCode?: number }
      readonly Type?: string
      readonly Reason?: string
    }
    return {
      name,
      status: $metadata?.httpStatusCode,
      message,
      ...(Type !== undefined && { Type }),
      ...(Reason !== undefined && { Reason }),
    }
  }
  throw new Error('the call succeeded')
}

export function failure(name: string, status: number, message: string, Type?: string): Failure {
  return { name, status, message, ...(Type !== undefined && { Type }) }
}

export const invalidParameter = (message: string) => failure('InvalidParameterValueException', 400, message, 'User')
export const notFound = (message: string) => failure('ResourceNotFoundException', 404, message, 'User')
export const conflict = (message: string) => failure('ResourceConflictException', 409, message, 'User')
export const invalid = (message: string) => failure('ValidationException', 400, message)

export function payloadOf(answer: { readonly Payload?: Uint8Array | undefined }): unknown {
  return JSON.parse(Buffer.from(answer.Payload ?? []).toString())
}

/** Polls until `condition` answers something. */
export async function eventually<T>(condition: () => Promise<T | undefined>, timeoutMs = 25_000): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await condition()
    if (value !== undefined) return value
    if (Date.now() > deadline) throw new Error('what was waited for did not happen')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
