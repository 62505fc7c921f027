/** What the load costs on AWS if every invocation is served. Pure. */
import { BYTES_PER_GB, LOG_BYTES } from '../load/estimate.ts'
import { PRICES_AS_OF, PRICES_REGION, type Prices } from '../load/prices.ts'

export interface CostOrder {
  readonly memoryMb: number
  readonly architecture: string
  readonly invocations: number
  readonly busyMs: number
  /** The part of it in provisioned environments. */
  readonly provisionedBusyMs: number
  readonly coldStarts: number
  readonly initMs: number
  readonly provisioned: number
}

/** US dollars. */
export interface Cost {
  readonly requests: number
  readonly duration: number
  /** AWS bills the init of every cold start since August 2025. */
  readonly init: number
  readonly logs: number
  /** Of keeping environments ready while the profile runs. */
  readonly provisioned: number
  readonly total: number
  /** If the profile is run over and over for a month. */
  readonly perMonth: number
  readonly pricesAsOf: string
  readonly pricesRegion: string
}

const MONTH_MS = 730 * 3_600_000
const MILLION = 1_000_000
const MB_MS_PER_GB_S = 1024 * 1000
/** Provisioned concurrency is billed for at least so long. */
const PROVISIONED_MS_MIN = 300_000

export function costOf(functions: readonly CostOrder[], durationMs: number, prices: Prices): Cost {
  const sum = (of: (fn: CostOrder) => number) => functions.reduce((total, fn) => total + of(fn), 0)
  const gbSeconds = ({ memoryMb }: CostOrder, ms: number) => (memoryMb * ms) / MB_MS_PER_GB_S
  const price = (table: Readonly<Record<string, number>>, { architecture }: CostOrder) =>
    table[architecture] ?? table['x86_64'] ?? 0
  const requests = sum(({ invocations }) => (invocations / MILLION) * prices.requestsPerMillion)
  const duration = sum(
    (fn) =>
      gbSeconds(fn, fn.busyMs - fn.provisionedBusyMs) * price(prices.gbSecond, fn) +
      gbSeconds(fn, fn.provisionedBusyMs) * price(prices.provisionedRunningGbSecond, fn),
  )
  const init = sum((fn) => gbSeconds(fn, fn.coldStarts * fn.initMs) * price(prices.gbSecond, fn))
  const logs = sum(({ invocations }) => ((invocations * LOG_BYTES) / BYTES_PER_GB) * prices.logsPerGb)
  const keeping = (ms: number) =>
    sum((fn) => gbSeconds(fn, fn.provisioned * ms) * price(prices.provisionedGbSecond, fn))
  const varying = requests + duration + init + logs
  const provisioned = keeping(Math.max(PROVISIONED_MS_MIN, durationMs))
  return {
    requests,
    duration,
    init,
    logs,
    provisioned,
    total: varying + provisioned,
    perMonth: varying * (MONTH_MS / Math.max(1, durationMs)) + keeping(MONTH_MS),
    pricesAsOf: PRICES_AS_OF,
    pricesRegion: PRICES_REGION,
  }
}

/** To the cent, and of less than one what there is. */
export function dollars(amount: number): string {
  return amount < 0.01
    ? amount.toFixed(4)
    : amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}
