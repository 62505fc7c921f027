/** A cloud with functions for URLs, the grants a URL needs, and plain HTTP clients that sign where they are told to. */
import {
  AddPermissionCommand,
  CreateFunctionUrlConfigCommand,
  type AddPermissionCommandInput,
  type CreateFunctionUrlConfigCommandInput,
  type CreateFunctionUrlConfigCommandOutput,
  type LambdaClient,
} from '@aws-sdk/client-lambda'

import type { CloudOptions } from '../../../src/cloud.ts'
import { send, sign, type Answer } from '../authentication/wire.ts'
import { startCloud, type TestCloud, type TestCredentials } from '../cloud.ts'
import { createRole, deploy, iamOf, lambdaOf } from './support.ts'

/** Answers its event, or what the event's body tells it to. */
const CODE = `
exports.handler = async (event) => {
  const text = event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString() : event.body
  const told = event.rawPath === '/tell' ? JSON.parse(text) : undefined
  if (told?.throws) throw new Error(told.throws)
  return told ? told.answer : event
}
exports.streams = awslambda.streamifyResponse(async (event, stream) => {
  const { path } = event.requestContext.http
  if (path === '/early') throw new Error('before a byte')
  if (path === '/plain') stream.setContentType('text/plain')
  else stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { 'X-Own': 'yes' }, cookies: ['a=1', 'b=2'] })
  for (let piece = 0; piece < 4; piece++) {
    stream.write(String(piece).repeat(40_000))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  if (path === '/late') throw new Error('half-way')
  stream.end()
  await new Promise((resolve) => stream.on('finish', resolve))
})
`

interface Call {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly keys?: TestCredentials
  readonly region?: string
}

export interface UrlCloud {
  readonly cloud: TestCloud
  /** Of the account `target`, which has the functions. */
  readonly lambda: LambdaClient
  /** With AuthType NONE unless told otherwise. */
  create(
    FunctionName: string,
    more?: Partial<CreateFunctionUrlConfigCommandInput>,
  ): Promise<CreateFunctionUrlConfigCommandOutput>
  /** One statement; of `lambda:InvokeFunction` unless told otherwise. */
  grant(
    FunctionName: string,
    StatementId: string,
    Principal: string,
    more: Partial<AddPermissionCommandInput>,
  ): Promise<unknown>
  /** The two statements that AWS's console makes. */
  openToAll(FunctionName: string): Promise<void>
  /** By AWS's own host name, as a proxy would pass it on. */
  call(url: string, call?: Call): Promise<Answer>
  /** Calls `/tell`: the function does as it is told. */
  tell(url: string, told: object): Promise<Answer>
}

export const asUrl = (FunctionUrlAuthType: 'NONE' | 'AWS_IAM') => ({
  Action: 'lambda:InvokeFunctionUrl',
  FunctionUrlAuthType,
})
export const VIA_URL = { InvokedViaFunctionUrl: true }

export const idOf = (url: string) => /([a-z0-9]{32})/.exec(url)?.[1] ?? ''
export const hostOf = (url: string, end = 'on.aws') => `${idOf(url)}.lambda-url.us-east-1.${end}`
export const jsonOf = ({ body }: Answer) => JSON.parse(body) as Record<string, never>

/** The function called `streaming` streams. */
export async function startUrlCloud(
  functions: readonly string[],
  options: Partial<CloudOptions> = {},
): Promise<UrlCloud> {
  const cloud = await startCloud(options)
  const lambda = lambdaOf(cloud, 'target')
  const Role = await createRole(iamOf(cloud, 'target'), 'url-role')
  for (const name of functions) {
    await deploy(lambda, name, { Role, code: CODE, Handler: name === 'streaming' ? 'index.streams' : 'index.handler' })
  }

  const grant: UrlCloud['grant'] = (FunctionName, StatementId, Principal, more) =>
    lambda.send(
      new AddPermissionCommand({ FunctionName, StatementId, Principal, Action: 'lambda:InvokeFunction', ...more }),
    )
  const call: UrlCloud['call'] = (url, { method = 'GET', path = '/', headers = {}, body = '', keys, region } = {}) => {
    const draft = { method, path, headers: { host: hostOf(url), ...headers }, body }
    const signing = keys && { keys, service: 'lambda', atMs: Date.now(), ...(region !== undefined && { region }) }
    return send(cloud.endpoint, signing ? sign(draft, signing) : draft)
  }
  return {
    cloud,
    lambda,
    create: (FunctionName, more = {}) =>
      lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', ...more })),
    grant,
    async openToAll(FunctionName) {
      await grant(FunctionName, 'FunctionURLAllowPublicAccess', '*', asUrl('NONE'))
      await grant(FunctionName, 'FunctionURLInvokeAllowPublicAccess', '*', VIA_URL)
    },
    call,
    tell: (url, told) =>
      call(url, {
        method: 'POST',
        path: '/tell',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(told),
      }),
  }
}
