/** A policy that hangs on a resource as a whole document: a queue's, a topic's, an event bus's. */
import { compilePolicy, type CompiledPolicy } from '../policy/compile.ts'
import { readPolicy, validatePolicy } from '../policy/parse.ts'
import type { IdentityDirectory } from './directories.ts'
import { asDisplayed, bindPrincipals, withUniqueIds, type PrincipalBindings } from './principal-ids.ts'

export interface AttachedPolicy {
  /** As it was given. */
  readonly text: string
  /** The unique ids that its principals had when it was attached. */
  readonly bindings: PrincipalBindings
}

export interface PolicyStatementObject {
  readonly Sid?: string
  readonly [element: string]: unknown
}

type Identities = Pick<IdentityDirectory, 'uniqueIdOf'>

/** Undefined when AWS would refuse the document, or a principal in it does not exist. */
export function attachedPolicyFrom(text: string, identities: Identities): AttachedPolicy | undefined {
  if (validatePolicy(text, 'resource') !== undefined) return undefined
  const { bindings, missing } = bindPrincipals(JSON.parse(text), identities)
  return missing.length > 0 ? undefined : { text, bindings }
}

/** As AWS shows it: a principal that is gone appears as its unique id. */
export function displayedPolicy({ text, bindings }: AttachedPolicy, identities: Identities): string {
  if (Object.keys(bindings).every((arn) => identities.uniqueIdOf(arn) === bindings[arn])) return text
  return JSON.stringify(asDisplayed(JSON.parse(text), bindings, identities))
}

export function statementsOf({ text }: AttachedPolicy): readonly PolicyStatementObject[] {
  const { Statement: statements } = JSON.parse(text) as {
    readonly Statement: PolicyStatementObject | readonly PolicyStatementObject[]
  }
  return [statements].flat()
}

/** The document with other statements; undefined with none. */
export function withStatements(
  policy: AttachedPolicy,
  statements: readonly PolicyStatementObject[],
  identities: Identities,
): AttachedPolicy | undefined {
  if (statements.length === 0) return undefined
  const document = JSON.parse(policy.text) as object
  const text = JSON.stringify({ ...document, Statement: statements })
  // What was bound stays bound, to whoever it was bound to.
  return { text, bindings: { ...bindPrincipals(JSON.parse(text), identities).bindings, ...policy.bindings } }
}

/** Compiles each revision of a policy once. */
export function createPolicyCompiler(name: string): (policy: AttachedPolicy | undefined) => CompiledPolicy | undefined {
  const compiled = new WeakMap<AttachedPolicy, CompiledPolicy>()
  return (policy) => {
    if (!policy) return undefined
    let ready = compiled.get(policy)
    if (!ready) {
      const bound = JSON.stringify(withUniqueIds(JSON.parse(policy.text), policy.bindings))
      compiled.set(policy, (ready = compilePolicy(readPolicy(bound, 'resource'), { name })))
    }
    return ready
  }
}
