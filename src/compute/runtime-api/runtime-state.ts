/**
 * What a runtime may do next, as the Runtime API sees it. Everything not listed is refused.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */

/** `Blank` is ours: a pre-booted runtime that has not been told its function. The others carry the names of AWS's error messages. */
export type RuntimeState =
  | 'Blank'
  | 'Started'
  | 'Ready'
  | 'Running'
  | 'InvocationResponse'
  | 'InvocationErrorResponse'
  | 'InitError'

const NEXT: Record<RuntimeState, readonly RuntimeState[]> = {
  Blank: ['Started'],
  Started: ['Ready', 'InitError'],
  Ready: ['Running'],
  Running: ['InvocationResponse', 'InvocationErrorResponse'],
  InvocationResponse: ['Ready'],
  InvocationErrorResponse: ['Ready'],
  InitError: [],
}

export function mayBecome(from: RuntimeState, to: RuntimeState): boolean {
  return NEXT[from].includes(to)
}
