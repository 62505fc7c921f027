/** Permissions boundaries: a managed policy that limits a user or role. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html */
import type * as sdk from '@aws-sdk/client-iam'

import { onEntity } from './access.ts'
import type { Role, User } from './records.ts'
import type { IamOperations, IamService } from './service.ts'

export const boundaries: IamOperations = {
  PutUserPermissionsBoundary: {
    permissions: ({ UserName, PermissionsBoundary }, caller, iam) => [
      onEntity(iam, caller, 'iam:PutUserPermissionsBoundary', ['user', UserName], {
        context: { 'iam:permissionsboundary': PermissionsBoundary },
      }),
    ],
    handle({ UserName, PermissionsBoundary }, { account }, iam) {
      putBoundary(iam, iam.user(account, UserName), PermissionsBoundary)
      return {}
    },
  },

  DeleteUserPermissionsBoundary: {
    permissions: ({ UserName }, caller, iam) => [
      onEntity(iam, caller, 'iam:DeleteUserPermissionsBoundary', ['user', UserName]),
    ],
    handle({ UserName }, { account }, iam) {
      removeBoundary(iam, iam.user(account, UserName))
      return {}
    },
  },

  PutRolePermissionsBoundary: {
    permissions: ({ RoleName, PermissionsBoundary }, caller, iam) => [
      onEntity(iam, caller, 'iam:PutRolePermissionsBoundary', ['role', RoleName], {
        context: { 'iam:permissionsboundary': PermissionsBoundary },
      }),
    ],
    handle({ RoleName, PermissionsBoundary }, { account }, iam) {
      putBoundary(iam, iam.ownRole(account, RoleName), PermissionsBoundary)
      return {}
    },
  },

  DeleteRolePermissionsBoundary: {
    permissions: ({ RoleName }, caller, iam) => [
      onEntity(iam, caller, 'iam:DeleteRolePermissionsBoundary', ['role', RoleName]),
    ],
    handle({ RoleName }, { account }, iam) {
      removeBoundary(iam, iam.ownRole(account, RoleName))
      return {}
    },
  },
}

/** Throws `NoSuchEntity` when there is no such policy to set as a boundary. */
export function checkBoundary(iam: IamService, account: string, arn: string): void {
  iam.policy(account, arn, () => `Scope ARN: ${arn} does not exist or is not attachable.`)
}

export function boundaryShape({ boundaryArn }: User | Role): {
  PermissionsBoundary?: sdk.AttachedPermissionsBoundary
} {
  if (boundaryArn === undefined) return {}
  // AWS answers `Policy`, although its model names the one value `PermissionsBoundaryPolicy`.
  const type = 'Policy' as sdk.PermissionsBoundaryAttachmentType
  return { PermissionsBoundary: { PermissionsBoundaryType: type, PermissionsBoundaryArn: boundaryArn } }
}

function putBoundary(iam: IamService, entity: User | Role, arn: string): void {
  checkBoundary(iam, entity.account, arn)
  iam.store.put({ ...entity, boundaryArn: arn })
}

function removeBoundary(iam: IamService, entity: User | Role): void {
  const { boundaryArn: _, ...rest } = entity
  iam.store.put(rest)
}
