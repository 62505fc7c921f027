/** What the state keeps of event buses, rules and targets: plain JSON, replaced as a whole on every change. */
import type { AccountId } from '../../core/account.ts'
import type { Region } from '../../core/region.ts'
import type { AttachedPolicy } from '../attached-policy.ts'

export interface BusRecord {
  readonly account: AccountId
  readonly region: Region
  readonly name: string
  readonly policy?: AttachedPolicy
  readonly description?: string
  readonly tags: Readonly<Record<string, string>>
  readonly createdAtMs: number
  readonly modifiedAtMs: number
}

export interface RuleRecord {
  readonly account: AccountId
  readonly region: Region
  readonly busName: string
  readonly name: string
  /** JSON. */
  readonly pattern: string
  readonly isEnabled: boolean
  readonly description?: string
  readonly roleArn?: string
  /** The account that made the rule: on another's bus not the bus's. */
  readonly createdBy: AccountId
  readonly tags: Readonly<Record<string, string>>
  readonly targets: readonly TargetRecord[]
}

export interface TargetRecord {
  readonly id: string
  readonly arn: string
  readonly roleArn?: string
  readonly input?: string
  readonly inputPath?: string
  readonly inputTransformer?: {
    readonly paths: Readonly<Record<string, string>>
    readonly template: string
  }
  readonly deadLetterArn?: string
  readonly retryPolicy?: {
    readonly MaximumRetryAttempts?: number
    readonly MaximumEventAgeInSeconds?: number
  }
}
