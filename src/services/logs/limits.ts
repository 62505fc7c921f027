/** Quotas of CloudWatch Logs, and what bounds our memory. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */

const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** Sum of the messages in UTF-8 and of `EVENT_OVERHEAD_BYTES` for each. */
export const BATCH_BYTES_MAX = 1_048_576
export const EVENT_BYTES_MAX = 1_048_576
export const EVENT_OVERHEAD_BYTES = 26
export const BATCH_SPAN_MS_MAX = DAY_MS
export const EVENT_AGE_MS_MAX = 14 * DAY_MS
export const EVENT_FUTURE_MS_MAX = 2 * HOUR_MS

/** Of GetLogEvents and FilterLogEvents. */
export const PAGE_EVENTS_MAX = 10_000
export const PAGE_BYTES_MAX = 1_048_576

/** Of DescribeLogGroups and DescribeLogStreams; also the default. */
export const DESCRIBE_PAGE_MAX = 50

/** Per log group. */
export const SUBSCRIPTION_FILTERS_MAX = 2

export const TAGS_MAX = 50

export const RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

/** FIDELITY: AWS keeps everything until it expires; beyond these the oldest events and the streams longest unwritten are dropped. */
export const STREAM_EVENTS_MAX = 10_000
export const GROUP_EVENTS_MAX = 200_000
export const GROUP_BYTES_MAX = 64 * 1_048_576
export const GROUP_STREAMS_MAX = 50_000

/** A group's file is rewritten from memory when it has grown beyond this. */
export const GROUP_FILE_BYTES_MAX = 128 * 1_048_576
/** Waiting to be written, of all groups together; what a slow disk cannot take in time is not kept beyond the process. */
export const FILE_PENDING_CHARACTERS_MAX = 32 * 1_048_576
export const FILE_FLUSH_DELAY_MS = 100

/** Of an account in a Region. */
export const RESOURCE_POLICIES_MAX = 10

/** Of the names of groups and streams. */
export const NAME_CHARACTERS_MAX = 512
