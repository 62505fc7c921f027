/**
 * The Node.js runtime: the program that runs in a `nodejs*` execution environment. It loads the function once and serves its
 * invocations one after the other until its connection closes.
 *
 * Started with the argument `blank` it has no function yet: it waits to be told one, so that a cold start finds Node.js already up.
 */
import { Connection, headerOf } from './connection.ts'
import { become } from './assignment.ts'
import { logError, patchConsole, setRequestId } from './console.ts'
import { contextFrom } from './context.ts'
import { errorBody, RuntimeError } from './errors.ts'
import { hideHostDifferences } from './host-differences.ts'
import { runHandler, untilLoopEmpties, watchEventLoop } from './invocation.ts'
import { type Handler, loadHandler } from './load-handler.ts'
import { isStreaming, provideStreaming, runStreaming } from './streaming.ts'

/** Exit codes of AWS's runtime client. */
const EXIT_REJECTION = 128
const EXIT_EXCEPTION = 129
/** Node.js's own. https://nodejs.org/docs/latest/api/process.html#exit-codes */
const EXIT_UNSETTLED = 13

/** Undefined during init and between invocations. */
let current: string | undefined

async function main(): Promise<void> {
  const [, , mode, address = '', assignmentKey = ''] = process.argv
  process.argv.length = 2
  const connection = new Connection(address)
  hideHostDifferences()
  if (mode === 'blank') become(await connection.get(`/isthmus/assignment/${assignmentKey}`))
  const frames = Number(process.env['_LAMBDA_TELEMETRY_LOG_FD'])
  delete process.env['_LAMBDA_TELEMETRY_LOG_FD']
  patchConsole(frames)
  provideStreaming()
  process.on('uncaughtException', (error) => void die(connection, 'Uncaught Exception', error, EXIT_EXCEPTION))
  process.on('unhandledRejection', (reason) => {
    const error = new RuntimeError('UnhandledPromiseRejection', String(reason))
    Object.assign(error, { reason, promise: {} })
    void die(connection, 'Unhandled Promise Rejection', error, EXIT_REJECTION)
  })
  watchEventLoop()
  try {
    await run(connection)
  } catch (error) {
    await die(connection, 'Uncaught Exception', error, EXIT_EXCEPTION)
  }
}

async function run(connection: Connection): Promise<void> {
  // A module whose top-level await never settles must end the process, not wait for the init timeout.
  connection.idle()
  const nodeMajor = Number(/nodejs(\d+)/.exec(process.env['AWS_EXECUTION_ENV'] ?? '')?.[1])
  const handler = await untilLoopEmpties(
    loadHandler(process.env['LAMBDA_TASK_ROOT'] ?? '', process.env['_HANDLER'] ?? '', nodeMajor),
    () => void (process.exitCode = EXIT_UNSETTLED),
  )
  await serve(connection, handler, nodeMajor)
}

async function serve(connection: Connection, handler: Handler, nodeMajor: number): Promise<void> {
  const streams = isStreaming(handler)
  if (!streams) refuseCallbacks(handler, nodeMajor)
  let delivery = await connection.next()
  while (delivery.status === 200) {
    const context = contextFrom(delivery)
    current = context.awsRequestId
    setRequestId(current)
    process.env['_X_AMZN_TRACE_ID'] = headerOf(delivery.head, 'lambda-runtime-trace-id') ?? ''
    connection.idle()
    const event: unknown = JSON.parse(delivery.body.toString())
    const reply = streams
      ? await runStreaming(connection, handler, event, context)
      : await runHandler(handler, event, context, nodeMajor)
    const requestId = current
    current = undefined
    delivery = await (reply.kind === 'streamed' ? connection.next() : connection.answer(requestId, reply))
  }
  process.exit(1)
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html: callbacks ended with Node.js 24. */
function refuseCallbacks(handler: Handler, nodeMajor: number): void {
  if (nodeMajor < 24 || handler.length < 3) return
  throw new RuntimeError(
    'CallbackHandlerDeprecated',
    'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this ' +
      'function to use a supported handler signature to use Node.js 24 or later. For more information see ' +
      'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
  )
}

async function die(connection: Connection, title: string, error: unknown, exitCode: number): Promise<void> {
  logError(title, error)
  const path = current === undefined ? '/init/error' : `/invocation/${current}/error`
  const body = errorBody(error)
  await connection.lastWord(path, JSON.stringify(body), body.errorType)
  process.exit(exitCode)
}

void main()
