/** Whom arrivals are for: the crossings by weight, as a load test deals them. */
import { pickByWeight } from '../../load/arrivals.ts'

/** Groups up to it are dealt one by one; larger ones by their parts, and what is left one by one. */
const DEALT_SINGLY_MAX = 32

/** Tells how many of the next `count` arrivals are for each. */
export function createDealer(weights: readonly number[]): (count: number) => readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let dealt = 0
  return (count) => {
    if (weights.length === 1) return [count]
    const shares = weights.map((weight) => (count > DEALT_SINGLY_MAX ? Math.floor((count * weight) / total) : 0))
    for (let rest = count - shares.reduce((sum, share) => sum + share, 0); rest > 0; rest--) {
      const index = pickByWeight(dealt++, weights)
      shares[index] = (shares[index] ?? 0) + 1
    }
    return shares
  }
}
