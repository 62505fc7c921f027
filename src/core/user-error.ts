/** A problem the person at the terminal can mend: what happened, and what to do. Caught once, in the CLI. */

export interface UserErrorOptions {
  /** What to do about it: one sentence or a command. */
  readonly hint?: string
  /** See `cli/exit-codes.ts`; 2 (usage or configuration) when absent. */
  readonly exitCode?: number
  readonly cause?: unknown
}

export class UserError extends Error {
  override readonly name = 'UserError'
  readonly hint: string | undefined
  readonly exitCode: number

  constructor(message: string, options: UserErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.hint = options.hint
    this.exitCode = options.exitCode ?? 2
  }
}
