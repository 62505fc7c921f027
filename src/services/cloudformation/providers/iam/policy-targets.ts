/** The roles, users and groups that AWS::IAM::Policy and AWS::IAM::ManagedPolicy name. */
import type { JsonObject } from '../../template/json.ts'
import { policyHolder, type HolderKind, type PolicyHolder } from './identity-policies.ts'
import { textsOf } from '../property-values.ts'
import type { CallService } from '../provider.ts'

const MEMBER: Readonly<Record<HolderKind, string>> = { role: 'Roles', user: 'Users', group: 'Groups' }
const KINDS: readonly HolderKind[] = ['role', 'user', 'group']

/** `role/name` → what to call for it. */
export function policyTargets(properties: JsonObject, call: CallService): ReadonlyMap<string, PolicyHolder> {
  return new Map(
    KINDS.flatMap((kind) =>
      textsOf(properties, MEMBER[kind]).map((name) => [`${kind}/${name}`, policyHolder(kind, name, call)] as const),
    ),
  )
}

/** Those of `before` that `after` no longer names. */
export function droppedTargets(
  before: ReadonlyMap<string, PolicyHolder>,
  after: ReadonlyMap<string, PolicyHolder>,
): readonly PolicyHolder[] {
  return [...before].filter(([key]) => !after.has(key)).map(([, holder]) => holder)
}
