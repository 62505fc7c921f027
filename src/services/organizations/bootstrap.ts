/** Brings the organization into the shape that a project asks for; what is there already is left alone, so it can run at every start. */
import type { AccountId } from '../../core/account.ts'
import type { ProjectFile } from '../../core/project-file.ts'
import { UserError } from '../../core/user-error.ts'
import { addAccount } from './accounts.ts'
import { createOrganization, placeholderEmail } from './organization.ts'
import { addUnit, unitNamed } from './organizational-units.ts'
import { checkContent } from './policies.ts'
import { attach, checkAttachable, isAttached } from './policy-attachments.ts'
import { UNIT_DEPTH_MAX } from './limits.ts'
import { POLICY_TYPES, type PolicyRecord, type PolicyType } from './records.ts'
import { enablePolicyType } from './roots.ts'
import type { OrganizationsService } from './service.ts'
import type { Organization } from './store.ts'

type ProjectOrganization = NonNullable<ProjectFile['organization']>
type PlannedPolicy = ProjectOrganization['serviceControlPolicies'][string]

export interface OrganizationPlan {
  readonly managementAccount: AccountId
  readonly members: readonly { readonly account: AccountId; readonly name: string }[]
  /** Where accounts hang, the organizational units and the policies. Without a parent an account stays where it is; a new one goes under the root. */
  readonly project?: Pick<ProjectFile, 'accounts' | 'organization'>
}

const MANAGEMENT_ACCOUNT_NAME = 'management'

/** Throws `UserError` where the plan cannot be carried out, `AwsError` where AWS would refuse a policy or its attachment. */
export function ensureOrganization(organizations: OrganizationsService, plan: OrganizationPlan): void {
  const organization = existingOrNew(organizations, plan.managementAccount)
  const {
    organizationalUnits = {},
    serviceControlPolicies = {},
    resourceControlPolicies = {},
  } = plan.project?.organization ?? {}
  const units = ensureUnits(organizations, organization, organizationalUnits)
  const nodes = new Map([
    ['root', organization.record.rootId],
    ...units,
    [MANAGEMENT_ACCOUNT_NAME, plan.managementAccount],
    ...plan.members.map(({ name, account }) => [name, account] as const),
  ])
  for (const { account, name } of plan.members) {
    const parent = plan.project?.accounts[name]?.parent
    const parentId = parent === undefined ? undefined : found(units, parent, 'an organizational unit')
    ensureMember(organizations, organization, { account, name, parentId })
  }
  const planned = [
    ['SERVICE_CONTROL_POLICY', serviceControlPolicies],
    ['RESOURCE_CONTROL_POLICY', resourceControlPolicies],
  ] as const
  for (const [type, policies] of planned) {
    for (const [name, policy] of Object.entries(policies)) {
      const targets = policy.targets.map((target) => found(nodes, target, 'the root, a unit or an account'))
      const withType = withPolicyType(organizations, plan.managementAccount, type)
      ensurePolicy(organizations, withType, { ...policy, name, type, targets })
    }
  }
}

function existingOrNew(organizations: OrganizationsService, account: AccountId): Organization {
  const existing = organizations.store.of(account)
  if (existing && existing.record.managementAccount !== account) {
    throw new UserError(`The account \`${account}\` is a member of another organization, expected it to manage one`)
  }
  return (
    existing ??
    createOrganization(organizations, {
      managementAccount: account,
      managementAccountName: MANAGEMENT_ACCOUNT_NAME,
      featureSet: 'ALL',
      enabledPolicyTypes: POLICY_TYPES,
    })
  )
}

/** Unit name → id. */
function ensureUnits(
  organizations: OrganizationsService,
  organization: Organization,
  units: ProjectOrganization['organizationalUnits'],
): ReadonlyMap<string, string> {
  const ids = new Map<string, string>()
  const ensure = (name: string, depth: number): string => {
    const known = ids.get(name)
    if (known !== undefined) return known
    const unit = units[name]
    if (!unit) throw unknownName(name, 'an organizational unit')
    if (depth > UNIT_DEPTH_MAX) {
      throw new UserError(
        `The organizational unit \`${name}\` hangs in a circle or too deep, expected at most ${UNIT_DEPTH_MAX} levels`,
      )
    }
    const parentId = unit.parent === undefined ? organization.record.rootId : ensure(unit.parent, depth + 1)
    const existing = unitNamed(organization, name, parentId)
    const { id } = existing ?? addUnit(organization, organizations.ids, { name, parentId, tags: {} })
    ids.set(name, id)
    return id
  }
  for (const name of Object.keys(units)) ensure(name, 1)
  return ids
}

function ensureMember(
  { store, clock }: OrganizationsService,
  organization: Organization,
  member: { readonly account: AccountId; readonly name: string; readonly parentId: string | undefined },
): void {
  const existing = organization.accounts.get(member.account)
  if (existing) {
    if (member.parentId === undefined || member.parentId === existing.parentId) return
    organization.accounts.put(existing.id, { ...existing, parentId: member.parentId })
    return
  }
  if (store.of(member.account)) {
    throw new UserError(`The account \`${member.account}\` is in another organization, expected it to be in none`)
  }
  addAccount(store, organization, {
    id: member.account,
    name: member.name,
    email: placeholderEmail(member.name),
    joinedMethod: 'CREATED',
    joinedAtMs: clock.now(),
    parentId: member.parentId ?? organization.record.rootId,
    tags: {},
  })
}

/** A policy type may have been disabled since, through the API; a policy of the project brings it back. */
function withPolicyType({ store }: OrganizationsService, account: AccountId, type: PolicyType): Organization {
  const organization = store.of(account)
  if (!organization) throw new Error(`no organization of ${account}`)
  const isEnabled = organization.record.enabledPolicyTypes.includes(type)
  return isEnabled ? organization : enablePolicyType(store, organization, type)
}

function ensurePolicy(
  { ids }: OrganizationsService,
  organization: Organization,
  planned: { name: string; type: PolicyType; targets: readonly string[] } & Omit<PlannedPolicy, 'targets'>,
): void {
  const { name, type, description = '' } = planned
  const content = JSON.stringify(planned.document)
  const existing = organization.policies.values().find((policy) => policy.name === name && policy.type === type)
  let policy: PolicyRecord
  if (existing && existing.content === content && existing.description === description) {
    policy = existing
  } else {
    checkContent(content, type)
    const id = existing?.id ?? `p-${ids.base36(8)}`
    policy = { tags: {}, awsManaged: false, ...existing, id, name, type, description, content }
    organization.policies.put(id, policy)
  }
  for (const target of planned.targets) {
    if (isAttached(organization, target, policy.id)) continue
    checkAttachable(organization, target, policy)
    attach(organization, target, policy.id)
  }
}

function found(ids: ReadonlyMap<string, string>, name: string, what: string): string {
  const id = ids.get(name)
  if (id === undefined) throw unknownName(name, what)
  return id
}

function unknownName(name: string, what: string): UserError {
  return new UserError(`\`${name}\` is named by the project's organization, expected ${what}`)
}
