/** Waiting for what AWS does behind its answers. */

const PAUSE_MS_MIN = 20
const PAUSE_MS_MAX = 5_000

/** Asks until the answer is yes, more and more seldom. Throws when the time is up. */
export async function eventually(isSo: () => Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (let pauseMs = PAUSE_MS_MIN; !(await isSo()); pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX)) {
    if (performance.now() > deadline) throw new Error(`what was waited for did not happen within ${timeoutMs / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
