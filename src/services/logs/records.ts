/** What CloudWatch Logs keeps in the state: the groups. Streams and events are beside it, see `group-log.ts`. */

export interface LogGroupRecord {
  readonly name: string
  /** Tells a group from one of the same name that was deleted before it; names the group's file. */
  readonly id: string
  readonly createdAtMs: number
  readonly logGroupClass: 'STANDARD' | 'INFREQUENT_ACCESS'
  /** Absent: events never expire. */
  readonly retentionInDays?: number
  readonly deletionProtectionEnabled: boolean
  readonly tags: Readonly<Record<string, string>>
  readonly subscriptionFilters?: readonly SubscriptionFilterRecord[]
}

/** A policy of an account and Region as a whole. */
export interface ResourcePolicyRecord {
  readonly name: string
  readonly document: string
  readonly updatedAtMs: number
}

export interface SubscriptionFilterRecord {
  readonly name: string
  readonly pattern: string
  readonly destinationArn: string
  readonly distribution: 'ByLogStream' | 'Random'
  readonly createdAtMs: number
}
