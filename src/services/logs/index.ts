/** CloudWatch Logs: groups, streams and events. */
import { AwsError } from '../../core/aws-error.ts'
import { loadPackage } from '../../core/load-package.ts'
import { serviceDescriptions } from '../../wire/service-model.ts'
import type { CallOperation, CloudService, Foundations } from '../cloud-service.ts'
import { bindOperations } from '../operation.ts'
import { filterLogEvents } from './filter-log-events.ts'
import { logEvents } from './log-events.ts'
import { createLogFiles, noLogFiles } from './log-files.ts'
import { logGroups } from './log-groups.ts'
import { logStreams } from './log-streams.ts'
import { resourcePolicies } from './resource-policies.ts'
import { LogsService } from './service.ts'
import { subscriptionFilters } from './subscription-filters.ts'
import { tags } from './tags.ts'

export interface Logs {
  readonly service: CloudService
  /** Writes what is still waiting to be written. */
  close(): void
}

/** Without a directory events last as long as the process; with one they survive it, best effort. */
export function createLogs(
  options: Foundations & {
    readonly directory?: string
    readonly call: CallOperation
    readonly notice: (text: string) => void
  },
): Logs {
  const onError = (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    options.notice(
      `Logs could not be written to \`${options.directory}\` and will be lost with this process: ${reason}`,
    )
  }
  const files = options.directory === undefined ? noLogFiles : createLogFiles(options.directory, options.clock, onError)
  const logs = new LogsService({ ...options, files })
  return {
    close: () => files.close(),
    service: {
      description: serviceDescriptions.logs,
      operations: bindOperations(logs, [
        logGroups,
        logStreams,
        logEvents,
        filterLogEvents,
        subscriptionFilters,
        resourcePolicies,
        tags,
      ]),
      loadSdk: () => loadPackage('@aws-sdk/client-cloudwatch-logs'),
      loadConstraints: async () => (await import('../../wire/constraints/logs.ts')).constraints,
      accessDenied: (message) => new AwsError('AccessDeniedException', message),
    },
  }
}
