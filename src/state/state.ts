/** Collections per account and Region, in memory, with every mutation written through to the store before an answer is sent. */
import type { Store, StoredItem } from './store.ts'

/** `<account>/<region>`, `<account>/global` or `global`. */
export type Scope = string

export const GLOBAL: Scope = 'global'

export function scopeOf(account: string, region: string): Scope {
  return `${account}/${region}`
}

/** The scope of an account's global resources: IAM. */
export function accountScope(account: string): Scope {
  return `${account}/global`
}

/** The values of one collection in one scope, in the order they were first put. */
export interface Shelf<T> {
  get(key: string): T | undefined
  has(key: string): boolean
  /** INVARIANT: `value` is plain JSON and never mutated afterwards; caches key on its identity. */
  put(key: string, value: T): void
  delete(key: string): boolean
  values(): T[]
  readonly size: number
}

export interface Collection<T> {
  in(scope: Scope): Shelf<T>
  /** Every scope that holds something. */
  scopes(): Scope[]
}

/** collection → scope → key → value */
export type Snapshot = Readonly<Record<string, Readonly<Record<Scope, Readonly<Record<string, unknown>>>>>>

export interface State {
  /** The same name always answers the same collection. */
  collection<T>(name: string): Collection<T>
  /** Resolves once everything put or deleted so far is durable. */
  commit(): Promise<void>
  snapshot(): Snapshot
  /** Replaces everything. */
  restore(snapshot: Snapshot): void
  reset(): void
  /** Flushes, then closes the store. */
  close(): void
}

type Shelves = Map<Scope, Map<string, unknown>>

/** Without a store the state is ephemeral. */
export function createState(store?: Store): State {
  return new WriteThroughState(store)
}

class WriteThroughState implements State {
  readonly #store: Store | undefined
  readonly #collections = new Map<string, Shelves>()
  /** The newest value of each item changed since the last flush. */
  #pending = new Map<string, StoredItem>()
  #flush: Promise<void> | undefined

  constructor(store: Store | undefined) {
    this.#store = store
    for (const { collection, scope, key, value } of store?.load() ?? []) {
      if (value !== undefined) this.#shelf(collection, scope).set(key, JSON.parse(value))
    }
  }

  collection<T>(name: string): Collection<T> {
    return {
      in: (scope) => this.#view<T>(name, scope),
      scopes: () => [...this.#shelves(name)].filter(([, shelf]) => shelf.size > 0).map(([scope]) => scope),
    }
  }

  commit(): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve()
    // Group commit: every request of this event-loop turn shares one transaction, and so one fsync.
    this.#flush ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        this.#flush = undefined
        try {
          this.#write()
          resolve()
        } catch (error) {
          reject(error)
        }
      })
    })
    return this.#flush
  }

  snapshot(): Snapshot {
    const copy = Object.fromEntries(
      [...this.#collections].map(([name, shelves]) => [
        name,
        Object.fromEntries([...shelves].map(([scope, shelf]) => [scope, Object.fromEntries(shelf)])),
      ]),
    )
    return structuredClone(copy)
  }

  restore(snapshot: Snapshot): void {
    this.reset()
    for (const [name, scopes] of Object.entries(structuredClone(snapshot))) {
      for (const [scope, items] of Object.entries(scopes)) {
        const shelf = this.#view(name, scope)
        for (const [key, value] of Object.entries(items)) shelf.put(key, value)
      }
    }
  }

  reset(): void {
    for (const [name, shelves] of this.#collections) {
      for (const [scope, shelf] of shelves) {
        for (const key of shelf.keys()) this.#record({ collection: name, scope, key, value: undefined })
        shelf.clear()
      }
    }
  }

  close(): void {
    this.#write()
    this.#store?.close()
  }

  #write(): void {
    const batch = [...this.#pending.values()]
    if (batch.length > 0) this.#store?.write(batch)
    this.#pending = new Map()
  }

  #record(item: StoredItem): void {
    if (this.#store) this.#pending.set(`${item.collection}\n${item.scope}\n${item.key}`, item)
  }

  #shelves(name: string): Shelves {
    let shelves = this.#collections.get(name)
    if (!shelves) this.#collections.set(name, (shelves = new Map()))
    return shelves
  }

  #shelf(name: string, scope: Scope): Map<string, unknown> {
    const shelves = this.#shelves(name)
    let shelf = shelves.get(scope)
    if (!shelf) shelves.set(scope, (shelf = new Map()))
    return shelf
  }

  #view<T>(collection: string, scope: Scope): Shelf<T> {
    const shelf = this.#shelf(collection, scope) as Map<string, T>
    return {
      get: (key) => shelf.get(key),
      has: (key) => shelf.has(key),
      put: (key, value) => {
        shelf.set(key, value)
        if (this.#store) this.#record({ collection, scope, key, value: JSON.stringify(value) })
      },
      delete: (key) => {
        const existed = shelf.delete(key)
        if (existed) this.#record({ collection, scope, key, value: undefined })
        return existed
      },
      values: () => [...shelf.values()],
      get size() {
        return shelf.size
      },
    }
  }
}
