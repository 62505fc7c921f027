/** EventBridge: buses, rules and targets. See README.md. */
import { AwsError } from '../../core/aws-error.ts'
import { loadPackage } from '../../core/load-package.ts'
import { serviceDescriptions } from '../../wire/service-description.ts'
import type { CloudService } from '../cloud-service.ts'
import { bindOperations } from '../operation.ts'
import { busPolicy } from './bus-policy.ts'
import { buses } from './buses.ts'
import { putEvents } from './put-events.ts'
import { rules } from './rules.ts'
import { EventsService, type EventsOptions } from './service.ts'
import { tags } from './tags.ts'
import { targets } from './targets.ts'

export function createEvents(options: EventsOptions): { readonly service: CloudService } {
  const events = new EventsService(options)
  return {
    service: {
      description: serviceDescriptions.events,
      operations: bindOperations(events, [buses, busPolicy, rules, targets, putEvents, tags]),
      loadSdk: () => loadPackage('@aws-sdk/client-eventbridge'),
      loadConstraints: async () => (await import('../../wire/constraints/events.ts')).constraints,
      accessDenied: (message) => new AwsError('AccessDeniedException', message),
    },
  }
}
