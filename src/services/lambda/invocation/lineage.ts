/**
 * Recursive loops, told by the trace header: it counts, for every function on the way, how often the chain of requests has come by before.
 * `Root=…;Parent=…;Sampled=0;Lineage=1:fc3b4ff1:0`. Pure.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
import { createHash } from 'node:crypto'

/** AWS says that it stops after about sixteen times. */
export const RECURSIONS_MAX = 16

const LINEAGE = /(?:^|;)Lineage=([^;]*)/
const ENTRY = /^(?:\d+:)?([0-9a-f]{1,32}):(\d{1,6})$/
const VERSION = 1
/** A chain through more functions forgets the oldest. */
const ENTRIES_MAX = 16

/** How often the function has been invoked in this chain before. */
export function invocationsBefore(traceId: string, functionArn: string): number {
  const count = entriesOf(traceId).get(hashOf(functionArn))
  return count === undefined ? 0 : count + 1
}

/** The header that the function's own requests carry on. */
export function withInvocation(traceId: string, functionArn: string): string {
  const entries = entriesOf(traceId)
  const hash = hashOf(functionArn)
  const count = invocationsBefore(traceId, functionArn)
  entries.delete(hash)
  const kept = [...entries, [hash, count] as const].slice(-ENTRIES_MAX)
  const lineage = kept.map(([name, times]) => `${VERSION}:${name}:${times}`).join('|')
  return `${traceId.replace(LINEAGE, '')};Lineage=${lineage}`
}

function entriesOf(traceId: string): Map<string, number> {
  const entries = new Map<string, number>()
  for (const text of LINEAGE.exec(traceId)?.[1]?.split('|') ?? []) {
    const [, hash, times] = ENTRY.exec(text) ?? []
    if (hash !== undefined) entries.set(hash, Number(times))
  }
  return entries
}

function hashOf(functionArn: string): string {
  return createHash('sha256').update(functionArn).digest('hex').slice(0, 8)
}
