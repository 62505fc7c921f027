/** Functions, versions, aliases and resource policies in the state, and how a qualifier is looked up. */
import type { CompiledPolicy } from '../../policy/compile.ts'
import { scopeOf, type Collection, type Shelf, type State } from '../../state/state.ts'
import { functionNotFound } from './errors.ts'
import { isVersionNumber, LATEST } from './function-name.ts'
import type { AliasRecord, FunctionRecord, PolicyRecord, VersionRecord } from './records.ts'
import { compileResourcePolicy } from './policies/resource-policy.ts'
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
  /**
   * The highest version that functions of this name ever published, also one that is gone: AWS uses no number twice.
   * https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
   */
  versionLastOf(target: Target): number
  functionsIn(place: Pick<Target, 'account' | 'region'>): FunctionRecord[]
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

/** What one account has in one Region. */
interface Shelves {
  readonly functions: Shelf<FunctionRecord>
  readonly versions: Shelf<VersionRecord>
  readonly aliases: Shelf<AliasRecord>
  readonly policies: Shelf<PolicyRecord>
  /** The last version number of functions that are gone. */
  readonly retiredNumbers: Shelf<number>
}

type Place = Pick<Target, 'account' | 'region'>

export function createFunctionStore(state: State): FunctionStore {
  const collections = {
    functions: state.collection<FunctionRecord>('lambda.functions'),
    versions: state.collection<VersionRecord>('lambda.versions'),
    aliases: state.collection<AliasRecord>('lambda.aliases'),
    policies: state.collection<PolicyRecord>('lambda.policies'),
    retiredNumbers: state.collection<number>('lambda.retired-numbers'),
  }
  const compiled = new WeakMap<PolicyRecord, CompiledPolicy>()
  const at = createShelvesByPlace(collections)

  const find = (target: Target) => at(target).functions.get(target.name)
  const version = (target: Target, number: string) => at(target).versions.get(`${target.name}:${number}`)
  const alias = (target: Target, name: string) => at(target).aliases.get(`${target.name}:${name}`)
  const policy = (target: Target) => at(target).policies.get(policyKey(target))
  const versionsOf = (target: Target) =>
    at(target)
      .versions.values()
      .filter(({ functionName }) => functionName === target.name)
      .sort((a, b) => Number(a.version) - Number(b.version))
  const aliasesOf = (target: Target) =>
    at(target)
      .aliases.values()
      .filter(({ functionName }) => functionName === target.name)

  function deleteVersion(target: Target, number: string): void {
    at(target).versions.delete(`${target.name}:${number}`)
    at(target).policies.delete(`${target.name}:${number}`)
  }

  function deleteAlias(target: Target, name: string): void {
    at(target).aliases.delete(`${target.name}:${name}`)
    at(target).policies.delete(`${target.name}:${name}`)
  }

  return {
    find,
    require(target) {
      const fn = find(target)
      if (!fn) throw functionNotFound(withoutQualifier(target))
      return fn
    },
    put(fn) {
      at(fn).functions.put(fn.name, fn)
    },
    delete(target) {
      const versionLast = find(target)?.versionLast ?? 0
      if (versionLast > 0) at(target).retiredNumbers.put(target.name, versionLast)
      for (const published of versionsOf(target)) deleteVersion(target, published.version)
      for (const { name } of aliasesOf(target)) deleteAlias(target, name)
      at(target).policies.delete(target.name)
      at(target).functions.delete(target.name)
    },
    versionLastOf: (target) => find(target)?.versionLast ?? at(target).retiredNumbers.get(target.name) ?? 0,
    functionsIn: (place) => at(place).functions.values(),
    all: () => everything(collections.functions),

    version,
    putVersion(record) {
      at(record).versions.put(`${record.functionName}:${record.version}`, record)
    },
    versionsOf,
    allVersions: () => everything(collections.versions),
    deleteVersion,

    alias,
    putAlias(target, record) {
      at(target).aliases.put(`${target.name}:${record.name}`, record)
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
      at(target).policies.put(policyKey(target), record)
    },
    deletePolicy(target) {
      at(target).policies.delete(policyKey(target))
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

/** Remembers the shelves of a place, since every invocation asks for them several times. */
function createShelvesByPlace(collections: {
  readonly [Name in keyof Shelves]: Collection<Shelves[Name] extends Shelf<infer T> ? T : never>
}): (place: Place) => Shelves {
  const accounts = new Map<string, Map<string, Shelves>>()
  return ({ account, region }) => {
    let regions = accounts.get(account)
    if (!regions) accounts.set(account, (regions = new Map()))
    let shelves = regions.get(region)
    if (!shelves) {
      const scope = scopeOf(account, region)
      shelves = {
        functions: collections.functions.in(scope),
        versions: collections.versions.in(scope),
        aliases: collections.aliases.in(scope),
        policies: collections.policies.in(scope),
        retiredNumbers: collections.retiredNumbers.in(scope),
      }
      regions.set(region, shelves)
    }
    return shelves
  }
}

function everything<T>(collection: Collection<T>): T[] {
  return collection.scopes().flatMap((scope) => collection.in(scope).values())
}

function policyKey(target: Target): string {
  return target.qualifier === undefined ? target.name : `${target.name}:${target.qualifier}`
}
