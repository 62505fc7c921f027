/** CloudFormation: the service's face. */
import { AwsError } from '../../core/aws-error.ts'
import { loadPackage } from '../../core/load-package.ts'
import { serviceDescriptions } from '../../wire/service-model.ts'
import type { CallOperation, CloudService, Foundations } from '../cloud-service.ts'
import { bindOperations } from '../operation.ts'
import { changeSets } from './change-sets.ts'
import { Deployments } from './deployment/deployments.ts'
import { exportOperations } from './exports.ts'
import type { CloudFormationService } from './service.ts'
import { stackDescriptions } from './stack-descriptions.ts'
import { stackEvents } from './stack-events.ts'
import { stackResources } from './stack-resources.ts'
import { StackStore } from './stack-store.ts'
import { stacks } from './stacks.ts'
import { templates } from './templates.ts'

export interface CloudFormation {
  readonly service: CloudService
  /** Takes up the operations that a restart interrupted. */
  start(): void
  /** What runs goes no further. `start` takes it up again. */
  close(): void
}

/** `call` reaches the services that resources are made of. */
export function createCloudFormation(foundations: Foundations & { readonly call: CallOperation }): CloudFormation {
  const { state, clock, ids, call } = foundations
  const store = new StackStore(foundations)
  const deployments = new Deployments({ state, store, clock, ids, call })
  const cf: CloudFormationService = { store, deployments, clock, ids }
  return {
    service: {
      description: serviceDescriptions.cloudformation,
      operations: bindOperations(cf, [
        stacks,
        stackDescriptions,
        stackResources,
        stackEvents,
        templates,
        exportOperations,
        changeSets,
      ]),
      loadSdk: () => loadPackage('@aws-sdk/client-cloudformation'),
      loadConstraints: async () => (await import('../../wire/constraints/cloudformation.ts')).constraints,
      accessDenied: (message) => new AwsError('AccessDenied', message, { status: 403 }),
    },
    start: () => {
      deployments.start()
    },
    close: () => {
      deployments.close()
    },
  }
}
