/** What the state keeps of queues and messages: plain JSON, replaced as a whole on every change. */
import type { AccountId } from '../../core/account.ts'
import type { Region } from '../../core/region.ts'
import type { AttachedPolicy } from '../attached-policy.ts'

/** The attributes that are numbers, under AWS's names. */
export interface QueueNumbers {
  readonly VisibilityTimeout: number
  readonly MaximumMessageSize: number
  readonly MessageRetentionPeriod: number
  readonly DelaySeconds: number
  readonly ReceiveMessageWaitTimeSeconds: number
}

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string
  readonly maxReceiveCount: number
}

export interface QueueRecord {
  readonly account: AccountId
  readonly region: Region
  readonly name: string
  /** Tells a queue from one of the same name that was deleted before it. */
  readonly id: string
  readonly numbers: QueueNumbers
  readonly policy?: AttachedPolicy
  readonly redrive?: RedrivePolicy
  readonly managedEncryption: boolean
  readonly tags: Readonly<Record<string, string>>
  readonly createdAtMs: number
  readonly modifiedAtMs: number
  readonly purgedAtMs?: number
}

export interface MessageAttribute {
  readonly DataType: string
  readonly StringValue?: string
  /** Base64. */
  readonly BinaryValue?: string
}

export interface MessageRecord {
  readonly id: string
  readonly body: string
  readonly attributes: Readonly<Record<string, MessageAttribute>>
  readonly senderId: string
  readonly sentAtMs: number
  readonly traceHeader?: string
  readonly visibleAtMs: number
  readonly receiveCount: number
  readonly firstReceivedAtMs?: number
  /** Of the last time it was received: older receipt handles no longer delete it. */
  readonly receipt?: string
  /** The queue whose dead letter it is. */
  readonly sourceArn?: string
}
