/** How services tell CloudWatch what they did: a metric is asked for once, and given its values as they come. */

export interface Dimension {
  readonly name: string
  readonly value: string
}

export interface MetricName {
  /** `AWS/Lambda` */
  readonly namespace: string
  readonly name: string
  readonly dimensions: readonly Dimension[]
  /** In CloudWatch's words: `Count`, `Milliseconds`. */
  readonly unit: string
}

/** Made to be called on every invocation: it adds to the bucket of a minute and allocates nothing. */
export interface Metric {
  /** `atMs` is the cloud's time. */
  add(value: number, atMs: number): void
}

export interface MetricSink {
  /** A metric without values is not there for anybody else, so asking costs nothing that stays. */
  metric(place: { readonly account: string; readonly region: string }, name: MetricName): Metric
}
