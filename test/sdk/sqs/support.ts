/** What the tests of SQS, and of what sends to it, share. */
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs'

import type { TestCloud } from '../cloud.ts'
import { eventually } from '../lambda/support.ts'

export async function createQueue(
  sqs: SQSClient,
  QueueName: string,
  Attributes?: Record<string, string>,
): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))
  return QueueUrl
}

export async function attributesOf(sqs: SQSClient, QueueUrl: string): Promise<Readonly<Record<string, string>>> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))
  return Attributes
}

export async function advance(cloud: { readonly endpoint: string }, advanceMs: number): Promise<void> {
  const answer = await fetch(`${cloud.endpoint}/_isthmus/clock`, {
    method: 'POST',
    body: JSON.stringify({ advanceMs }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}

/** Receives and deletes until `count` messages have come. */
export async function drain(sqs: SQSClient, QueueUrl: string, count: number): Promise<Message[]> {
  const all: Message[] = []
  return eventually(async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    )
    for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
    all.push(...Messages)
    return all.length >= count ? all : undefined
  })
}

/** The bodies of the next messages, as JSON. */
export async function bodies(sqs: SQSClient, QueueUrl: string, count: number): Promise<unknown[]> {
  return (await drain(sqs, QueueUrl, count)).map(({ Body = '' }) => JSON.parse(Body) as unknown)
}

export function queueClient(cloud: TestCloud, account: 'source' | 'target'): SQSClient {
  return cloud.client(SQSClient, account)
}
