/** Tells listeners that something changed: once per turn of the event loop, however much changed in it. */

export interface ChangeNotice {
  /** Something changed. */
  touch(): void
  /** Runs at every change, before anything else can look. */
  onTouch(action: () => void): void
  /** Answers the function that ends the subscription. */
  subscribe(listener: () => void): () => void
}

export function createChangeNotice(): ChangeNotice {
  const listeners = new Set<() => void>()
  const actions: (() => void)[] = []
  let scheduled = false
  return {
    onTouch(action) {
      actions.push(action)
    },
    touch() {
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
