/**
 * The life of an execution environment.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */

/**
 * `new` has no process yet; `reset` has lost it to a crash, a timeout or a failed init and keeps `/tmp`, its credentials and its log
 * stream for the next init.
 */
export type EnvironmentState = 'new' | 'init' | 'idle' | 'invoke' | 'reset' | 'shutdown'

export const NEXT: Record<EnvironmentState, readonly EnvironmentState[]> = {
  new: ['init', 'shutdown'],
  init: ['idle', 'invoke', 'reset', 'shutdown'],
  idle: ['invoke', 'reset', 'shutdown'],
  invoke: ['idle', 'reset', 'shutdown'],
  reset: ['init', 'shutdown'],
  shutdown: [],
}

export function assertTransition(from: EnvironmentState, to: EnvironmentState): void {
  if (!NEXT[from].includes(to)) throw new Error(`an execution environment may not go from \`${from}\` to \`${to}\``)
}
