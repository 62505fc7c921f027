/** SIGKILL under load: every acknowledged event is tried at least as often as it should be, none after its maximum age, and its end is told. */
import { InvokeCommand, LambdaClient, PutFunctionEventInvokeConfigCommand } from '@aws-sdk/client-lambda'
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { eventually } from '../sdk/lambda/support.ts'
import { ALLOW_LOGS, createFunction, createRole } from './deployments.ts'
import { ACCOUNTS, createWorkplace, type RunningCloud, type Workplace } from './isthmus.ts'

const EVENTS_BEFORE_KILL = 40
const SENDERS = 4
const EVENT_AGE_SECONDS = 150
const PATIENCE_MS = 40_000

let place: Workplace

beforeAll(() => {
  place = createWorkplace()
})
afterAll(() => place.close())

async function deploy(cloud: RunningCloud): Promise<string> {
  const allow = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' }] }
  const role = await createRole(cloud, 'source', 'failing', { policies: { logs: ALLOW_LOGS, tell: allow } })
  await createFunction(cloud, 'source', 'failing', {
    role,
    code: "exports.handler = async () => { throw new Error('always') }",
  })
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

interface KeptEvent {
  readonly payloadBase64: string
  readonly attempts: number
}

/** Events that the cloud still has, each with the attempts it knows of. */
async function kept(cloud: RunningCloud): Promise<readonly KeptEvent[]> {
  const snapshot = (await (await fetch(`${cloud.ready.endpoint}/_isthmus/snapshot`)).json()) as Record<
    string,
    Record<string, Record<string, KeptEvent>>
  >
  return Object.values(snapshot['lambda.async-events']?.[`${ACCOUNTS.source}/us-east-1`] ?? {})
}

/** Resolves once every acknowledged event has been tried so often, and not more often than that. */
async function untilTried(cloud: RunningCloud, acknowledged: ReadonlySet<string>, attempts: number): Promise<void> {
  await eventually(async () => {
    const events = await kept(cloud)
    const tried = new Map(events.map((event) => [idOf(event), event.attempts]))
    return [...acknowledged].every((id) => tried.get(id) === attempts) || undefined
  }, PATIENCE_MS)
}

function idOf({ payloadBase64 }: KeptEvent): string {
  return (JSON.parse(Buffer.from(payloadBase64, 'base64').toString()) as { readonly id: string }).id
}

interface FailureRecord {
  readonly requestContext: { readonly condition: string; readonly approximateInvokeCount: number }
  readonly requestPayload: { readonly id: string }
}

/** Event → what its destination was told. */
async function toldFailures(
  cloud: RunningCloud,
  QueueUrl: string,
  acknowledged: ReadonlySet<string>,
): Promise<ReadonlyMap<string, FailureRecord['requestContext']>> {
  const sqs = cloud.client(SQSClient, 'source')
  const told = new Map<string, FailureRecord['requestContext']>()
  await eventually(async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    for (const { Body = '' } of Messages) {
      const { requestContext, requestPayload } = JSON.parse(Body) as FailureRecord
      // What was kept and not acknowledged is nobody's, and nothing here waited for its attempts.
      if (acknowledged.has(requestPayload.id)) told.set(requestPayload.id, requestContext)
    }
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
    return [...acknowledged].every((id) => told.has(id)) || undefined
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

  // The first attempt of every event, also of those that waited.
  const second = await place.up()
  await untilTried(second, acknowledged, 1)
  // The second, a minute later, and the process gone in the middle of it.
  await advance(second, 60_000)
  await second.kill('SIGKILL')

  const third = await place.up()
  await untilTried(third, acknowledged, 2)
  // The third would come two minutes later, when the events are too old.
  await advance(third, (EVENT_AGE_SECONDS - 60) * 1000)
  const told = await toldFailures(third, QueueUrl, acknowledged)
  const wrong = [...told.values()].filter(
    ({ condition, approximateInvokeCount }) => condition !== 'EventAgeExceeded' || approximateInvokeCount !== 2,
  )
  expect(wrong).toEqual([])
  await eventually(async () => (await kept(third)).length === 0 || undefined, PATIENCE_MS)
  await third.stop()
})
