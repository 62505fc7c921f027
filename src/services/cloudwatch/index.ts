/** CloudWatch: the metrics of Lambda and of whoever puts some. See README.md. */
import { AwsError } from '../../core/aws-error.ts'
import { loadPackage } from '../../core/load-package.ts'
import { serviceDescriptions } from '../../wire/service-description.ts'
import type { CloudService, Foundations } from '../cloud-service.ts'
import type { MetricSink } from '../metrics.ts'
import { bindOperations } from '../operation.ts'
import { listMetrics } from './list-metrics.ts'
import { metricData } from './metric-data.ts'
import { metricStatistics } from './metric-statistics.ts'
import { MetricStore } from './metric-store.ts'
import { putMetricData } from './put-metric-data.ts'

export interface CloudWatch {
  readonly service: CloudService
  readonly metrics: MetricSink
  /** The accounts are others now: what was measured is forgotten. */
  stateReplaced(): void
}

export function createCloudWatch({ clock }: Foundations): CloudWatch {
  const store = new MetricStore(clock)
  return {
    metrics: store,
    stateReplaced: () => store.clear(),
    service: {
      description: serviceDescriptions.monitoring,
      operations: bindOperations({ store, clock }, [metricData, metricStatistics, listMetrics, putMetricData]),
      loadSdk: () => loadPackage('@aws-sdk/client-cloudwatch'),
      loadConstraints: async () => (await import('../../wire/constraints/cloudwatch.ts')).constraints,
      accessDenied: (message) => new AwsError('AccessDeniedException', message, { status: 403 }),
    },
  }
}
