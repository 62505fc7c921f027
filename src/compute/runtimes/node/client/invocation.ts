/**
 * Runs a handler once, in every style Lambda knows: async, synchronous, callback, `context.done`.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 */
import { logError } from './console.ts'
import type { Context } from './context.ts'
import { type ErrorBody, errorBody, RuntimeError } from './errors.ts'
import type { Handler } from './load-handler.ts'

export type Reply =
  | { readonly kind: 'response'; readonly body: string }
  | { readonly kind: 'error'; readonly body: string; readonly errorType: string }
  /** It has been sent already. */
  | { readonly kind: 'streamed' }

const EXIT_MESSAGE =
  'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never ' +
  'settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes'

/** What to do when the event loop has nothing left; replaced by each invocation. */
let whenLoopEmpties: (() => void) | undefined

export function watchEventLoop(): void {
  process.on('beforeExit', () => whenLoopEmpties?.())
}

export async function untilLoopEmpties<Settled>(settling: Promise<Settled>, whenEmpty: () => void): Promise<Settled> {
  whenLoopEmpties = whenEmpty
  const settled = await settling
  whenLoopEmpties = undefined
  return settled
}

export function runHandler(handler: Handler, event: unknown, context: Context, nodeMajor: number): Promise<Reply> {
  return nodeMajor >= 24 ? runPromised(handler, event, context) : runClassic(handler, event, context)
}

/** From Node.js 24 on a handler returns a value or a promise, and nothing else ends it. */
function runPromised(handler: Handler, event: unknown, context: Context): Promise<Reply> {
  return new Promise((resolve) => {
    whenLoopEmpties = () => resolve(failure(new RuntimeError('NodeJsExit', EXIT_MESSAGE)))
    void (async () => handler(event, context))()
      .then(success)
      .catch(failure)
      .then((reply) => {
        whenLoopEmpties = undefined
        resolve(reply)
      })
  })
}

function runClassic(handler: Handler, event: unknown, context: Context): Promise<Reply> {
  return new Promise((resolve) => {
    const isAsync = handler.constructor.name === 'AsyncFunction'
    let waitsForEmptyLoop = true
    let finished = false
    const settle = (reply: () => Reply) => {
      whenLoopEmpties = undefined
      resolve(replyOrFailure(reply))
    }
    const once =
      <Args extends unknown[]>(action: (...args: Args) => void) =>
      (...args: Args) => {
        if (finished) return
        finished = true
        action(...args)
      }
    // An async function that never settles has failed; any other may have forgotten its callback, and answers null.
    whenLoopEmpties = once(() =>
      settle(() => (isAsync ? failure(new RuntimeError('NodeJsExit', EXIT_MESSAGE)) : success(null))),
    )
    const done = once((error: unknown, result?: unknown) =>
      settle(() => (error === undefined || error === null ? success(result) : failure(error))),
    )
    const fail = (error?: unknown) => done(error ?? 'handled')
    const callback = once((error: unknown, result?: unknown) => {
      if (error !== undefined && error !== null) return settle(() => failure(error))
      if (!waitsForEmptyLoop) return settle(() => success(result))
      whenLoopEmpties = () => setImmediate(() => settle(() => success(result)))
    })
    const waitForEmptyLoop = (value: boolean) => {
      waitsForEmptyLoop = value
    }
    const full = Object.defineProperty(
      { ...context, done, succeed: (result?: unknown) => done(null, result), fail },
      'callbackWaitsForEmptyEventLoop',
      { enumerable: true, get: () => waitsForEmptyLoop, set: waitForEmptyLoop },
    )
    try {
      const result = handler(event, full, callback)
      if (isThenable(result)) void result.then((value) => done(null, value), fail)
    } catch (error) {
      callback(error ?? 'handled')
    }
  })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function success(result: unknown): Reply {
  return { kind: 'response', body: serialized(result) }
}

function serialized(result: unknown): string {
  try {
    return JSON.stringify(result) ?? 'null'
  } catch {
    throw new Error('Unable to stringify response body')
  }
}

function replyOrFailure(reply: () => Reply): Reply {
  try {
    return reply()
  } catch (error) {
    return failure(error)
  }
}

export function failure(error: unknown): Reply {
  logError('Invoke Error', error)
  const body: ErrorBody = errorBody(error)
  return { kind: 'error', body: JSON.stringify(body), errorType: body.errorType }
}
