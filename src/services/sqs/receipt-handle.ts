/** Receipt handles: which message of which queue, and which time it was received. */
import { receiptHandleIsInvalid } from './errors.ts'
import type { MessageRecord, QueueRecord } from './records.ts'

const MARK = 'receipt1'

export function receiptHandle(queue: QueueRecord, { id, receipt = '' }: MessageRecord): string {
  return Buffer.from([MARK, queue.id, id, receipt].join(' ')).toString('base64')
}

/** Throws ReceiptHandleIsInvalid for a text that is none, or one of another queue. */
export function readReceiptHandle(
  queue: QueueRecord,
  handle: string,
): { readonly id: string; readonly receipt: string } {
  const [mark, queueId, id, receipt] = Buffer.from(handle, 'base64').toString().split(' ')
  if (mark !== MARK || queueId !== queue.id || id === undefined || receipt === undefined) {
    throw receiptHandleIsInvalid(handle)
  }
  return { id, receipt }
}
