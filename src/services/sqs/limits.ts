/**
 * SQS's quotas, each with its unit.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */

/** Of a message with its attributes, and of all messages of a batch. Raised from 256 KiB in August 2025. */
export const MESSAGE_BYTES_MAX = 1_048_576
export const BATCH_ENTRIES_MAX = 10
export const MESSAGE_ATTRIBUTES_MAX = 10
export const IN_FLIGHT_MAX = 120_000
export const VISIBILITY_SECONDS_MAX = 43_200
export const WAIT_SECONDS_MAX = 20
export const DELAY_SECONDS_MAX = 900
export const TAGS_MAX = 50
export const PERMISSION_ACTIONS_MAX = 7
export const LIST_RESULTS_MAX = 1000
/** Between two purges of a queue, and between the deletion of a queue and another of its name. */
export const PAUSE_MS = 60_000
export const MAX_RECEIVE_COUNT_MAX = 1000

export const NUMBER_RANGES = {
  VisibilityTimeout: { min: 0, max: VISIBILITY_SECONDS_MAX, initial: 30 },
  MaximumMessageSize: { min: 1024, max: MESSAGE_BYTES_MAX, initial: MESSAGE_BYTES_MAX },
  MessageRetentionPeriod: { min: 60, max: 1_209_600, initial: 345_600 },
  DelaySeconds: { min: 0, max: DELAY_SECONDS_MAX, initial: 0 },
  ReceiveMessageWaitTimeSeconds: { min: 0, max: WAIT_SECONDS_MAX, initial: 0 },
} as const
