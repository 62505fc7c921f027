/** SNS: standard topics with queues and functions as subscribers. See README.md. */
import { AwsError } from '../../core/aws-error.ts'
import { loadPackage } from '../../core/load-package.ts'
import { serviceDescriptions } from '../../wire/service-description.ts'
import type { CloudService } from '../cloud-service.ts'
import type { DeliveringOptions } from '../delivering-service.ts'
import { bindOperations } from '../operation.ts'
import { publish } from './publish.ts'
import { SnsService } from './service.ts'
import { subscriptions } from './subscriptions.ts'
import { tags } from './tags.ts'
import { topicPolicy } from './topic-policy.ts'
import { topics } from './topics.ts'

export function createSns(options: DeliveringOptions): { readonly service: CloudService } {
  const sns = new SnsService(options)
  return {
    service: {
      description: serviceDescriptions.sns,
      operations: bindOperations(sns, [topics, topicPolicy, tags, subscriptions, publish]),
      loadSdk: () => loadPackage('@aws-sdk/client-sns'),
      loadConstraints: async () => (await import('../../wire/constraints/sns.ts')).constraints,
      accessDenied: (message) => new AwsError('AuthorizationErrorException', message),
    },
  }
}
