/** The engine's answer to a situation of the reference model. */
import { compilePolicy, type CompiledPolicy } from '../../src/policy/compile.ts'
import { decide } from '../../src/policy/decide.ts'
import type { ApplicablePolicies } from '../../src/policy/model.ts'
import { readPolicy, type PolicyKind } from '../../src/policy/parse.ts'
import type { Document, Documents, Situation, Verdict } from './documents.ts'

export function engineVerdict({ request, documents }: Situation): Verdict {
  const { outcome, blockedBy } = decide(request, compiledDocuments(documents))
  return blockedBy === undefined ? { outcome } : { outcome, blockedBy }
}

export function compiledDocuments(documents: Documents): ApplicablePolicies {
  const { identity, boundary, session, scps, rcps, resource, resourceKind, endpoint } = documents
  const all = (kind: PolicyKind, list: readonly Document[]): readonly CompiledPolicy[] =>
    list.map((document) => compiled(kind, document))
  const resourcePolicyKind = resourceKind === 'trust' ? 'trust' : 'resource'
  return {
    identity: all('identity', identity),
    ...(boundary === undefined ? {} : { boundary: compiled('identity', boundary) }),
    ...(session === undefined ? {} : { session: all('session', session) }),
    ...(scps === undefined ? {} : { scps: scps.map((level) => all('scp', level)) }),
    ...(rcps === undefined ? {} : { rcps: rcps.map((level) => all('rcp', level)) }),
    ...(resource === undefined ? {} : { resource: compiled(resourcePolicyKind, resource) }),
    ...(resourceKind === undefined ? {} : { resourceKind }),
    ...(endpoint === undefined ? {} : { endpoint: all('endpoint', endpoint) }),
  }
}

function compiled(kind: PolicyKind, document: Document): CompiledPolicy {
  return compilePolicy(readPolicy(JSON.stringify(document), kind), { name: kind })
}
