/** Durations as people write them: `250ms`, `30s`, `1m30s`, `2h`. */
import { UserError } from '../../core/user-error.ts'

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const
const WHOLE = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g

/** Milliseconds. Throws `UserError` naming the text. */
export function parseDuration(text: string): number {
  if (!WHOLE.test(text)) throw new UserError(`\`${text}\` is not a duration, expected one such as 30s, 1m30s or 250ms`)
  let total = 0
  for (const [, number = '', unit] of text.matchAll(PART))
    total += Number(number) * UNIT_MS[unit as keyof typeof UNIT_MS]
  return total
}

/** In the largest unit that leaves it readable: `250 ms`, `30 s`, `1 min 30 s`. */
export function formatDuration(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`
  const wholeSeconds = Math.round(ms / 1000)
  if (wholeSeconds < 60) return `${trimmed(ms / 1000)} s`
  const minutes = Math.floor(wholeSeconds / 60)
  const seconds = wholeSeconds % 60
  return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`
}

function trimmed(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '')
}
