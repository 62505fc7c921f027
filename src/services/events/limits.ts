/** EventBridge's quotas, each with its unit. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */

/** Of all entries of a request. Raised from 256 KB in January 2026. */
export const ENTRIES_BYTES_MAX = 1_048_576
export const TARGETS_PER_RULE_MAX = 5
export const RULES_PER_BUS_MAX = 300
export const BUSES_MAX = 100
export const POLICY_BYTES_MAX = 10_240
export const TAGS_MAX = 50
export const LIST_PAGE = 100
