/** Walking the tree one step at a time. */
import { AwsError } from '../../core/aws-error.ts'
import { parentNotFound } from './errors.ts'
import { pageOf } from './pages.ts'
import { managedOrganization, onNode, type OrganizationsOperations } from './service.ts'
import { nodeOf, parentOf } from './tree.ts'

export const hierarchy: OrganizationsOperations = {
  ListChildren: {
    permissions: (input, caller, organizations) => [onNode(organizations, caller, 'ListChildren', input.ParentId)],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      if (!parentOf(organization, input.ParentId)) throw parentNotFound()
      const siblings = input.ChildType === 'ACCOUNT' ? organization.accounts.values() : organization.units.values()
      const children = siblings.filter(({ parentId }) => parentId === input.ParentId)
      const page = pageOf(children, ({ id }) => id, input)
      return { Children: page.items.map(({ id }) => ({ Id: id, Type: input.ChildType })), NextToken: page.NextToken }
    },
  },

  ListParents: {
    permissions: (input, caller, organizations) => [onNode(organizations, caller, 'ListParents', input.ChildId)],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const child = nodeOf(organization, input.ChildId)
      const parent = child?.parentId === undefined ? undefined : parentOf(organization, child.parentId)
      if (!parent) throw new AwsError('ChildNotFoundException', "You specified a child that doesn't exist.")
      const type = parent.kind === 'ROOT' ? 'ROOT' : 'ORGANIZATIONAL_UNIT'
      const page = pageOf([parent], ({ id }) => id, input)
      return { Parents: page.items.map(({ id }) => ({ Id: id, Type: type })), NextToken: page.NextToken }
    },
  },
}
