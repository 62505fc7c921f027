/** Provisioned concurrency as it was asked for and as far as it has come, per alias or version. */
import { scopeOf, type State } from '../../../state/state.ts'

export interface ProvisionedRecord {
  readonly account: string
  readonly region: string
  readonly functionName: string
  /** An alias, or a version's number. */
  readonly qualifier: string
  readonly requested: number
  readonly available: number
  readonly status: 'IN_PROGRESS' | 'READY' | 'FAILED'
  readonly statusReason?: string
  readonly modifiedAtMs: number
}

interface Place {
  readonly account: string
  readonly region: string
}

export interface ProvisionedStore {
  get(place: Place, functionName: string, qualifier: string): ProvisionedRecord | undefined
  put(record: ProvisionedRecord): void
  delete(place: Place, functionName: string, qualifier: string): void
  of(place: Place, functionName: string): readonly ProvisionedRecord[]
  in(place: Place): readonly ProvisionedRecord[]
  all(): readonly ProvisionedRecord[]
}

export function createProvisionedStore(state: State): ProvisionedStore {
  const collection = state.collection<ProvisionedRecord>('lambda.provisioned-concurrency')
  const shelf = ({ account, region }: Place) => collection.in(scopeOf(account, region))
  const keyOf = (functionName: string, qualifier: string) => `${functionName}:${qualifier}`
  return {
    get: (place, functionName, qualifier) => shelf(place).get(keyOf(functionName, qualifier)),
    put: (record) => shelf(record).put(keyOf(record.functionName, record.qualifier), record),
    delete: (place, functionName, qualifier) => void shelf(place).delete(keyOf(functionName, qualifier)),
    of: (place, functionName) =>
      shelf(place)
        .values()
        .filter((record) => record.functionName === functionName),
    in: (place) => shelf(place).values(),
    all: () => collection.scopes().flatMap((scope) => collection.in(scope).values()),
  }
}
