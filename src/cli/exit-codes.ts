/** Exit codes of every command; other people's scripts rely on them. */

export const EXIT_OK = 0
/** A check failed: a denied crossing, a missed threshold. */
export const EXIT_CHECK_FAILED = 1
/** Wrong usage or configuration. */
export const EXIT_USAGE = 2
/** This machine lacks something. */
export const EXIT_ENVIRONMENT = 3
/** A bug in Isthmus. */
export const EXIT_BUG = 70
