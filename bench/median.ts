/** The middle of some measurements, and their tail. */

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** `share`: of the values, from 0 to 1, that are below it. */
export function quantile(values: readonly number[], share: number): number {
  const index = Math.min(values.length - 1, Math.floor(values.length * share))
  return values.toSorted((a, b) => a - b)[index] ?? Number.NaN
}
