/** What a run will do to an AWS bill, before it is started. Pure. */
import type { InvocationType } from '../crossing.ts'
import { type Prices } from './prices.ts'
import { durationOf, invocationsOf, isOpen, type LoadProfile, peakOf, wholeProfile } from './profile.ts'
import type { CalleeFacts } from './run-data.ts'

export interface Estimate {
  readonly invocations: number
  /** Of virtual users nobody knows beforehand how many invocations they make. */
  readonly isGuess: boolean
  readonly durationMs: number
  /** US dollars, if every invocation takes `USUAL_MS`, and if every one runs into its timeout. */
  readonly usualCost: number
  readonly mostCost: number
}

/** What an invocation is taken to last where nothing is known. */
export const USUAL_MS = 100
const MEMORY_MB = 128
const TIMEOUT_MS = 3000
/** An event that runs into its timeout is tried twice more. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const EVENT_ATTEMPTS = 3
/** START, END and REPORT, with what CloudWatch Logs adds to each. */
export const LOG_BYTES = 500
export const BYTES_PER_GB = 2 ** 30

export function estimateRun(
  profile: LoadProfile,
  callees: readonly { readonly weight: number; readonly type: InvocationType; readonly callee: CalleeFacts }[],
  { prices, thinkTimeMs }: { readonly prices: Prices; readonly thinkTimeMs: number },
): Estimate {
  const whole = wholeProfile(profile)
  const durationMs = durationOf(whole)
  const invocations = isOpen(profile)
    ? invocationsOf(profile)
    : Math.ceil((peakOf(whole) * durationMs) / (USUAL_MS + thinkTimeMs))
  const totalWeight = callees.reduce((sum, { weight }) => sum + weight, 0)
  const costIf = (ms: (callee: CalleeFacts) => number, attempts: (type: InvocationType) => number = () => 1) =>
    callees.reduce((sum, { weight, type, callee }) => {
      const { memoryMb = MEMORY_MB, architecture = 'x86_64' } = callee
      const gbSeconds = (memoryMb / 1024) * (ms(callee) / 1000)
      const each =
        prices.requestsPerMillion / 1_000_000 +
        gbSeconds * (prices.gbSecond[architecture] ?? prices.gbSecond['x86_64'] ?? 0) +
        (LOG_BYTES / BYTES_PER_GB) * prices.logsPerGb
      return sum + each * attempts(type) * invocations * (weight / totalWeight)
    }, 0)
  return {
    invocations,
    isGuess: !isOpen(profile),
    durationMs,
    usualCost: costIf(({ timeoutMs = TIMEOUT_MS }) => Math.min(USUAL_MS, timeoutMs)),
    mostCost: costIf(
      ({ timeoutMs = TIMEOUT_MS }) => timeoutMs,
      (type) => (type === 'Event' ? EVENT_ATTEMPTS : 1),
    ),
  }
}
