/** The figures of every second and crossing, for a spreadsheet. Pure. */
import { Histogram } from './histogram.ts'
import { causeText, isMeasured, type RunData } from './run-data.ts'

const COLUMNS = [
  'second',
  'to',
  'account',
  'from',
  'type',
  'sent',
  'succeeded',
  'failed',
  'dropped',
  'inFlightMax',
  'coldStarts',
] as const
const PERCENTILES = [0.5, 0.9, 0.99, 0.999] as const

/** RFC 4180. The warm-up is left out; latencies are in milliseconds and empty where nothing succeeded. */
export function csvOf(run: RunData): string {
  const records = run.seconds.filter(isMeasured)
  const causes = [...new Set(records.flatMap((record) => record.causes.map(({ cause }) => causeText(cause))))].sort()
  const rows = records.map((record) => {
    const { to = '', account = '', from = '', type = '' } = run.crossings[record.crossing] ?? {}
    const counts = new Map(record.causes.map(({ cause, count }) => [causeText(cause), count]))
    const latency = Histogram.of(record.latency)
    const log = run.logs.find(({ crossing }) => crossing === record.crossing)
    const coldStarts = new Map(log?.coldBySecond).get(record.second)
    const time = (value: number) => (latency.count === 0 ? '' : value.toFixed(3))
    return [
      record.second,
      to,
      account,
      from,
      type,
      record.sent,
      record.succeeded,
      record.causes.reduce((sum, { count }) => sum + count, 0),
      record.dropped,
      record.inFlightMax,
      log ? (coldStarts ?? 0) : '',
      ...PERCENTILES.map((quantile) => time(latency.percentile(quantile))),
      time(latency.maxMs),
      ...causes.map((cause) => counts.get(cause) ?? 0),
    ]
  })
  const times = [...PERCENTILES.map((quantile) => `p${String(quantile * 100).replace('.', '')}Ms`), 'maxMs']
  return [[...COLUMNS, ...times, ...causes], ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(value: string | number): string {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
