/** Tells listeners that something changed: once per turn of the event loop, however much changed in it. */

export interface ChangeNotice {
  /** Something changed. */
  touch(): void
  /** How often something did. */
  readonly count: number
  /** Runs at every change, before anything else can look. */
  onTouch(action: () => void): void
  /** Answers the function that ends the subscription. */
  subscribe(listener: () => void): () => void
}

export function createChangeNotice(): ChangeNotice {
  const listeners = new Set<() => void>()
  const actions: (() => void)[] = []
  let scheduled = false
  let count = 0
  return {
    get count() {
      return count
    },
    onTouch(action) {
      actions.push(action)
    },
    touch() {
      count++
      for (const action of actions) action()
      if (scheduled || listeners.size === 0) return
      scheduled = true
      setImmediate(() => {
        scheduled = false
        for (const listener of listeners) listener()
      })
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
