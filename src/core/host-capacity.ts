/** How much this machine takes at once: Isthmus only, for AWS has machines enough. */

export const ENVIRONMENTS_MAX = 256
/** How long an invocation waits for another to make room. */
export const CAPACITY_WAIT_MS_MAX = 10_000
