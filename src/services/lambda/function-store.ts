/** Functions, versions, aliases and resource policies in the state, and how a qualifier is looked up. */
import type { CompiledPolicy } from '../../policy/compile.ts'
import { scopeOf, type Collection, type Shelf, type State } from '../../state/state.ts'
import { functionNotFound } from './errors.ts'
import { isVersionNumber, LATEST } from './function-name.ts'
import type { AliasRecord, FunctionRecord, PolicyRecord, VersionRecord } from './records.ts'
import { compileResourcePolicy } from './resource-policy.ts'
import { withoutQualifier, type Target } from './target.ts'

/** What a qualifier stands for. */
export interface Resolved {
  readonly fn: FunctionRecord
  /** With a weighted alias: the version that gets the larger part by default. */
  readonly version: VersionRecord
  readonly alias?: AliasRecord
}

export interface FunctionStore {
  find(target: Target): FunctionRecord | undefined
  /** Throws ResourceNotFoundException, naming the function without qualifier. */
  require(target: Target): FunctionRecord
  put(fn: FunctionRecord): void
  /** With its versions, aliases and policies. */
  delete(target: Target): void
  functionsIn(of: { readonly account: string; readonly region: string }): FunctionRecord[]
  all(): FunctionRecord[]

  version(target: Target, version: string): VersionRecord | undefined
  putVersion(version: VersionRecord): void
  /** In order of their numbers, without `$LATEST`. */
  versionsOf(target: Target): VersionRecord[]
  allVersions(): VersionRecord[]
  deleteVersion(target: Target, version: string): void

  alias(target: Target, name: string): AliasRecord | undefined
  putAlias(target: Target, alias: AliasRecord): void
  aliasesOf(target: Target): AliasRecord[]
  deleteAlias(target: Target, name: string): void

  /** Undefined when the function, the version or the alias does not exist. */
  resolve(target: Target): Resolved | undefined

  policy(target: Target): PolicyRecord | undefined
  putPolicy(target: Target, policy: PolicyRecord): void
  deletePolicy(target: Target): void
  compiledPolicy(target: Target): CompiledPolicy | undefined
}

export function createFunctionStore(state: State): FunctionStore {
  const functions: Collection<FunctionRecord> = state.collection('lambda.functions')
  const versions: Collection<VersionRecord> = state.collection('lambda.versions')
  const aliases: Collection<AliasRecord> = state.collection('lambda.aliases')
  const policies: Collection<PolicyRecord> = state.collection('lambda.policies')
  const compiled = new WeakMap<PolicyRecord, CompiledPolicy>()

  const find = (target: Target) => shelf(functions, target).get(target.name)
  const version = (target: Target, number: string) => shelf(versions, target).get(`${target.name}:${number}`)
  const alias = (target: Target, name: string) => shelf(aliases, target).get(`${target.name}:${name}`)
  const policy = (target: Target) => shelf(policies, target).get(policyKey(target))
  const versionsOf = (target: Target) =>
    shelf(versions, target)
      .values()
      .filter(({ functionName }) => functionName === target.name)
      .sort((a, b) => Number(a.version) - Number(b.version))
  const aliasesOf = (target: Target) =>
    shelf(aliases, target)
      .values()
      .filter(({ functionName }) => functionName === target.name)

  function deleteVersion(target: Target, number: string): void {
    shelf(versions, target).delete(`${target.name}:${number}`)
    shelf(policies, target).delete(`${target.name}:${number}`)
  }

  function deleteAlias(target: Target, name: string): void {
    shelf(aliases, target).delete(`${target.name}:${name}`)
    shelf(policies, target).delete(`${target.name}:${name}`)
  }

  return {
    find,
    require(target) {
      const fn = find(target)
      if (!fn) throw functionNotFound(withoutQualifier(target))
      return fn
    },
    put(fn) {
      shelf(functions, fn).put(fn.name, fn)
    },
    delete(target) {
      for (const published of versionsOf(target)) deleteVersion(target, published.version)
      for (const { name } of aliasesOf(target)) deleteAlias(target, name)
      shelf(policies, target).delete(target.name)
      shelf(functions, target).delete(target.name)
    },
    functionsIn: (of) => shelf(functions, of).values(),
    all: () => functions.scopes().flatMap((scope) => functions.in(scope).values()),

    version,
    putVersion(record) {
      shelf(versions, record).put(`${record.functionName}:${record.version}`, record)
    },
    versionsOf,
    allVersions: () => versions.scopes().flatMap((scope) => versions.in(scope).values()),
    deleteVersion,

    alias,
    putAlias(target, record) {
      shelf(aliases, target).put(`${target.name}:${record.name}`, record)
    },
    aliasesOf,
    deleteAlias,

    resolve(target) {
      const fn = find(target)
      if (!fn) return undefined
      const { qualifier } = target
      if (qualifier === undefined || qualifier === LATEST) return { fn, version: fn.latest }
      if (isVersionNumber(qualifier)) {
        const published = version(target, qualifier)
        return published && { fn, version: published }
      }
      const named = alias(target, qualifier)
      if (!named) return undefined
      const behind = named.version === LATEST ? fn.latest : version(target, named.version)
      return behind && { fn, version: behind, alias: named }
    },

    policy,
    putPolicy(target, record) {
      shelf(policies, target).put(policyKey(target), record)
    },
    deletePolicy(target) {
      shelf(policies, target).delete(policyKey(target))
    },
    compiledPolicy(target) {
      const record = policy(target)
      if (!record) return undefined
      let ready = compiled.get(record)
      if (!ready) compiled.set(record, (ready = compileResourcePolicy(record)))
      return ready
    },
  }
}

function shelf<T>(collection: Collection<T>, of: { readonly account: string; readonly region: string }): Shelf<T> {
  return collection.in(scopeOf(of.account, of.region))
}

function policyKey(target: Target): string {
  return target.qualifier === undefined ? target.name : `${target.name}:${target.qualifier}`
}
