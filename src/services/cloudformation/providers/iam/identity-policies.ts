/** The policies a role, user or group declares for itself: inline ones and attached managed ones, kept in step with the template. */
import { isDeepStrictEqual } from 'node:util'

import type { Json, JsonObject } from '../../template/json.ts'
import { unlessMissing } from '../handler-error.ts'
import { document, list, object, string, type PropertyType } from '../property-schema.ts'
import { documentText, objectsOf, textOf, textsOf } from '../property-values.ts'
import type { CallService } from '../provider.ts'

/** The IAM operations of one kind of identity. */
export interface PolicyHolder {
  put(policyName: string, policyDocument: string): Promise<unknown>
  remove(policyName: string): Promise<unknown>
  attach(policyArn: string): Promise<unknown>
  detach(policyArn: string): Promise<unknown>
}

export type HolderKind = 'role' | 'user' | 'group'

export const inlinePolicies: PropertyType = list(
  object({ PolicyName: string, PolicyDocument: document }, ['PolicyName', 'PolicyDocument']),
)

export function policyHolder(kind: HolderKind, name: string, call: CallService): PolicyHolder {
  switch (kind) {
    case 'role': {
      const holder = { RoleName: name }
      return {
        put: (PolicyName, PolicyDocument) => call('iam', 'PutRolePolicy', { ...holder, PolicyName, PolicyDocument }),
        remove: (PolicyName) => call('iam', 'DeleteRolePolicy', { ...holder, PolicyName }),
        attach: (PolicyArn) => call('iam', 'AttachRolePolicy', { ...holder, PolicyArn }),
        detach: (PolicyArn) => call('iam', 'DetachRolePolicy', { ...holder, PolicyArn }),
      }
    }
    case 'user': {
      const holder = { UserName: name }
      return {
        put: (PolicyName, PolicyDocument) => call('iam', 'PutUserPolicy', { ...holder, PolicyName, PolicyDocument }),
        remove: (PolicyName) => call('iam', 'DeleteUserPolicy', { ...holder, PolicyName }),
        attach: (PolicyArn) => call('iam', 'AttachUserPolicy', { ...holder, PolicyArn }),
        detach: (PolicyArn) => call('iam', 'DetachUserPolicy', { ...holder, PolicyArn }),
      }
    }
    case 'group': {
      const holder = { GroupName: name }
      return {
        put: (PolicyName, PolicyDocument) => call('iam', 'PutGroupPolicy', { ...holder, PolicyName, PolicyDocument }),
        remove: (PolicyName) => call('iam', 'DeleteGroupPolicy', { ...holder, PolicyName }),
        attach: (PolicyArn) => call('iam', 'AttachGroupPolicy', { ...holder, PolicyArn }),
        detach: (PolicyArn) => call('iam', 'DetachGroupPolicy', { ...holder, PolicyArn }),
      }
    }
  }
}

/** Makes the identity's `ManagedPolicyArns` and `Policies` those of `next`; `previous` is empty for a new one. */
export async function syncPolicies(holder: PolicyHolder, previous: JsonObject, next: JsonObject): Promise<void> {
  const attached = textsOf(previous, 'ManagedPolicyArns')
  const wanted = textsOf(next, 'ManagedPolicyArns')
  for (const arn of wanted) if (!attached.includes(arn)) await holder.attach(arn)
  for (const arn of attached) if (!wanted.includes(arn)) await unlessMissing(holder.detach(arn))
  const before = inlineDocuments(previous)
  const after = inlineDocuments(next)
  for (const [name, policy] of after) {
    if (!isDeepStrictEqual(before.get(name), policy)) await holder.put(name, documentText(policy))
  }
  for (const name of before.keys()) if (!after.has(name)) await unlessMissing(holder.remove(name))
}

export async function removePolicies(holder: PolicyHolder, properties: JsonObject): Promise<void> {
  await syncPolicies(holder, properties, {})
}

function inlineDocuments(properties: JsonObject): ReadonlyMap<string, Json> {
  return new Map(
    objectsOf(properties, 'Policies').map((policy) => [
      textOf(policy, 'PolicyName') ?? '',
      policy['PolicyDocument'] ?? {},
    ]),
  )
}
