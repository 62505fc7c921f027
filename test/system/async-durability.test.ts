/** SIGKILL under load: every acknowledged event is tried at least as often as it should be, none after its maximum age, and its end is told. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { InvokeCommand, LambdaClient, PutFunctionEventInvokeConfigCommand } from '@aws-sdk/client-lambda'
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { eventually } from '../sdk/lambda/support.ts'
import { ALLOW_LOGS, createFunction, createRole } from './deployments.ts'
import { ACCOUNTS, createWorkplace, type RunningCloud, type Workplace } from './isthmus.ts'

const EVENTS_BEFORE_KILL = 40
const SENDERS = 4
const EVENT_AGE_SECONDS = 150
const PATIENCE_MS = 20_000

let place: Workplace
let receiver: Server
/** Event → how often the function was given it, as it says itself. */
const attempts = new Map<string, number>()

beforeAll(() => {
  place = createWorkplace()
  receiver = createServer((request, response) => {
    const id = (request.url ?? '').slice(1)
    attempts.set(id, (attempts.get(id) ?? 0) + 1)
    response.end()
  })
  return new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await place.close()
  receiver.close()
})

async function deploy(cloud: RunningCloud): Promise<string> {
  const allow = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' }] }
  const role = await createRole(cloud, 'source', 'failing', { policies: { logs: ALLOW_LOGS, tell: allow } })
  const { port } = receiver.address() as AddressInfo
  const code = `exports.handler = async ({ id }) => {
    await fetch('http://127.0.0.1:${port}/' + id)
    throw new Error('always')
  }`
  await createFunction(cloud, 'source', 'failing', { role, code })
  const { QueueUrl = '' } = await cloud
    .client(SQSClient, 'source')
    .send(new CreateQueueCommand({ QueueName: 'failures' }))
  await cloud.client(LambdaClient, 'source').send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: 'failing',
      MaximumEventAgeInSeconds: EVENT_AGE_SECONDS,
      DestinationConfig: { OnFailure: { Destination: `arn:aws:sqs:us-east-1:${ACCOUNTS.source}:failures` } },
    }),
  )
  return QueueUrl
}

/** Sends until the cloud is gone. */
async function send(cloud: RunningCloud, sender: number, acknowledged: Set<string>): Promise<void> {
  const lambda = cloud.client(LambdaClient, 'source')
  for (let count = 0; ; count++) {
    const id = `${sender}-${count}`
    const Payload = Buffer.from(JSON.stringify({ id }))
    try {
      await lambda.send(new InvokeCommand({ FunctionName: 'failing', InvocationType: 'Event', Payload }))
    } catch {
      return
    }
    acknowledged.add(id)
  }
}

async function advance(cloud: RunningCloud, advanceMs: number): Promise<void> {
  const body = JSON.stringify({ advanceMs })
  const answer = await fetch(`${cloud.ready.endpoint}/_isthmus/clock`, { method: 'POST', body })
  expect(answer.status).toBe(200)
}

/** Events that the cloud still has, each with the attempts it knows of. */
async function kept(cloud: RunningCloud): Promise<readonly { readonly attempts: number }[]> {
  const snapshot = (await (await fetch(`${cloud.ready.endpoint}/_isthmus/snapshot`)).json()) as Record<
    string,
    Record<string, Record<string, { readonly attempts: number }>>
  >
  return Object.values(snapshot['lambda.async-events']?.[`${ACCOUNTS.source}/us-east-1`] ?? {})
}

async function toldFailures(cloud: RunningCloud, QueueUrl: string, wanted: ReadonlySet<string>): Promise<Set<string>> {
  const sqs = cloud.client(SQSClient, 'source')
  const told = new Set<string>()
  await eventually(async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    for (const { Body = '' } of Messages) {
      const record = JSON.parse(Body) as { requestContext: { condition: string }; requestPayload: { id: string } }
      expect(record.requestContext.condition).toBe('EventAgeExceeded')
      told.add(record.requestPayload.id)
    }
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
    return [...wanted].every((id) => told.has(id)) || undefined
  }, PATIENCE_MS)
  return told
}

it('loses no acknowledged event, tries none after its maximum age, and tells what became of each', async () => {
  const acknowledged = new Set<string>()
  const first = await place.up()
  const QueueUrl = await deploy(first)
  const senders = Array.from({ length: SENDERS }, (_, sender) => send(first, sender, acknowledged))
  await eventually(async () => acknowledged.size >= EVENTS_BEFORE_KILL || undefined, PATIENCE_MS)
  await first.kill('SIGKILL')
  await Promise.all(senders)
  const missing = (count: number) => [...acknowledged].filter((id) => (attempts.get(id) ?? 0) < count)

  // The first attempt of every event, also of those that waited.
  const second = await place.up()
  await expect.poll(() => missing(1), { timeout: PATIENCE_MS }).toEqual([])
  await eventually(async () => (await kept(second)).every((event) => event.attempts === 1) || undefined, PATIENCE_MS)
  // The second, a minute later, and the process gone in the middle of it.
  await advance(second, 60_000)
  await second.kill('SIGKILL')

  const third = await place.up()
  await expect.poll(() => missing(2), { timeout: PATIENCE_MS }).toEqual([])
  await eventually(async () => (await kept(third)).every((event) => event.attempts === 2) || undefined, PATIENCE_MS)
  // The third would come two minutes later, when the events are too old.
  const before = new Map(attempts)
  await advance(third, (EVENT_AGE_SECONDS - 60) * 1000)
  await toldFailures(third, QueueUrl, acknowledged)
  await eventually(async () => (await kept(third)).length === 0 || undefined, PATIENCE_MS)
  expect(attempts).toEqual(before)
  await third.stop()
})
