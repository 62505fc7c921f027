/** ListEntitiesForPolicy: everything a managed policy is attached to or bounds. */
import { onPolicy } from './access.ts'
import { pageOf } from './paging.ts'
import { boundaryOf, entitiesOf } from './policy-usage.ts'
import type { Entity, EntityKind } from './records.ts'
import type { IamOperations } from './service.ts'

const KINDS: Readonly<Record<string, EntityKind | undefined>> = { User: 'user', Group: 'group', Role: 'role' }

export const policyEntities: IamOperations = {
  ListEntitiesForPolicy: {
    permissions: ({ PolicyArn }, _caller, iam) => [onPolicy(iam, 'iam:ListEntitiesForPolicy', PolicyArn)],
    handle(input, { account }, iam) {
      const { arn } = iam.policy(account, input.PolicyArn)
      const { EntityFilter, PathPrefix = '/', PolicyUsageFilter } = input
      const uses = (entity: Entity) =>
        (PolicyUsageFilter !== 'PermissionsBoundary' && entity.attached.includes(arn)) ||
        (PolicyUsageFilter !== 'PermissionsPolicy' && boundaryOf(entity) === arn)
      const matching = entitiesOf(iam, account).filter(
        (entity) =>
          (EntityFilter === undefined || KINDS[EntityFilter] === entity.kind) &&
          entity.path.startsWith(PathPrefix) &&
          uses(entity),
      )
      const { items, end } = pageOf(matching, ({ kind, name }) => `${kind} ${name}`, input)
      const ofKind = (wanted: EntityKind) => items.filter(({ kind }) => kind === wanted)
      return {
        PolicyGroups: ofKind('group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
        PolicyUsers: ofKind('user').map(({ name, id }) => ({ UserName: name, UserId: id })),
        PolicyRoles: ofKind('role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
        ...end,
      }
    },
  },
}
