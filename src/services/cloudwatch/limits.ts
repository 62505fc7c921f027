/** CloudWatch's limits, and what bounds our memory. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** How long values are kept by the second and by the minute. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention */
export const SECONDS_KEPT_MS = 3 * HOUR_MS
/** FIDELITY: AWS then keeps values by 5 minutes until day 63, and by the hour for 455 days; here they are gone. */
export const MINUTES_KEPT_MS = 15 * DAY_MS
/** A metric without values for so long is not listed. */
export const LISTED_MS = 14 * DAY_MS
export const RECENTLY_ACTIVE_MS = 3 * HOUR_MS

/** What PutMetricData takes. */
export const VALUE_AGE_MS_MAX = 14 * DAY_MS
export const VALUE_FUTURE_MS_MAX = 2 * HOUR_MS
/** Of one request. */
export const DATA_MAX = 1000
/** Of one datum. */
export const VALUES_MAX = 150
/** No value is further from zero. */
export const VALUE_MAX = 2 ** 360
/** Of one metric. */
export const DIMENSIONS_MAX = 30

export const LIST_PAGE_MAX = 500
export const STATISTICS_DATAPOINTS_MAX = 1440
export const QUERIES_MAX = 500
/** Of one page of GetMetricData; also the default. */
export const PAGE_DATAPOINTS_MAX = 100_800

/**
 * FIDELITY: AWS keeps every value as long as it says; beyond so many buckets and different values in them, of all metrics of the cloud together,
 * the buckets that were made first are dropped. About 100 MB.
 */
export const CELLS_MAX = 1_000_000
/** The file of all metrics is written afresh when it has grown beyond this. */
export const FILE_BYTES_MAX = 32 * 1_048_576
/**
 * FIDELITY: of the different values in one minute so many are kept exactly; more are counted by the hundredth of their size, so that a
 * percentile is right to 1 %. AWS does not document its own precision.
 */
export const EXACT_VALUES_MAX = 256
