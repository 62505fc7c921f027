/**
 * What AWS asks, as data with a date. https://aws.amazon.com/lambda/pricing/ and https://aws.amazon.com/cloudwatch/pricing/
 * In AWS's price list (service AWSLambda) these are `Request`, `Lambda-GB-Second`, `Lambda-Provisioned-Concurrency` and
 * `Lambda-Provisioned-GB-Second`, each with `-ARM` for Graviton; provisioned concurrency has no free tier and no tiers of volume.
 */

export interface Prices {
  /** Of the first tier, without the free one, in US dollars. */
  readonly requestsPerMillion: number
  readonly gbSecond: Readonly<Record<string, number>>
  readonly logsPerGb: number
  /** Of provisioned concurrency: while it is kept, and on top of it while it runs; what runs beyond it costs `gbSecond`. */
  readonly provisionedGbSecond: Readonly<Record<string, number>>
  readonly provisionedRunningGbSecond: Readonly<Record<string, number>>
}

export const PRICES_AS_OF = '2026-11'
/** Most Regions cost as much; a few cost up to 40 % more. */
export const PRICES_REGION = 'us-east-1'

export const PRICES: Prices = {
  requestsPerMillion: 0.2,
  gbSecond: { x86_64: 0.000_016_666_7, arm64: 0.000_013_333_4 },
  logsPerGb: 0.5,
  provisionedGbSecond: { x86_64: 0.000_004_166_7, arm64: 0.000_003_333_4 },
  provisionedRunningGbSecond: { x86_64: 0.000_009_722_2, arm64: 0.000_007_777_8 },
}
