/** Times on the wire: https://smithy.io/2.0/spec/protocol-traits.html#timestamp-formats */
import type { TimestampFormat } from './shape.ts'

const EPOCH = /^-?\d+(\.\d+)?$/
const MS_PER_SECOND = 1000

/** `epoch-seconds` gives a number's text, with milliseconds where there are any. */
export function formatTimestamp(time: Date, format: TimestampFormat): string {
  switch (format) {
    case 'date-time':
      // AWS leaves the fraction out of whole seconds.
      return time.toISOString().replace('.000Z', 'Z')
    case 'http-date':
      return time.toUTCString()
    case 'epoch-seconds':
      return String(time.getTime() / MS_PER_SECOND)
  }
}

/** Any of the three formats: AWS's services are as generous. Undefined when it is none of them. */
export function parseTimestamp(text: string): Date | undefined {
  const time = EPOCH.test(text) ? new Date(Math.round(Number(text) * MS_PER_SECOND)) : new Date(text)
  return Number.isNaN(time.getTime()) ? undefined : time
}

export function timestampFromSeconds(seconds: number): Date {
  return new Date(Math.round(seconds * MS_PER_SECOND))
}

/** Handlers may give a `Date` or epoch seconds, as the SDK's types allow. */
export function toDate(value: unknown): Date {
  if (value instanceof Date) return value
  if (typeof value === 'number') return timestampFromSeconds(value)
  throw new TypeError(`${String(value)} is not a time, expected a Date`)
}
