/** The basic ISO 8601 format that signatures date themselves in: `20260112T153712Z`. */

export const AMZ_DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/

/** Milliseconds since the epoch; NaN for any other format. */
export function timeOf(amzDate: string): number {
  const [, year, month, day, hours, minutes, seconds] = AMZ_DATE.exec(amzDate) ?? []
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hours), Number(minutes), Number(seconds))
}

export function basicTimeOf(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/[-:]|\.\d{3}/g, '')
}

/** From the Date header's form, or from any ISO 8601; what is no time at all stays as it is. */
export function basicTime(date: string | undefined): string | undefined {
  if (date === undefined || AMZ_DATE.test(date)) return date
  const epochMs = Date.parse(date)
  return Number.isNaN(epochMs) ? date : basicTimeOf(epochMs)
}
