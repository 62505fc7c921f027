/** SQS: standard queues. See README.md. */
import { AwsError } from '../../core/aws-error.ts'
import { loadPackage } from '../../core/load-package.ts'
import { serviceDescriptions } from '../../wire/service-description.ts'
import type { CloudService } from '../cloud-service.ts'
import { bindOperations } from '../operation.ts'
import { attributes } from './attributes.ts'
import { permissions } from './permissions.ts'
import { queues } from './queues.ts'
import { receive } from './receive.ts'
import { receivedMessages } from './received-messages.ts'
import { send } from './send.ts'
import { SqsService, type SqsOptions } from './service.ts'
import { tags } from './tags.ts'

export interface Sqs {
  readonly service: CloudService
  /** The state has been replaced: what is remembered beside it is void. */
  stateReplaced(): void
}

export function createSqs(options: SqsOptions): Sqs {
  const sqs = new SqsService(options)
  return {
    service: {
      description: serviceDescriptions.sqs,
      operations: bindOperations(sqs, [queues, attributes, permissions, tags, send, receive, receivedMessages]),
      loadSdk: () => loadPackage('@aws-sdk/client-sqs'),
      loadConstraints: async () => (await import('../../wire/constraints/sqs.ts')).constraints,
      accessDenied: (message) => new AwsError('AccessDeniedException', message, { status: 403 }),
    },
    stateReplaced: () => sqs.forgetAll(),
  }
}
