/** The errors of Lambda's Node.js runtime, and the form in which any thrown value reaches the caller and the log. */
import { types } from 'node:util'

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
export class RuntimeError extends Error {
  constructor(kind: RuntimeErrorKind, message: string) {
    super(message)
    // Not enumerable, as on any error: the log shows an error's enumerable properties.
    Object.defineProperty(this, 'name', { value: `Runtime.${kind}` })
    // The first line of a stack is written when the error is made, before it had its name.
    if (this.stack !== undefined) this.stack = this.stack.replace(/^Error/, this.name)
  }
}

export type RuntimeErrorKind =
  | 'CallbackHandlerDeprecated'
  | 'HandlerNotFound'
  | 'ImportModuleError'
  | 'InvalidStreamingOperation'
  | 'MalformedHandlerName'
  | 'MalformedStreamingHandler'
  | 'NodeJsExit'
  | 'UnhandledPromiseRejection'
  | 'UserCodeSyntaxError'

export interface ErrorBody {
  readonly errorType: string
  readonly errorMessage: string
  readonly trace?: readonly string[]
}

/** What Invoke answers for a thrown value. */
export function errorBody(error: unknown): ErrorBody {
  try {
    if (isErrorLike(error)) {
      return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] }
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
    }
  }
}

function isErrorLike(value: unknown): value is Error {
  if (types.isNativeError(value)) return true
  if (typeof value !== 'object' || value === null) return false
  const { name, message, stack } = value as Partial<Error>
  return [name, message, stack].every((text) => typeof text === 'string' && text !== '')
}

/** The text log's form: a tab, then everything known of the error as JSON. */
export function loggedError(error: unknown): string {
  const shown = error instanceof Error ? error : new Error(String(error))
  try {
    return `\t${JSON.stringify(shown, (_key, value: unknown) => (value instanceof Error ? unfolded(value) : value))}`
  } catch {
    return `\t${JSON.stringify(errorBody(shown))}`
  }
}

function unfolded(error: Error): object {
  const { code } = error as NodeJS.ErrnoException
  const known = { errorType: error.name, errorMessage: error.message, code }
  return Object.assign(known, error, typeof error.stack === 'string' ? { stack: error.stack.split('\n') } : {})
}
