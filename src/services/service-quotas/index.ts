/** Service Quotas: the limits of the other services, and asking for others. */
import { AwsError } from '../../core/aws-error.ts'
import { loadPackage } from '../../core/load-package.ts'
import { serviceDescriptions } from '../../wire/service-description.ts'
import type { CloudService } from '../cloud-service.ts'
import type { QuotaDirectory } from '../directories.ts'
import { bindOperations } from '../operation.ts'
import { changeRequests } from './change-requests.ts'
import { quotas } from './quotas.ts'
import { QuotaService, type QuotaOptions } from './service.ts'

export interface ServiceQuotas {
  readonly service: CloudService
  readonly directory: QuotaDirectory
}

export function createServiceQuotas(options: QuotaOptions): ServiceQuotas {
  const service = new QuotaService(options)
  return {
    directory: service,
    service: {
      description: serviceDescriptions.servicequotas,
      operations: bindOperations(service, [quotas, changeRequests]),
      loadSdk: () => loadPackage('@aws-sdk/client-service-quotas'),
      loadConstraints: async () => (await import('../../wire/constraints/service-quotas.ts')).constraints,
      accessDenied: (message) => new AwsError('AccessDeniedException', message),
    },
  }
}
