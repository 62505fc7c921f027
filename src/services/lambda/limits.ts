/**
 * Lambda's quotas, each with its unit.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */

export const FUNCTION_NAME_CHARACTERS_MAX = 64
export const MEMORY_MB_DEFAULT = 128
export const MEMORY_MB_MAX = 10_240
export const TIMEOUT_SECONDS_DEFAULT = 3
export const TIMEOUT_SECONDS_MAX = 900
export const EPHEMERAL_STORAGE_MB_DEFAULT = 512
/** Of the variables as one JSON object. */
export const ENVIRONMENT_BYTES_MAX = 4096
export const TAGS_MAX = 50

export const PACKAGE_ZIPPED_BYTES_MAX = 52_428_800
export const PACKAGE_UNZIPPED_BYTES_MAX = 262_144_000
/** Ours: a package of that many files is taken for a bomb. */
export const PACKAGE_ENTRIES_MAX = 100_000
/** Of all packages of an account in a Region; reported, not enforced. */
export const CODE_STORAGE_BYTES_MAX = 300 * 1024 ** 3

export const LAYERS_PER_FUNCTION_MAX = 5

export const POLICY_BYTES_MAX = 20_480

/** Answers hold at most this many functions, versions or aliases, whatever MaxItems asks for. */
export const LIST_ITEMS_MAX = 50

/** Of the decoded X-Amz-Client-Context. */
export const CLIENT_CONTEXT_BYTES_MAX = 3583

/** What reservations must leave to the functions that reserve nothing. */
export const UNRESERVED_CONCURRENCY_MIN = 100

/** An environment's credentials; longer than any environment lives. */
export const ENVIRONMENT_SESSION_SECONDS = 43_200

/** As long as the data plane keeps an environment without work. */
export const ENVIRONMENT_IDLE_MS_MAX = 5 * 60_000
