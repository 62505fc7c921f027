/** Ctrl-C and its like, for commands that have something to put in order before they end. */

export interface Interruption {
  readonly signal: AbortSignal
  ignore(): void
}

/** Aborts at the first signal that asks for the end; a second one ends the process at once. */
export function onInterrupt(tell: () => void): Interruption {
  const abort = new AbortController()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const ignore = () => {
    for (const signal of signals) process.removeListener(signal, interrupt)
  }
  const interrupt = () => {
    ignore()
    tell()
    abort.abort()
  }
  for (const signal of signals) process.on(signal, interrupt)
  return { signal: abort.signal, ignore }
}
