/** Layers and their versions in the state. */
import type { CompiledPolicy } from '../../../policy/compile.ts'
import { scopeOf, type State } from '../../../state/state.ts'
import type { CodePackage, PolicyRecord } from '../records.ts'
import { compileResourcePolicy } from '../policies/resource-policy.ts'
import type { LayerTarget, LayerVersionTarget } from './layer-name.ts'

export interface LayerVersionRecord {
  readonly name: string
  readonly version: number
  readonly description: string
  readonly licenseInfo?: string
  /** Absent where the publisher named none. */
  readonly compatibleRuntimes?: readonly string[]
  readonly compatibleArchitectures?: readonly string[]
  readonly createdMs: number
  readonly code: CodePackage
  /** Who else may use it. */
  readonly policy?: PolicyRecord
}

export interface LayerStore {
  find(target: LayerVersionTarget): LayerVersionRecord | undefined
  put(target: LayerVersionTarget, record: LayerVersionRecord): void
  /** Functions that have it keep what they need of it. */
  delete(target: LayerVersionTarget): void
  /** The newest first. */
  versionsOf(target: LayerTarget): readonly LayerVersionRecord[]
  /** All that an account has in a Region, in no order. */
  versionsIn(place: Place): readonly LayerVersionRecord[]
  /** Takes the next number of a layer; none is used twice, not even when its version has been deleted. */
  takeNumber(target: LayerTarget): number
  compiledPolicy(target: LayerTarget): CompiledPolicy | undefined
}

type Place = Pick<LayerTarget, 'account' | 'region'>

export function createLayerStore(state: State): LayerStore {
  const versions = state.collection<LayerVersionRecord>('lambda.layer-versions')
  const numbers = state.collection<number>('lambda.layer-numbers')
  const compiled = new WeakMap<PolicyRecord, CompiledPolicy>()

  const versionsAt = ({ account, region }: Place) => versions.in(scopeOf(account, region))
  const keyOf = ({ name, version }: Pick<LayerVersionTarget, 'name' | 'version'>) => `${name}:${version}`
  const find = (target: LayerVersionTarget) => versionsAt(target).get(keyOf(target))

  return {
    find,
    put(target, record) {
      versionsAt(target).put(keyOf(target), record)
    },
    delete(target) {
      versionsAt(target).delete(keyOf(target))
    },
    versionsOf: (target) =>
      versionsAt(target)
        .values()
        .filter(({ name }) => name === target.name)
        .sort((a, b) => b.version - a.version),
    versionsIn: (place) => versionsAt(place).values(),
    takeNumber({ account, region, name }) {
      const shelf = numbers.in(scopeOf(account, region))
      const number = (shelf.get(name) ?? 0) + 1
      shelf.put(name, number)
      return number
    },
    compiledPolicy({ version, ...target }) {
      const policy = version === undefined ? undefined : find({ ...target, version })?.policy
      if (!policy) return undefined
      let ready = compiled.get(policy)
      if (!ready) compiled.set(policy, (ready = compileResourcePolicy(policy, 'layer version policy')))
      return ready
    },
  }
}
