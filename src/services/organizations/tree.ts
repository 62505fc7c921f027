/** The tree of an organization: root → OUs → accounts. */
import type { Organization } from './store.ts'

/** Something a policy attaches to. The root's parent is undefined. */
export interface TreeNode {
  readonly kind: 'ROOT' | 'ORGANIZATIONAL_UNIT' | 'ACCOUNT'
  readonly id: string
  readonly name: string
  readonly parentId: string | undefined
  readonly tags: Readonly<Record<string, string>>
}

export const ROOT_NAME = 'Root'

export function nodeOf(organization: Organization, id: string): TreeNode | undefined {
  const { rootId, rootTags } = organization.record
  if (id === rootId) return { kind: 'ROOT', id, name: ROOT_NAME, parentId: undefined, tags: rootTags }
  const unit = organization.units.get(id)
  if (unit) return { kind: 'ORGANIZATIONAL_UNIT', id, name: unit.name, parentId: unit.parentId, tags: unit.tags }
  const account = organization.accounts.get(id)
  if (account) return { kind: 'ACCOUNT', id, name: account.name, parentId: account.parentId, tags: account.tags }
  return undefined
}

/** The root or an OU. */
export function parentOf(organization: Organization, id: string): TreeNode | undefined {
  const node = nodeOf(organization, id)
  return node?.kind === 'ACCOUNT' ? undefined : node
}

/** Root → … → the node itself. */
export function lineage(organization: Organization, id: string): readonly string[] {
  const ids: string[] = []
  for (
    let node = nodeOf(organization, id);
    node;
    node = node.parentId === undefined ? undefined : nodeOf(organization, node.parentId)
  ) {
    ids.unshift(node.id)
  }
  return ids
}

/** `o-a/r-b/ou-c/`: the form of `aws:PrincipalOrgPaths`, and with an account's id at its end that of `Account.Paths`. */
export function pathOf(organization: Organization, id: string): string {
  return `${[organization.record.id, ...lineage(organization, id)].join('/')}/`
}

/** Every id a policy can be attached to. */
export function nodeIds(organization: Organization): readonly string[] {
  const { record, units, accounts } = organization
  return [record.rootId, ...units.values().map(({ id }) => id), ...accounts.values().map(({ id }) => id)]
}
