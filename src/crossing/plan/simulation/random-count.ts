/** How many independent events happen where so many are expected: Poisson's distribution. */

/** Above it, many terms are to be multiplied, and a normal distribution is as good. */
const NORMAL_MEAN_MIN = 60

export function randomCount(mean: number, random: () => number): number {
  if (mean <= 0) return 0
  if (mean < NORMAL_MEAN_MIN) {
    // Knuth: gaps of an exponential length until they exceed the time there is.
    const limit = Math.exp(-mean)
    let count = 0
    for (let product = 1 - random(); product > limit; product *= 1 - random()) count++
    return count
  }
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal))
}
