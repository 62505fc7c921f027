/**
 * What an extension may do next. Everything not listed is refused.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 */

/** As AWS's error messages and EXTENSION lines name them. */
export type ExtensionState =
  | 'Started'
  | 'Registered'
  | 'Ready'
  | 'Running'
  | 'InitError'
  | 'ExitError'
  | 'LaunchError'
  | 'Exited'

const NEXT: Record<ExtensionState, readonly ExtensionState[]> = {
  Started: ['Registered', 'LaunchError', 'Exited'],
  Registered: ['Ready', 'InitError', 'ExitError', 'Exited'],
  Ready: ['Running', 'ExitError', 'Exited'],
  Running: ['Ready', 'ExitError', 'Exited'],
  InitError: ['InitError', 'Exited'],
  ExitError: ['ExitError', 'Exited'],
  LaunchError: [],
  Exited: [],
}

export function mayBecome(from: ExtensionState, to: ExtensionState): boolean {
  return NEXT[from].includes(to)
}
