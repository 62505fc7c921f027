/** The organization as authorization asks for it: which policies stand above an account, compiled and kept until something changes. */
import { compilePolicy, type CompiledPolicy } from '../../policy/compile.ts'
import { parsePolicy } from '../../policy/parse.ts'
import type { OrganizationDirectory, OrganizationFacts } from '../directories.ts'
import { organizationArn, policyArn } from './arns.ts'
import type { PolicyRecord, PolicyType } from './records.ts'
import { policyOf } from './service.ts'
import type { Organization, OrganizationStore } from './store.ts'
import { lineage, pathOf } from './tree.ts'

interface Membership {
  readonly facts: OrganizationFacts
  readonly scps: readonly (readonly CompiledPolicy[])[] | undefined
  readonly rcps: readonly (readonly CompiledPolicy[])[] | undefined
}

export function createOrganizationDirectory(store: OrganizationStore): OrganizationDirectory {
  const compiled = new WeakMap<PolicyRecord, CompiledPolicy>()
  let memberships = new Map<string, Membership>()
  let builtFor: object | undefined

  function compile(organization: Organization, policy: PolicyRecord): CompiledPolicy {
    let result = compiled.get(policy)
    if (!result) {
      const kind = policy.type === 'SERVICE_CONTROL_POLICY' ? 'scp' : 'rcp'
      const arn = policyArn(organization.record, policy)
      result = compilePolicy(parsePolicy(policy.content, kind), { name: policy.name, arn })
      compiled.set(policy, result)
    }
    return result
  }

  function levels(organization: Organization, account: string, type: PolicyType): CompiledPolicy[][] | undefined {
    const { managementAccount, enabledPolicyTypes } = organization.record
    if (account === managementAccount || !enabledPolicyTypes.includes(type)) return undefined
    return lineage(organization, account).map((id) =>
      (organization.attachments.get(id)?.policyIds ?? []).flatMap((policyId) => {
        const policy = policyOf(organization, policyId)
        return policy?.type === type ? [compile(organization, policy)] : []
      }),
    )
  }

  function build(account: string): Membership | undefined {
    const organization = store.of(account)
    const record = organization?.accounts.get(account)
    if (!organization || !record) return undefined
    const { id, managementAccount } = organization.record
    return {
      facts: {
        id,
        arn: organizationArn(organization.record),
        managementAccount,
        path: pathOf(organization, record.parentId),
      },
      scps: levels(organization, account, 'SERVICE_CONTROL_POLICY'),
      rcps: levels(organization, account, 'RESOURCE_CONTROL_POLICY'),
    }
  }

  function membershipOf(account: string): Membership | undefined {
    const revision = store.revision()
    if (revision !== builtFor) {
      memberships = new Map()
      builtFor = revision
    }
    const known = memberships.get(account)
    if (known) return known
    const membership = build(account)
    // Only members are kept: an account id can be anything a caller writes into an ARN.
    if (membership) memberships.set(account, membership)
    return membership
  }

  return {
    organizationOf: (account) => membershipOf(account)?.facts,
    scpsOf: (account) => membershipOf(account)?.scps,
    rcpsOf: (account) => membershipOf(account)?.rcps,
  }
}
