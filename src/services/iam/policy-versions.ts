/** Versions of managed policies: at most five, one of them the default. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html */
import type * as sdk from '@aws-sdk/client-iam'

import { AwsError } from '../../core/aws-error.ts'
import { onPolicy } from './access.ts'
import { checkManagedDocument, encodeDocument } from './documents.ts'
import { pageOf } from './paging.ts'
import { refuseAwsManaged } from './policies.ts'
import type { ManagedPolicy, PolicyVersion } from './records.ts'
import type { IamOperations } from './service.ts'

const VERSIONS_MAX = 5

export const policyVersions: IamOperations = {
  CreatePolicyVersion: {
    permissions: ({ PolicyArn }, _caller, iam) => [onPolicy(iam, 'iam:CreatePolicyVersion', PolicyArn)],
    handle({ PolicyArn, PolicyDocument, SetAsDefault = false }, { account }, iam) {
      const policy = iam.policy(account, PolicyArn)
      refuseAwsManaged(policy)
      checkManagedDocument(PolicyDocument)
      if (policy.versions.length >= VERSIONS_MAX) {
        throw new AwsError(
          'LimitExceededException',
          `A managed policy can have up to ${VERSIONS_MAX} versions. Before you create a new version, you must delete an existing version.`,
        )
      }
      const nowMs = iam.nowMs()
      const versionsMade = policy.versionsMade + 1
      const version: PolicyVersion = { id: `v${versionsMade}`, document: PolicyDocument, createdMs: nowMs }
      const changed: ManagedPolicy = {
        ...policy,
        versions: [...policy.versions, version],
        versionsMade,
        updatedMs: nowMs,
        ...(SetAsDefault && { defaultVersionId: version.id }),
      }
      iam.store.putPolicy(changed)
      const { Document: _, ...shape } = versionShape(changed, version)
      return { PolicyVersion: shape }
    },
  },

  GetPolicyVersion: {
    permissions: ({ PolicyArn }, _caller, iam) => [onPolicy(iam, 'iam:GetPolicyVersion', PolicyArn)],
    handle({ PolicyArn, VersionId }, { account }, iam) {
      const policy = iam.policy(account, PolicyArn)
      return { PolicyVersion: versionShape(policy, versionOf(policy, VersionId)) }
    },
  },

  ListPolicyVersions: {
    permissions: ({ PolicyArn }, _caller, iam) => [onPolicy(iam, 'iam:ListPolicyVersions', PolicyArn)],
    handle(input, { account }, iam) {
      const policy = iam.policy(account, input.PolicyArn)
      // Newest first.
      const newestFirst = ({ id }: PolicyVersion) => String(VERSION_NUMBER_MAX - Number(id.slice(1)))
      const { items, end } = pageOf(policy.versions, newestFirst, input)
      return {
        Versions: items.map((version) => {
          const { Document: _, ...shape } = versionShape(policy, version)
          return shape
        }),
        ...end,
      }
    },
  },

  SetDefaultPolicyVersion: {
    permissions: ({ PolicyArn }, _caller, iam) => [onPolicy(iam, 'iam:SetDefaultPolicyVersion', PolicyArn)],
    handle({ PolicyArn, VersionId }, { account }, iam) {
      const policy = iam.policy(account, PolicyArn)
      refuseAwsManaged(policy)
      const { id } = versionOf(policy, VersionId)
      iam.store.putPolicy({ ...policy, defaultVersionId: id, updatedMs: iam.nowMs() })
      return {}
    },
  },

  DeletePolicyVersion: {
    permissions: ({ PolicyArn }, _caller, iam) => [onPolicy(iam, 'iam:DeletePolicyVersion', PolicyArn)],
    handle({ PolicyArn, VersionId }, { account }, iam) {
      const policy = iam.policy(account, PolicyArn)
      refuseAwsManaged(policy)
      const { id } = versionOf(policy, VersionId)
      if (id === policy.defaultVersionId) {
        throw new AwsError('DeleteConflictException', 'Cannot delete the default version of a policy.')
      }
      iam.store.putPolicy({ ...policy, versions: policy.versions.filter((version) => version.id !== id) })
      return {}
    },
  },
}

/** Version numbers sort as text below this. */
const VERSION_NUMBER_MAX = 1_999_999_999

export function versionShape(policy: ManagedPolicy, version: PolicyVersion): sdk.PolicyVersion {
  return {
    Document: encodeDocument(version.document),
    VersionId: version.id,
    IsDefaultVersion: version.id === policy.defaultVersionId,
    CreateDate: new Date(version.createdMs),
  }
}

function versionOf(policy: ManagedPolicy, id: string): PolicyVersion {
  const version = policy.versions.find((candidate) => candidate.id === id)
  if (version) return version
  throw new AwsError('NoSuchEntityException', `Policy ${policy.arn} version ${id} does not exist or is not attachable.`)
}
