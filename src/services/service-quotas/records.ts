/** What Service Quotas remembers: the requests for other values. The values that apply follow from them. */
import type { AccountId } from '../../core/account.ts'
import type { Region } from '../../core/region.ts'

export interface ChangeRequestRecord {
  readonly id: string
  readonly account: AccountId
  readonly region: Region
  readonly serviceCode: string
  readonly quotaCode: string
  readonly desiredValue: number
  /** What applies until the request is approved. */
  readonly valueBefore: number
  /** The ARN of who asked. */
  readonly requester: string
  readonly createdMs: number
}
