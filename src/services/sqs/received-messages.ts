/** What is done to a message that was received: DeleteMessage and ChangeMessageVisibility, one by one and in batches. */
import { performEach } from './batch.ts'
import { invalidValue } from './errors.ts'
import { VISIBILITY_SECONDS_MAX } from './limits.ts'
import { locationFromUrl } from './queue-location.ts'
import { readReceiptHandle } from './receipt-handle.ts'
import type { QueueRecord } from './records.ts'
import type { SqsOperations, SqsService } from './service.ts'

export const receivedMessages: SqsOperations = {
  DeleteMessage: {
    permissions: (input, caller, sqs) => sqs.permissionByUrl('DeleteMessage', input.QueueUrl, caller),
    handle(input, caller, sqs) {
      deleteOne(sqs.require(locationFromUrl(caller, input.QueueUrl)), input.ReceiptHandle, sqs)
      return {}
    },
  },

  DeleteMessageBatch: {
    permissions: (input, caller, sqs) => sqs.permissionByUrl('DeleteMessage', input.QueueUrl, caller),
    handle(input, caller, sqs) {
      const queue = sqs.require(locationFromUrl(caller, input.QueueUrl))
      const results = performEach('DeleteMessageBatchRequestEntry', input.Entries, (entry) => {
        deleteOne(queue, entry.ReceiptHandle ?? '', sqs)
        return {}
      })
      return { ...results, Failed: results.Failed ?? [] }
    },
  },

  ChangeMessageVisibility: {
    permissions: (input, caller, sqs) => sqs.permissionByUrl('ChangeMessageVisibility', input.QueueUrl, caller),
    handle(input, caller, sqs) {
      changeOne(sqs.require(locationFromUrl(caller, input.QueueUrl)), input, sqs)
      return {}
    },
  },

  ChangeMessageVisibilityBatch: {
    permissions: (input, caller, sqs) => sqs.permissionByUrl('ChangeMessageVisibility', input.QueueUrl, caller),
    handle(input, caller, sqs) {
      const queue = sqs.require(locationFromUrl(caller, input.QueueUrl))
      const results = performEach('ChangeMessageVisibilityBatchRequestEntry', input.Entries, (entry) => {
        changeOne(queue, entry, sqs)
        return {}
      })
      return { ...results, Failed: results.Failed ?? [] }
    },
  },
}

/** With the handle of an earlier receipt it succeeds and deletes nothing, as on AWS. */
function deleteOne(queue: QueueRecord, handle: string, sqs: SqsService): void {
  const { id, receipt } = readReceiptHandle(queue, handle)
  const messages = sqs.messages(queue)
  if (messages.get(id)?.receipt === receipt) messages.delete(id)
}

function changeOne(
  queue: QueueRecord,
  change: { readonly ReceiptHandle?: string | undefined; readonly VisibilityTimeout?: number | undefined },
  sqs: SqsService,
): void {
  const { ReceiptHandle: handle = '', VisibilityTimeout: seconds = 0 } = change
  const { id, receipt } = readReceiptHandle(queue, handle)
  if (seconds < 0 || seconds > VISIBILITY_SECONDS_MAX) {
    throw invalidValue(seconds, 'VisibilityTimeout', `Must be >= 0 and <= ${VISIBILITY_SECONDS_MAX}, if provided.`)
  }
  const messages = sqs.messages(queue)
  const message = messages.get(id)
  const now = sqs.clock.now()
  if (!message || message.receipt !== receipt || message.visibleAtMs <= now) {
    throw invalidValue(
      handle,
      'ReceiptHandle',
      'Message does not exist or is not available for visibility timeout change.',
    )
  }
  const heldSinceMs = message.firstReceivedAtMs ?? now
  if (now + seconds * 1000 - heldSinceMs > VISIBILITY_SECONDS_MAX * 1000) {
    throw invalidValue(
      seconds,
      'VisibilityTimeout',
      `Total VisibilityTimeout for the message is beyond the limit [${VISIBILITY_SECONDS_MAX} seconds]`,
    )
  }
  messages.replace({ ...message, visibleAtMs: now + seconds * 1000 })
}
