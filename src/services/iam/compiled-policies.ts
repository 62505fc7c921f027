/** What applies to a user or role, compiled. Every request asks, so an answer is two look-ups while nothing has changed. */
import { compilePolicy, type CompiledPolicy } from '../../policy/compile.ts'
import { parsePolicy } from '../../policy/parse.ts'
import { defaultDocument, type Entity, type ManagedPolicy, type Role, type User } from './records.ts'
import type { IamStore } from './store.ts'
import { compileTrust } from './trust.ts'

export interface EffectivePolicies {
  readonly identity: readonly CompiledPolicy[]
  readonly boundary?: CompiledPolicy
}

export interface CompiledPolicies {
  of(principal: User | Role): EffectivePolicies
  trustOf(role: Role): CompiledPolicy
}

/** INVARIANT: a record is replaced when it changes, so its identity stands for its content; `store.revision` covers what it refers to. */
export function createCompiledPolicies(
  store: IamStore,
  managedPolicy: (arn: string) => ManagedPolicy | undefined,
): CompiledPolicies {
  const effective = new WeakMap<User | Role, { readonly revision: number; readonly policies: EffectivePolicies }>()
  const inline = new WeakMap<Entity, readonly CompiledPolicy[]>()
  const managed = new WeakMap<ManagedPolicy, CompiledPolicy>()
  const trust = new WeakMap<Role, CompiledPolicy>()

  const inlineOf = (entity: Entity) =>
    remembered(inline, entity, () =>
      Object.entries(entity.inline).map(([name, document]) =>
        compilePolicy(parsePolicy(document, 'identity'), { name }),
      ),
    )

  function managedOf(arn: string): CompiledPolicy | undefined {
    const policy = managedPolicy(arn)
    return (
      policy &&
      remembered(managed, policy, () =>
        compilePolicy(parsePolicy(defaultDocument(policy), 'managed'), { name: policy.name, arn }),
      )
    )
  }

  const ownPolicies = (entity: Entity): readonly CompiledPolicy[] => [
    ...inlineOf(entity),
    ...entity.attached.flatMap((arn) => managedOf(arn) ?? []),
  ]

  function gather(principal: User | Role): EffectivePolicies {
    const groups = principal.kind === 'user' ? principal.groupIds.flatMap((id) => store.byId(id) ?? []) : []
    const identity = [principal, ...groups].flatMap(ownPolicies)
    const boundary = principal.boundaryArn === undefined ? undefined : managedOf(principal.boundaryArn)
    return { identity, ...(boundary && { boundary }) }
  }

  return {
    of(principal) {
      const known = effective.get(principal)
      if (known?.revision === store.revision) return known.policies
      const policies = gather(principal)
      effective.set(principal, { revision: store.revision, policies })
      return policies
    },
    trustOf: (role) => remembered(trust, role, () => compileTrust(role)),
  }
}

function remembered<Key extends object, Value>(cache: WeakMap<Key, Value>, key: Key, compute: () => Value): Value {
  let value = cache.get(key)
  if (value === undefined) cache.set(key, (value = compute()))
  return value
}
