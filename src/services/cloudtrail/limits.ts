/** CloudTrail's limits, and what bounds our memory and the disk. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html */

const DAY_MS = 86_400_000

export const HISTORY_KEPT_MS = 90 * DAY_MS
/** FIDELITY: AWS keeps every event of 90 days; here the newest so many of an account. */
export const HISTORY_EVENTS_MAX = 10_000

/** LookupEvents, of an account in a Region. */
export const LOOKUPS_PER_SECOND = 2
/** The default, too. */
export const LOOKUP_PAGE_MAX = 50

/** The parameters of a request and the elements of a response are left out beyond it. */
export const PART_CHARACTERS_MAX = 100 * 1024

/** How long a record waits to be written to its file. */
export const WRITE_DELAY_MS = 100
/** How many calls are recorded without letting requests pass. */
export const BATCH_CALLS = 100
/** Calls that wait to be recorded; of more than these there is no record. */
export const WAITING_CALLS_MAX = 100_000

/** An account's file is put aside when it has grown beyond this; the one before it is removed then. */
export const FILE_BYTES_MAX = 64 * 1_048_576
/** Waiting to be written, of all accounts together. */
export const FILE_WAITING_BYTES_MAX = 32 * 1_048_576
