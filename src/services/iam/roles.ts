/** Roles. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html */
import type * as sdk from '@aws-sdk/client-iam'

import { AwsError } from '../../core/aws-error.ts'
import { onCreation, onEntity, onList } from './access.ts'
import { boundaryShape, checkBoundary } from './boundaries.ts'
import { encodeDocument } from './documents.ts'
import { pageOf } from './paging.ts'
import { entityArn, type Role } from './records.ts'
import { refuseServiceLinked, type IamOperations, type IamService } from './service.ts'
import { requestedTags, tagList, withTags } from './tag-set.ts'
import { displayedTrust, trustPolicyFrom } from './trust.ts'

export const MAX_SESSION_SECONDS_DEFAULT = 3600

export const roles: IamOperations = {
  CreateRole: {
    permissions: ({ RoleName, Path, Tags, PermissionsBoundary }, caller) =>
      onCreation(
        caller,
        'iam:CreateRole',
        { kind: 'role', path: Path, name: RoleName },
        { tags: requestedTags(Tags), boundaryArn: PermissionsBoundary },
      ),
    handle(input, { account }, iam) {
      const { RoleName, Path = '/', Tags, PermissionsBoundary, Description } = input
      refuseLinkedPath(Path)
      iam.refuseTakenName('role', account, RoleName)
      const trust = trustPolicyFrom(input.AssumeRolePolicyDocument, iam.directory)
      if (PermissionsBoundary !== undefined) checkBoundary(iam, account, PermissionsBoundary)
      const role: Role = {
        kind: 'role',
        account,
        name: RoleName,
        path: Path,
        arn: entityArn('role', account, Path, RoleName),
        id: iam.newId('AROA', account),
        createdMs: iam.nowMs(),
        inline: {},
        attached: [],
        tags: withTags({}, Tags, 'Role'),
        ...(PermissionsBoundary !== undefined && { boundaryArn: PermissionsBoundary }),
        ...(Description !== undefined && { description: Description }),
        maxSessionSeconds: input.MaxSessionDuration ?? MAX_SESSION_SECONDS_DEFAULT,
        trust,
      }
      iam.store.put(role)
      return { Role: wholeRoleShape(iam, role) }
    },
  },

  GetRole: {
    permissions: ({ RoleName }, caller, iam) => [onEntity(iam, caller, 'iam:GetRole', ['role', RoleName])],
    // FIDELITY: the last use of a role is not recorded, so RoleLastUsed is always empty.
    handle: ({ RoleName }, { account }, iam) => ({
      Role: { ...wholeRoleShape(iam, iam.role(account, RoleName)), RoleLastUsed: {} },
    }),
  },

  ListRoles: {
    permissions: ({ PathPrefix }, caller) => onList(caller, 'iam:ListRoles', 'role', PathPrefix),
    handle(input, { account }, iam) {
      const { PathPrefix = '/' } = input
      const matching = iam.store
        .in(account)
        .role.values()
        .filter(({ path }) => path.startsWith(PathPrefix))
      const { items, end } = pageOf(matching, ({ name }) => name, input)
      return { Roles: items.map((role) => roleShape(iam, role)), ...end }
    },
  },

  UpdateAssumeRolePolicy: {
    permissions: ({ RoleName }, caller, iam) => [
      onEntity(iam, caller, 'iam:UpdateAssumeRolePolicy', ['role', RoleName]),
    ],
    handle({ RoleName, PolicyDocument }, { account }, iam) {
      const role = iam.ownRole(account, RoleName)
      iam.store.put({ ...role, trust: trustPolicyFrom(PolicyDocument, iam.directory) })
      return {}
    },
  },

  UpdateRole: {
    permissions: ({ RoleName }, caller, iam) => [onEntity(iam, caller, 'iam:UpdateRole', ['role', RoleName])],
    handle({ RoleName, Description, MaxSessionDuration }, { account }, iam) {
      const role = iam.role(account, RoleName)
      // Only the description of a service-linked role can be changed.
      if (MaxSessionDuration !== undefined) refuseServiceLinked(role)
      iam.store.put({
        ...role,
        ...(Description !== undefined && { description: Description }),
        ...(MaxSessionDuration !== undefined && { maxSessionSeconds: MaxSessionDuration }),
      })
      return {}
    },
  },

  UpdateRoleDescription: {
    permissions: ({ RoleName }, caller, iam) => [
      onEntity(iam, caller, 'iam:UpdateRoleDescription', ['role', RoleName]),
    ],
    handle({ RoleName, Description }, { account }, iam) {
      const role = { ...iam.role(account, RoleName), description: Description }
      iam.store.put(role)
      return { Role: wholeRoleShape(iam, role) }
    },
  },

  DeleteRole: {
    permissions: ({ RoleName }, caller, iam) => [onEntity(iam, caller, 'iam:DeleteRole', ['role', RoleName])],
    handle({ RoleName }, { account }, iam) {
      const role = iam.ownRole(account, RoleName)
      const obstacle =
        (role.attached.length > 0 && 'must detach all policies first') ||
        (Object.keys(role.inline).length > 0 && 'must delete policies first')
      if (obstacle) throw new AwsError('DeleteConflictException', `Cannot delete entity, ${obstacle}.`)
      iam.store.remove(role)
      return {}
    },
  },

  // There are no instance profiles here, so a role is in none. Tools ask before they delete a role.
  ListInstanceProfilesForRole: {
    permissions: ({ RoleName }, caller, iam) => [
      onEntity(iam, caller, 'iam:ListInstanceProfilesForRole', ['role', RoleName]),
    ],
    handle(input, { account }, iam) {
      iam.role(account, input.RoleName)
      const { end } = pageOf<string>([], (name) => name, input)
      return { InstanceProfiles: [], ...end }
    },
  },
}

/** As lists show it: without tags and boundary. */
export function roleShape(iam: IamService, role: Role): sdk.Role {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdMs),
    AssumeRolePolicyDocument: encodeDocument(displayedTrust(role.trust, iam.directory)),
    ...(role.description !== undefined && { Description: role.description }),
    MaxSessionDuration: role.maxSessionSeconds,
  }
}

export function wholeRoleShape(iam: IamService, role: Role): sdk.Role {
  return {
    ...roleShape(iam, role),
    ...boundaryShape(role),
    ...(Object.keys(role.tags).length > 0 && { Tags: tagList(role.tags) }),
  }
}

function refuseLinkedPath(path: string): void {
  if (!path.startsWith('/aws-service-role/')) return
  throw new AwsError(
    'InvalidInputException',
    "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles",
  )
}
