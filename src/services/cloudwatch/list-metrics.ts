/** ListMetrics. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html */
import { scopeOf } from '../../state/state.ts'
import { paginate, sortedBy } from '../pagination.ts'
import type { MetricName } from '../metrics.ts'
import { invalidValue } from './errors.ts'
import { LIST_PAGE_MAX, LISTED_MS, RECENTLY_ACTIVE_MS } from './limits.ts'
import { metricKey } from './metric-store.ts'
import { dimensionShapes, onMetrics, type CloudWatchOperations } from './service.ts'

export const listMetrics: CloudWatchOperations = {
  ListMetrics: {
    permissions: () => [onMetrics('ListMetrics')],
    refuses: ['IncludeLinkedAccounts', 'OwningAccount'],
    handle(input, caller, { store, clock }) {
      const { Namespace, MetricName: name, Dimensions = [], RecentlyActive } = input
      const sinceMs = clock.now() - (RecentlyActive === undefined ? LISTED_MS : RECENTLY_ACTIVE_MS)
      const found = new Map<string, MetricName>()
      for (const series of store.all(scopeOf(caller.account, caller.region))) {
        const { metric } = series
        const isAsked =
          (Namespace === undefined || metric.namespace === Namespace) &&
          (name === undefined || metric.name === name) &&
          Dimensions.every(({ Name, Value }) =>
            metric.dimensions.some((one) => one.name === Name && (Value === undefined || one.value === Value)),
          )
        // One of several units is one metric.
        if (isAsked && series.lastMs() >= sinceMs) found.set(keyOf(metric), metric)
      }
      const { items, nextToken } = paginate(sortedBy([...found.values()], keyOf), {
        keyOf,
        token: input.NextToken,
        limit: LIST_PAGE_MAX,
        invalidToken: () => invalidValue('Invalid nextToken'),
      })
      return {
        Metrics: items.map((metric) => ({
          Namespace: metric.namespace,
          MetricName: metric.name,
          Dimensions: dimensionShapes(metric.dimensions),
        })),
        NextToken: nextToken,
      }
    },
  },
}

function keyOf(metric: MetricName): string {
  return metricKey({ ...metric, unit: '' })
}
