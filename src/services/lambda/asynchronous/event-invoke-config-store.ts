/** How asynchronous invocations of a function, a version or an alias are treated: each qualifier has its own configuration. */
import { scopeOf, type State } from '../../../state/state.ts'
import { LATEST } from '../function-name.ts'

export interface EventInvokeConfigRecord {
  readonly functionName: string
  /** `$LATEST` for the function itself. */
  readonly qualifier: string
  readonly retryAttempts?: number
  readonly eventAgeSeconds?: number
  readonly onSuccess?: string
  readonly onFailure?: string
  readonly modifiedAtMs: number
}

interface Place {
  readonly account: string
  readonly region: string
  readonly functionName: string
}

export interface EventInvokeConfigs {
  get(place: Place, qualifier: string | undefined): EventInvokeConfigRecord | undefined
  put(place: Place, config: EventInvokeConfigRecord): void
  /** False when there was none. */
  delete(place: Place, qualifier: string | undefined): boolean
  of(place: Place): readonly EventInvokeConfigRecord[]
}

export function createEventInvokeConfigs(state: State): EventInvokeConfigs {
  const collection = state.collection<EventInvokeConfigRecord>('lambda.event-invoke-configs')
  const shelf = ({ account, region }: Place) => collection.in(scopeOf(account, region))
  const keyOf = ({ functionName }: Place, qualifier: string = LATEST) => `${functionName}:${qualifier}`
  return {
    get: (place, qualifier) => shelf(place).get(keyOf(place, qualifier)),
    put: (place, config) => shelf(place).put(keyOf(place, config.qualifier), config),
    delete: (place, qualifier) => shelf(place).delete(keyOf(place, qualifier)),
    of: (place) =>
      shelf(place)
        .values()
        .filter(({ functionName }) => functionName === place.functionName),
  }
}
