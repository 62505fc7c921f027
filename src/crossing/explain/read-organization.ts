/** The organization above an account: its id, the account's place in it, and the SCPs or RCPs of every level. */
import type { OrganizationsClient, PolicyType } from '@aws-sdk/client-organizations'

import { loadPackage } from '../../core/load-package.ts'
import { namedPolicy, type GuardrailLevel, type Guardrails, type NamedPolicy } from './policy-sources.ts'
import { known, UNKNOWN, type Read, type Reader } from './reading.ts'

const {
  DescribeOrganizationCommand,
  DescribeOrganizationalUnitCommand,
  DescribePolicyCommand,
  ListParentsCommand,
  ListRootsCommand,
  paginateListPoliciesForTarget,
} = loadPackage('@aws-sdk/client-organizations')

export interface Membership {
  readonly organizationId: string
  readonly managementAccount: string
  /** `o-a/r-b/ou-c/`; unknown when the management account cannot be asked. */
  readonly path: Read<string>
}

export interface OrganizationReader {
  /** `value` is undefined for an account without an organization. */
  membershipOf(account: string): Promise<Read<Membership | undefined>>
  guardrailsOf(account: string, type: 'SERVICE_CONTROL_POLICY' | 'RESOURCE_CONTROL_POLICY'): Promise<Guardrails>
}

interface Node {
  readonly id: string
  readonly title: string
}

interface Lineage {
  readonly nodes: readonly Node[]
  readonly enabled: readonly string[]
}

/** Deeper than AWS lets a tree be. */
const LEVELS_MAX = 10

export function createOrganizationReader(reader: Reader): OrganizationReader {
  const memberships = new Map<string, Promise<Read<Membership | undefined>>>()
  const lineages = new Map<string, Promise<Read<Lineage>>>()

  function lineageOf(account: string, managementAccount: string): Promise<Read<Lineage>> {
    const found = lineages.get(account) ?? readLineage(account, managementAccount, reader)
    lineages.set(account, found)
    return found
  }

  async function readMembership(account: string): Promise<Read<Membership | undefined>> {
    const read = await reader.read({ account, input: 'the organization of the account' }, ({ organizations }) =>
      describe(organizations),
    )
    if (!read.known) return UNKNOWN
    if (read.value === undefined) return known(undefined)
    const { organizationId, managementAccount } = read.value
    const lineage = await lineageOf(account, managementAccount)
    const path = lineage.known
      ? known(`${[organizationId, ...lineage.value.nodes.slice(0, -1).map(({ id }) => id)].join('/')}/`)
      : UNKNOWN
    return known({ organizationId, managementAccount, path })
  }

  function membershipOf(account: string): Promise<Read<Membership | undefined>> {
    const found = memberships.get(account) ?? readMembership(account)
    memberships.set(account, found)
    return found
  }

  return {
    membershipOf,
    async guardrailsOf(account, type) {
      const membership = await membershipOf(account)
      if (!membership.known) return { status: 'unread' }
      if (!membership.value) return { status: 'not-applicable', why: 'the account is in no organization' }
      const { managementAccount } = membership.value
      if (managementAccount === account) return { status: 'not-applicable', why: 'none reaches the management account' }
      const lineage = await lineageOf(account, managementAccount)
      if (!lineage.known) return { status: 'unread' }
      if (!lineage.value.enabled.includes(type)) {
        return { status: 'not-applicable', why: 'the policy type is not enabled in the organization' }
      }
      const levels: GuardrailLevel[] = []
      for (const node of lineage.value.nodes) levels.push(await readLevel(node, type, managementAccount, reader))
      return { status: 'read', levels }
    },
  }
}

async function describe(
  organizations: OrganizationsClient,
): Promise<{ organizationId: string; managementAccount: string } | undefined> {
  try {
    const { Organization } = await organizations.send(new DescribeOrganizationCommand({}))
    return { organizationId: Organization?.Id ?? '', managementAccount: Organization?.MasterAccountId ?? '' }
  } catch (error) {
    if (error instanceof Error && error.name === 'AWSOrganizationsNotInUseException') return undefined
    throw error
  }
}

/** From the root down to the account itself. */
function readLineage(account: string, managementAccount: string, reader: Reader): Promise<Read<Lineage>> {
  const input = `where account ${account} stands in the organization`
  return reader.read(
    { account: managementAccount, input, leaves: 'which SCPs and RCPs reach it, and aws:PrincipalOrgPaths' },
    async ({ organizations }) => {
      const nodes: Node[] = [{ id: account, title: 'the account' }]
      for (let id = account; nodes.length <= LEVELS_MAX;) {
        const { Parents = [] } = await organizations.send(new ListParentsCommand({ ChildId: id }))
        const [parent] = Parents
        if (parent?.Id === undefined) break
        nodes.unshift({
          id: parent.Id,
          title: parent.Type === 'ROOT' ? 'root' : await unitTitle(organizations, parent.Id),
        })
        if (parent.Type === 'ROOT') break
        id = parent.Id
      }
      const { Roots = [] } = await organizations.send(new ListRootsCommand({}))
      const enabled = (Roots[0]?.PolicyTypes ?? [])
        .filter(({ Status }) => Status === 'ENABLED')
        .map(({ Type = '' }): string => Type)
      return { nodes, enabled }
    },
  )
}

/** A unit is known by its id where its name may not be read. */
async function unitTitle(organizations: OrganizationsClient, id: string): Promise<string> {
  try {
    const { OrganizationalUnit } = await organizations.send(
      new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: id }),
    )
    return `unit ${OrganizationalUnit?.Name ?? id}`
  } catch (error) {
    if (error instanceof Error && error.name.startsWith('AccessDenied')) return `unit ${id}`
    throw error
  }
}

async function readLevel(
  node: Node,
  type: 'SERVICE_CONTROL_POLICY' | 'RESOURCE_CONTROL_POLICY',
  managementAccount: string,
  reader: Reader,
): Promise<GuardrailLevel> {
  const read = await reader.read(
    {
      account: managementAccount,
      input: `the ${type === 'SERVICE_CONTROL_POLICY' ? 'SCPs' : 'RCPs'} of ${node.title} (${node.id})`,
      leaves: 'what they allow and deny',
    },
    ({ organizations }) => policiesOf(organizations, node.id, type, managementAccount),
  )
  return { ...node, policies: read.known ? read.value : [], isComplete: read.known }
}

async function policiesOf(
  client: OrganizationsClient,
  TargetId: string,
  Filter: PolicyType & ('SERVICE_CONTROL_POLICY' | 'RESOURCE_CONTROL_POLICY'),
  managementAccount: string,
): Promise<readonly NamedPolicy[]> {
  const policies: NamedPolicy[] = []
  for await (const { Policies = [] } of paginateListPoliciesForTarget({ client }, { TargetId, Filter })) {
    for (const { Id = '', Name = Id, Arn } of Policies) {
      const { Policy } = await client.send(new DescribePolicyCommand({ PolicyId: Id }))
      policies.push(
        namedPolicy(Policy?.Content ?? '', Filter === 'SERVICE_CONTROL_POLICY' ? 'scp' : 'rcp', {
          name: Name,
          arn: Arn,
          owner: { kind: 'organization', account: managementAccount, policyId: Id, type: Filter },
        }),
      )
    }
  }
  return policies
}
