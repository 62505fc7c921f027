/** Managed policies. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html */
import type * as sdk from '@aws-sdk/client-iam'

import { AwsError } from '../../core/aws-error.ts'
import { onCreation, onPolicy } from './access.ts'
import { AWS_ACCOUNT } from './aws-managed.ts'
import { checkManagedDocument } from './documents.ts'
import { pageOf } from './paging.ts'
import { countUsage, type Usage } from './policy-usage.ts'
import { policyArn, type ManagedPolicy } from './records.ts'
import type { IamOperations } from './service.ts'
import { requestedTags, tagList, withTags } from './tag-set.ts'

export const policies: IamOperations = {
  CreatePolicy: {
    permissions: ({ PolicyName, Path, Tags }, caller) =>
      onCreation(
        caller,
        'iam:CreatePolicy',
        { kind: 'policy', path: Path, name: PolicyName },
        { tags: requestedTags(Tags) },
      ),
    handle({ PolicyName, Path = '/', PolicyDocument, Description, Tags }, { account }, iam) {
      if (iam.store.nameIsTaken('policy', account, PolicyName)) {
        throw new AwsError(
          'EntityAlreadyExistsException',
          `A policy called ${PolicyName} already exists. Duplicate names are not allowed.`,
        )
      }
      checkManagedDocument(PolicyDocument)
      const nowMs = iam.nowMs()
      const policy: ManagedPolicy = {
        account,
        name: PolicyName,
        path: Path,
        arn: policyArn(account, Path, PolicyName),
        id: iam.newId('ANPA', account),
        ...(Description !== undefined && { description: Description }),
        createdMs: nowMs,
        updatedMs: nowMs,
        tags: withTags({}, Tags, 'Policy'),
        versions: [{ id: 'v1', document: PolicyDocument, createdMs: nowMs }],
        defaultVersionId: 'v1',
        versionsMade: 1,
      }
      iam.store.putPolicy(policy)
      return { Policy: wholePolicyShape(policy) }
    },
  },

  GetPolicy: {
    permissions: ({ PolicyArn }, _caller, iam) => [onPolicy(iam, 'iam:GetPolicy', PolicyArn)],
    handle({ PolicyArn }, { account }, iam) {
      const policy = iam.policy(account, PolicyArn)
      return { Policy: wholePolicyShape(policy, countUsage(iam, account).get(policy.arn)) }
    },
  },

  ListPolicies: {
    permissions: ({ PathPrefix = '/' }, caller) => [
      {
        action: 'iam:ListPolicies',
        resource: policyArn(caller.account, PathPrefix, ''),
        resourceText: `policy path ${PathPrefix}`,
      },
    ],
    handle(input, { account }, iam) {
      const { Scope = 'All', OnlyAttached = false, PathPrefix = '/', PolicyUsageFilter } = input
      const usage = countUsage(iam, account)
      const isUsed = ({ arn }: ManagedPolicy) => {
        const { attachments = 0, boundaries = 0 } = usage.get(arn) ?? {}
        if (PolicyUsageFilter === 'PermissionsPolicy') return attachments > 0
        if (PolicyUsageFilter === 'PermissionsBoundary') return boundaries > 0
        return attachments + boundaries > 0
      }
      const inScope = [
        ...(Scope === 'AWS' ? [] : iam.store.in(account).policy.values()),
        ...(Scope === 'Local' ? [] : iam.awsManaged.values()),
      ]
      const matching = inScope.filter(
        (policy) =>
          policy.path.startsWith(PathPrefix) && ((!OnlyAttached && PolicyUsageFilter === undefined) || isUsed(policy)),
      )
      const { items, end } = pageOf(matching, keyInList, input)
      return { Policies: items.map((policy) => policyShape(policy, usage.get(policy.arn))), ...end }
    },
  },

  DeletePolicy: {
    permissions: ({ PolicyArn }, _caller, iam) => [onPolicy(iam, 'iam:DeletePolicy', PolicyArn)],
    handle({ PolicyArn }, { account }, iam) {
      const policy = iam.policy(account, PolicyArn)
      refuseAwsManaged(policy)
      const { attachments = 0, boundaries = 0 } = countUsage(iam, account).get(policy.arn) ?? {}
      if (attachments + boundaries > 0) {
        throw new AwsError('DeleteConflictException', 'Cannot delete a policy attached to entities.')
      }
      if (policy.versions.length > 1) {
        throw new AwsError(
          'DeleteConflictException',
          "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        )
      }
      iam.store.removePolicy(policy)
      return {}
    },
  },
}

/** As lists show it: without description and tags. */
export function policyShape(policy: ManagedPolicy, usage?: Usage): sdk.Policy {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersionId,
    AttachmentCount: usage?.attachments ?? 0,
    PermissionsBoundaryUsageCount: usage?.boundaries ?? 0,
    IsAttachable: true,
    CreateDate: new Date(policy.createdMs),
    UpdateDate: new Date(policy.updatedMs),
  }
}

/** Customers' policies first; a customer's may have the name of an AWS-managed one. */
export function keyInList({ account, name }: ManagedPolicy): string {
  return `${account} ${name}`
}

export function refuseAwsManaged({ account, arn }: ManagedPolicy): void {
  if (account !== AWS_ACCOUNT) return
  throw new AwsError('AccessDenied', `Policy ${arn} is managed by AWS and cannot be changed`, { status: 403 })
}

function wholePolicyShape(policy: ManagedPolicy, usage?: Usage): sdk.Policy {
  return {
    ...policyShape(policy, usage),
    ...(policy.description !== undefined && { Description: policy.description }),
    ...(Object.keys(policy.tags).length > 0 && { Tags: tagList(policy.tags) }),
  }
}
