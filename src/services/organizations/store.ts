/** Where organizations are kept, with a revision that tells readers of derived data that something changed. */
import type { AccountId } from '../../core/account.ts'
import { accountScope, GLOBAL, type Shelf, type State } from '../../state/state.ts'
import type {
  AccountRecord,
  AccountRequestRecord,
  AttachmentsRecord,
  OrganizationRecord,
  PolicyRecord,
  UnitRecord,
} from './records.ts'

/** One organization with everything in it. */
export interface Organization {
  readonly record: OrganizationRecord
  readonly accounts: Shelf<AccountRecord>
  readonly units: Shelf<UnitRecord>
  /** The customer's own; see `managed-policies.ts` for AWS's. */
  readonly policies: Shelf<PolicyRecord>
  /** Root, OU or account id → what is attached there. */
  readonly attachments: Shelf<AttachmentsRecord>
  readonly accountRequests: Shelf<AccountRequestRecord>
}

export interface OrganizationStore {
  of(account: string): Organization | undefined
  /** Creates or replaces the organization's own record. */
  save(record: OrganizationRecord): Organization
  addMember(organization: OrganizationRecord, account: AccountId): void
  /**
   * An object that is another one after every change, also after a reset or a restore of the whole state.
   * INVARIANT: every write goes through the shelves this store hands out.
   */
  revision(): object | undefined
}

interface Membership {
  readonly managementAccount: AccountId
}

const ORGANIZATION = 'organization'
const REVISION = 'revision'

export function createOrganizationStore(state: State): OrganizationStore {
  const revisions = state.collection<{ readonly number: number }>('organizations.revision').in(GLOBAL)
  const memberships = revised(state.collection<Membership>('organizations.memberships').in(GLOBAL))

  function revised<T>(shelf: Shelf<T>): Shelf<T> {
    const bump = () => revisions.put(REVISION, { number: (revisions.get(REVISION)?.number ?? 0) + 1 })
    return {
      get: (key) => shelf.get(key),
      has: (key) => shelf.has(key),
      values: () => shelf.values(),
      get size() {
        return shelf.size
      },
      put: (key, value) => {
        shelf.put(key, value)
        bump()
      },
      delete: (key) => {
        const existed = shelf.delete(key)
        if (existed) bump()
        return existed
      },
    }
  }

  function shelf<T>(name: string, managementAccount: string): Shelf<T> {
    return revised(state.collection<T>(`organizations.${name}`).in(accountScope(managementAccount)))
  }

  function open(record: OrganizationRecord): Organization {
    const of = record.managementAccount
    return {
      record,
      accounts: shelf('accounts', of),
      units: shelf('units', of),
      policies: shelf('policies', of),
      attachments: shelf('attachments', of),
      accountRequests: shelf('account-requests', of),
    }
  }

  return {
    of(account) {
      const managementAccount = memberships.get(account)?.managementAccount
      if (managementAccount === undefined) return undefined
      const record = shelf<OrganizationRecord>('organizations', managementAccount).get(ORGANIZATION)
      return record && open(record)
    },
    save(record) {
      shelf<OrganizationRecord>('organizations', record.managementAccount).put(ORGANIZATION, record)
      return open(record)
    },
    addMember: (organization, account) => {
      memberships.put(account, { managementAccount: organization.managementAccount })
    },
    revision: () => revisions.get(REVISION),
  }
}
