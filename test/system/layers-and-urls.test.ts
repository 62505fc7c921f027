/** Layers, extensions in them, function URLs and streamed responses in a real cloud: through a restart, and from a function's own network. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { IAMClient } from '@aws-sdk/client-iam'
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  GetFunctionConfigurationCommand,
  GetFunctionUrlConfigCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  PublishLayerVersionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { createRole, eventually, payloadOf, untilActive, untilUpdated, zipOf } from '../sdk/lambda/support.ts'
import { createWorkplace, type RunningCloud, type Workplace } from './isthmus.ts'

/** Answers what its layers hold; asked for a URL, what that answers. */
const CODE = `
const { text } = require('layered')
exports.handler = async ({ fetch: url }) =>
  url ? { status: (await fetch(url)).status, body: await (await fetch(url)).text() } : { text, lambda: process.env.AWS_ENDPOINT_URL_LAMBDA ?? process.env.AWS_ENDPOINT_URL }
exports.streams = awslambda.streamifyResponse(async (event, stream) => {
  for (let piece = 0; piece < 3; piece++) {
    stream.write(text)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  stream.end()
  await new Promise((resolve) => stream.on('finish', resolve))
})
`

let place: Workplace
let cloud: RunningCloud
let lambda: LambdaClient

beforeAll(async () => {
  place = createWorkplace()
  cloud = await place.up()
  lambda = cloud.client(LambdaClient, 'target')
  const Role = await createRole(cloud.client(IAMClient, 'target'), 'role')
  const layer = async (name: string, text: string) => {
    const ZipFile = await zipOf({ 'nodejs/node_modules/layered/index.js': `exports.text = '${text}'`, [name]: '' })
    const published = await lambda.send(new PublishLayerVersionCommand({ LayerName: name, Content: { ZipFile } }))
    return published.LayerVersionArn ?? ''
  }
  const Layers = [await layer('lower', 'below'), await layer('upper', 'above')]
  const ZipFile = await zipOf({ 'index.js': CODE })
  for (const name of ['handler', 'streams']) {
    const settings = { Runtime: 'nodejs22.x', Handler: `index.${name}`, Role, Layers, Timeout: 10 } as const
    await lambda.send(new CreateFunctionCommand({ FunctionName: name, Code: { ZipFile }, ...settings }))
    await untilActive(lambda, name)
  }
  const everyone = { FunctionName: 'streams', Principal: '*' }
  const permissions = [
    { StatementId: 'url', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' },
    { StatementId: 'function', Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true },
  ] as const
  for (const permission of permissions) await lambda.send(new AddPermissionCommand({ ...everyone, ...permission }))
})

afterAll(() => place.close())

const invoke = async (event: object = {}) => {
  const Payload = Buffer.from(JSON.stringify(event))
  return payloadOf(await lambda.send(new InvokeCommand({ FunctionName: 'handler', Payload }))) as Record<string, string>
}

async function streamed(): Promise<string> {
  const answer = await lambda.send(new InvokeWithResponseStreamCommand({ FunctionName: 'streams' }))
  let text = ''
  for await (const { PayloadChunk } of answer.EventStream ?? [])
    text += Buffer.from(PayloadChunk?.Payload ?? []).toString()
  return text
}

it('runs functions with their layers, and streams what they write', async () => {
  expect((await invoke())['text']).toBe('above')
  expect(await streamed()).toBe('above'.repeat(3))
})

/** Prints what it is told. */
const EXTENSION = `#!/usr/bin/env node
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2020-01-01/extension'
const main = async () => {
  const body = JSON.stringify({ events: ['INVOKE', 'SHUTDOWN'] })
  const registered = await fetch(api + '/register', { method: 'POST', body, headers: { 'Lambda-Extension-Name': 'watcher' } })
  const headers = { 'Lambda-Extension-Identifier': registered.headers.get('lambda-extension-identifier') }
  for (;;) {
    const event = await (await fetch(api + '/event/next', { headers })).json()
    console.log('watcher was told of ' + event.eventType + ' ' + (event.requestId ?? ''))
    if (event.eventType === 'SHUTDOWN') process.exit(0)
  }
}
main()`

it('starts the extensions of a layer, and keeps what they print in the function’s log', async () => {
  const ZipFile = await zipOf({ 'extensions/watcher': EXTENSION }, 0o100755)
  const layer = new PublishLayerVersionCommand({ LayerName: 'watcher', Content: { ZipFile } })
  const { LayerVersionArn = '' } = await lambda.send(layer)
  const { Layers: before = [] } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'handler' }))
  const update = async (arns: readonly string[]) => {
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'handler', Layers: [...arns] }))
    await untilUpdated(lambda, 'handler')
  }
  const arns = before.map(({ Arn = '' }) => Arn)
  await update([...arns, LayerVersionArn])
  const { $metadata: invoked } = await lambda.send(new InvokeCommand({ FunctionName: 'handler', Payload: '{}' }))
  // The update ends the environment.
  await update(arns)
  const logs = cloud.client(CloudWatchLogsClient, 'target')
  const messages = await eventually(async () => {
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/handler' }))
    const all = events.map(({ message = '' }) => message.trim())
    return all.some((message) => message === 'watcher was told of SHUTDOWN') ? all : undefined
  })
  expect(messages).toEqual(
    expect.arrayContaining([
      'EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE, SHUTDOWN]',
      `watcher was told of INVOKE ${invoked.requestId}`,
    ]),
  )
})

it('answers at a URL, from outside and from within a function', async () => {
  const { FunctionUrl = '' } = await lambda.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: 'streams', AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' }),
  )
  expect(await (await fetch(FunctionUrl)).text()).toBe('above'.repeat(3))
  const id = /[a-z0-9]{32}/.exec(FunctionUrl)?.[0] ?? ''
  const isReal = cloud.ready.dataPlane === 'real'
  const aws = isReal ? `http://${id}.lambda-url.us-east-1.on.aws:443` : `${(await invoke())['lambda']}/lambda-url/${id}`
  expect(await invoke({ fetch: `${aws}/` })).toEqual({ status: 200, body: 'above'.repeat(3) })
})

it('keeps layers and URLs over a restart', async () => {
  const idOf = async () => {
    const { FunctionUrl = '' } = await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: 'streams' }))
    expect(await (await fetch(FunctionUrl)).text()).toBe('above'.repeat(3))
    return /[a-z0-9]{32}/.exec(FunctionUrl)?.[0]
  }
  const before = await idOf()
  await cloud.stop()
  cloud = await place.up()
  lambda = cloud.client(LambdaClient, 'target')
  expect((await invoke())['text']).toBe('above')
  expect(await idOf()).toBe(before)
})
