/** What a plan says of its limits in words. A limit whose figure could not be read never counts as one that holds. */
import { number } from './limits/concurrency.ts'
import { LIMIT_NAMES } from './limits/names.ts'
import type { LimitVerdict, Plan, Unjudged } from './plan-data.ts'

export function verdictText({ verdict, limits, unjudged, limitsOf }: Plan): string {
  const assumed = limits.filter(isAssumed).length
  const parts = [
    ...(assumed > 0 ? [`${assumed} ${assumed === 1 ? 'is' : 'are'} assumed`] : []),
    ...(unjudged.length > 0 ? [`${unjudged.length} not judged`] : []),
  ]
  const unread = parts.length === 0 ? '' : `${parts.join(', ')}: AWS was not asked or did not answer`
  const broken = limits.filter(({ holds }) => !holds)
  const [first] = [...broken].sort((a, b) => secondOf(a) - secondOf(b))
  if (first) {
    const breaks = `${broken.length} of ${limits.length} limits break, first ${LIMIT_NAMES[first.kind]} ${breaksText(first)}`
    return unread === '' ? breaks : `${breaks}; ${unread}`
  }
  if (verdict === 'assumed') return `no limit that could be read breaks, but ${unread}`
  return limitsOf === 'account' ? 'every limit holds' : 'every limit of a new account holds'
}

/** What breaks when it is deployed breaks before any load. */
function secondOf({ firstSecond, aloneSecond, whenDeployed }: LimitVerdict): number {
  if (whenDeployed) return Number.NEGATIVE_INFINITY
  return firstSecond ?? aloneSecond ?? Number.NEGATIVE_INFINITY
}

export function breaksText({ holds, firstSecond, aloneSecond, whenDeployed }: LimitVerdict): string {
  if (holds) return ''
  if (whenDeployed) return 'when deployed'
  if (firstSecond !== undefined) return `at ${firstSecond} s`
  return aloneSecond === undefined ? 'when deployed' : `at ${aloneSecond} s, alone`
}

export function isAssumed({ source }: LimitVerdict): boolean {
  return source === 'default'
}

export function markOf(row: LimitVerdict): '✓' | '?' | '✗' {
  if (!row.holds) return '✗'
  return isAssumed(row) ? '?' : '✓'
}

/** Undefined where the limit was read. */
export function assumedText(row: LimitVerdict): string | undefined {
  if (!isAssumed(row)) return undefined
  return `assumed: AWS's default of ${number(row.limit)}, for its own could not be read: ${row.because}`
}

export function unjudgedText({ of, what, because }: Unjudged): string {
  return `not judged: ${what} (${of}) could not be read: ${because}`
}
