/** CloudWatch: the metrics of Lambda and of whoever puts some. See README.md. */
import { join } from 'node:path'

import { AwsError } from '../../core/aws-error.ts'
import { loadPackage } from '../../core/load-package.ts'
import { serviceDescriptions } from '../../wire/service-description.ts'
import type { CloudService, Foundations } from '../cloud-service.ts'
import type { MetricSink } from '../metrics.ts'
import { bindOperations } from '../operation.ts'
import { listMetrics } from './list-metrics.ts'
import { metricData } from './metric-data.ts'
import { metricStatistics } from './metric-statistics.ts'
import { createMetricFiles } from './metric-files.ts'
import { MetricStore } from './metric-store.ts'
import { putMetricData } from './put-metric-data.ts'

export interface CloudWatch {
  readonly service: CloudService
  readonly metrics: MetricSink
  /** The accounts are others now: what was measured is forgotten. */
  stateReplaced(): void
  /** Writes what is still waiting to be written. */
  close(): Promise<void>
}

/** Without a directory metrics last as long as the process; with one they survive it, best effort. */
export function createCloudWatch({
  clock,
  directory,
  notice,
}: Foundations & { readonly directory?: string; readonly notice: (text: string) => void }): CloudWatch {
  let isLoaded = false
  const load = () => {
    if (isLoaded) return
    isLoaded = true
    for (const saved of files?.load() ?? []) store.restore(saved)
  }
  const files =
    directory === undefined
      ? undefined
      : createMetricFiles({
          path: join(directory, 'metrics.jsonl'),
          clock,
          beforeWriting: load,
          all: () => store.held(),
          onError: (error) => {
            const reason = error instanceof Error ? error.message : String(error)
            notice(`Metrics could not be written to \`${directory}\` and will be lost with this process: ${reason}`)
          },
        })
  const store = new MetricStore(clock, { onChange: (held) => files?.changed(held), beforeReading: load })
  return {
    metrics: store,
    stateReplaced() {
      isLoaded = true
      store.clear()
      files?.clear()
    },
    close: async () => files?.close(),
    service: {
      description: serviceDescriptions.monitoring,
      operations: bindOperations({ store, clock }, [metricData, metricStatistics, listMetrics, putMetricData]),
      loadSdk: () => loadPackage('@aws-sdk/client-cloudwatch'),
      loadConstraints: async () => (await import('../../wire/constraints/cloudwatch.ts')).constraints,
      accessDenied: (message) => new AwsError('AccessDeniedException', message, { status: 403 }),
    },
  }
}
