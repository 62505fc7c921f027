/** AWS Organizations: accounts, organizational units and the policies above them. */
import type { AccountId } from '../../core/account.ts'
import { AwsError } from '../../core/aws-error.ts'
import { loadPackage } from '../../core/load-package.ts'
import { serviceDescriptions } from '../../wire/service-model.ts'
import type { CloudService, Foundations } from '../cloud-service.ts'
import type { OrganizationDirectory } from '../directories.ts'
import { bindOperations } from '../operation.ts'
import { accountCreation } from './account-creation.ts'
import { accounts } from './accounts.ts'
import { ensureOrganization, type OrganizationPlan } from './bootstrap.ts'
import { createOrganizationDirectory } from './directory.ts'
import { hierarchy } from './hierarchy.ts'
import { organization } from './organization.ts'
import { organizationalUnits } from './organizational-units.ts'
import { policies } from './policies.ts'
import { policyAttachments } from './policy-attachments.ts'
import { roots } from './roots.ts'
import type { CreatedAccount, OrganizationsService } from './service.ts'
import { createOrganizationStore } from './store.ts'
import { tags } from './tags.ts'

export type { OrganizationPlan } from './bootstrap.ts'
export type { CreatedAccount } from './service.ts'

export interface Organizations {
  readonly directory: OrganizationDirectory
  readonly service: CloudService
  /** Makes what the plan names and is not there yet; safe to repeat at every start. */
  ensureOrganization(plan: OrganizationPlan): void
}

export function createOrganizations(
  options: Foundations & {
    /** Called when CreateAccount has made an account, before it answers: the place to give it its role. */
    readonly onAccountCreated?: (account: AccountId, created: CreatedAccount) => void
  },
): Organizations {
  const store = createOrganizationStore(options.state)
  const organizations: OrganizationsService = {
    store,
    clock: options.clock,
    ids: options.ids,
    onAccountCreated: (account, created) => options.onAccountCreated?.(account, created),
  }
  return {
    directory: createOrganizationDirectory(store),
    ensureOrganization: (plan) => ensureOrganization(organizations, plan),
    service: {
      description: serviceDescriptions.organizations,
      operations: bindOperations(organizations, [
        organization,
        roots,
        accounts,
        accountCreation,
        organizationalUnits,
        hierarchy,
        policies,
        policyAttachments,
        tags,
      ]),
      loadSdk: () => loadPackage('@aws-sdk/client-organizations'),
      loadConstraints: async () => (await import('../../wire/constraints/organizations.ts')).constraints,
      accessDenied: (message) => new AwsError('AccessDeniedException', message),
    },
  }
}
