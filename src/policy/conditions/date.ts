/** Date operators. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date */
import { orderedFamily, type OperatorFamily } from './operator.ts'

export const dateOperators: OperatorFamily = orderedFamily('Date', parseDate)

/** The largest epoch time IAM takes, in seconds: a signed 64-bit number. */
const EPOCH_SECONDS_MAX = 9_223_372_036_854_775_807n
const YEAR_MIN = -292_275_054
const YEAR_MAX = 292_278_993

const ISO_DATE = /^(-?\d+)(?:-(\d{1,2}))?(?:-(\d{1,2}))?(?:[tT](.*))?$/
const ISO_TIME = /^(?:(\d{1,2})(?::(\d{1,2}))?(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?([zZ]|[+-]\d{2}(?::?\d{2})?)?$/
const EPOCH = /^\d+$/

/**
 * Milliseconds since the epoch, from seconds since the epoch or from the W3C forms of ISO 8601, where all but the year may be left out. Digits
 * alone are seconds, not a year. https://www.w3.org/TR/NOTE-datetime
 */
export function parseDate(text: string): number | undefined {
  if (EPOCH.test(text)) return BigInt(text) <= EPOCH_SECONDS_MAX ? Number(text) * 1000 : undefined
  const [, year, month = '1', day = '1', clock = ''] = ISO_DATE.exec(text) ?? []
  const [, hour = '0', minute = '0', second = '0', fraction = '0', zone = 'Z'] = ISO_TIME.exec(clock) ?? []
  if (year === undefined || !ISO_TIME.test(clock)) return undefined
  const inRange =
    isWithin(year, YEAR_MIN, YEAR_MAX) &&
    isWithin(month, 1, 12) &&
    isWithin(day, 1, 31) &&
    isWithin(hour, 0, 23) &&
    isWithin(minute, 0, 59) &&
    isWithin(second, 0, 59)
  const offsetMinutes = parseZone(zone)
  if (!inRange || offsetMinutes === undefined) return undefined
  // Date.UTC reads the years 0 to 99 as 1900 to 1999, setUTCFullYear does not.
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute) - offsetMinutes, Number(second), 0)
  return date.getTime() + Number(`0.${fraction}`) * 1000
}

function isWithin(digits: string, min: number, max: number): boolean {
  const value = Number(digits)
  return value >= min && value <= max
}

/** Minutes east of UTC. */
function parseZone(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0
  const hours = zone.slice(1, 3)
  const minutes = zone.slice(3).replace(':', '') || '0'
  if (!isWithin(hours, 0, 23) || !isWithin(minutes, 0, 59)) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}
