/** SNS's quotas, each with its unit. https://docs.aws.amazon.com/general/latest/gr/sns.html */

export const MESSAGE_BYTES_MAX = 262_144
export const SUBJECT_CHARACTERS_MAX = 100
export const BATCH_ENTRIES_MAX = 10
export const TAGS_MAX = 50
export const LIST_PAGE = 100
export const FILTER_KEYS_MAX = 5
export const FILTER_COMBINATIONS_MAX = 150
/** Attributes of a raw message that go on to SQS, which takes no more. */
export const RAW_ATTRIBUTES_MAX = 10
