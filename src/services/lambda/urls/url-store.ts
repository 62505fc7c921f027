/** Function URLs in the state. */
import { GLOBAL, scopeOf, type State } from '../../../state/state.ts'
import type { AccountId } from '../../../core/account.ts'
import type { Region } from '../../../core/region.ts'
import type { Target } from '../target.ts'

export interface FunctionUrlRecord {
  /** 32 characters: the first label of its host name. */
  readonly id: string
  readonly account: AccountId
  readonly region: Region
  readonly functionName: string
  /** Absent: the function's `$LATEST`. */
  readonly alias?: string
  readonly authType: 'AWS_IAM' | 'NONE'
  readonly invokeMode: 'BUFFERED' | 'RESPONSE_STREAM'
  readonly cors?: CorsSettings
  readonly createdMs: number
  readonly modifiedMs: number
}

export interface CorsSettings {
  readonly allowCredentials?: boolean
  readonly allowHeaders?: readonly string[]
  readonly allowMethods?: readonly string[]
  readonly allowOrigins?: readonly string[]
  readonly exposeHeaders?: readonly string[]
  readonly maxAgeSeconds?: number
}

export interface UrlStore {
  /** Of the function, or of the alias that the target's qualifier names. */
  find(target: Target): FunctionUrlRecord | undefined
  byId(id: string): FunctionUrlRecord | undefined
  put(record: FunctionUrlRecord): void
  delete(record: FunctionUrlRecord): void
  /** Sorted by alias, the function's own first. */
  of(target: Target): readonly FunctionUrlRecord[]
}

export function createUrlStore(state: State): UrlStore {
  const urls = state.collection<FunctionUrlRecord>('lambda.function-urls')
  /** Id → the scope and the key of the URL. */
  const places = state.collection<readonly [scope: string, key: string]>('lambda.function-url-ids').in(GLOBAL)

  return {
    find: (target) => urls.in(scopeOf(target.account, target.region)).get(keyOf(target.name, target.qualifier)),
    byId(id) {
      const place = places.get(id)
      return place && urls.in(place[0]).get(place[1])
    },
    put(record) {
      const [scope, key] = placeOf(record)
      urls.in(scope).put(key, record)
      places.put(record.id, [scope, key])
    },
    delete(record) {
      const [scope, key] = placeOf(record)
      urls.in(scope).delete(key)
      places.delete(record.id)
    },
    of: ({ account, region, name }) =>
      urls
        .in(scopeOf(account, region))
        .values()
        .filter(({ functionName }) => functionName === name)
        .sort((a, b) => ((a.alias ?? '') < (b.alias ?? '') ? -1 : 1)),
  }
}

function placeOf(record: FunctionUrlRecord): readonly [scope: string, key: string] {
  return [scopeOf(record.account, record.region), keyOf(record.functionName, record.alias)]
}

function keyOf(name: string, alias: string | undefined): string {
  return alias === undefined ? name : `${name}:${alias}`
}
