/**
 * Errors as AWS itself was recorded to answer them, and calls that must be answered with the very same: status, code, members and every
 * character of the message. The recordings are LocalStack's validated snapshots (Apache-2.0, https://github.com/localstack/localstack).
 */
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'

export interface Recording {
  readonly status: number
  readonly code: string
  /** As recorded: what differs from account to account is named in angle brackets. */
  readonly message: string
  /** How the member of the body that has the message is spelt, where that was recorded. */
  readonly member?: 'Message' | 'message'
  readonly Type?: string
  readonly Reason?: string
}

export type Recordings = Readonly<Record<string, Recording>>

export function recorded(form: Omit<Recording, 'message'>): (message: string) => Recording {
  return (message) => ({ ...form, message })
}

export interface Case {
  /** Each is answered with the recorded error. */
  readonly calls: readonly object[]
  /** What stands for the names in angle brackets here. */
  readonly values?: Readonly<Record<string, string>>
}

/** Why nothing here provokes a recorded error. */
export type Outside =
  | { readonly notImplemented: readonly string[] }
  /** A parameter that is refused by this name, as the call shows. */
  | { readonly refused: string; readonly by: object }
  /** Another test has it, because it takes more than a call. */
  | { readonly test: string }

const VALUES = { '<partition>': 'aws', '<region>': 'us-east-1' }

/** The recording with this account's values. Throws when one is missing. */
export function expectedError(recording: Recording, account: string, values: Case['values'] = {}): Recording {
  let message = recording.message.replaceAll('111111111111', account)
  for (const [name, value] of Object.entries({ ...VALUES, ...values })) message = message.replaceAll(name, value)
  const missing = /<[a-z][^<>]*>/.exec(message)
  if (missing) throw new Error(`nothing stands for ${missing[0]}`)
  return { ...recording, message }
}

interface MiddlewareStack {
  add(
    middleware: (next: (args: never) => Promise<{ response: unknown }>) => (args: never) => Promise<unknown>,
    options: { readonly step: 'deserialize'; readonly priority: 'low' },
  ): void
}

/** What a client sees of the error of a command that must fail. `member` is told where the body is JSON and the recording knows it. */
export async function seenError(
  client: { send(command: never): Promise<unknown> },
  command: object,
  recording: Recording,
): Promise<Recording> {
  let body = ''
  const { middlewareStack } = command as { readonly middlewareStack: MiddlewareStack }
  middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const response = result.response as { body: Readable }
      const bytes = await buffer(response.body)
      body = bytes.toString()
      response.body = Readable.from([bytes])
      return result
    },
    { step: 'deserialize', priority: 'low' },
  )
  try {
    await client.send(command as never)
  } catch (error) {
    const member = spelling(body)
    const seen = { ...errorOf(error as SdkError), ...queryErrorOf(body) }
    // The SDK makes up a message where AWS sends none.
    return { ...seen, ...(member === null && { message: '' }), ...(member && recording.member && { member }) }
  }
  throw new Error(`${command.constructor.name} succeeded`)
}

interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly Type?: string
  readonly Reason?: string
}

function errorOf({ name, message, $metadata, Type, Reason }: SdkError): Recording {
  return {
    status: $metadata?.httpStatusCode ?? 0,
    code: name,
    message,
    ...(Type !== undefined && { Type }),
    ...(Reason !== undefined && { Reason }),
  }
}

/** As the query protocol has it: the SDK has names of its own for codes. */
function queryErrorOf(body: string): { readonly code?: string; readonly Type?: string } {
  const [, code] = /<Code>([^<]*)<\/Code>/.exec(body) ?? []
  const [, Type] = /<Type>([^<]*)<\/Type>/.exec(body) ?? []
  return { ...(code !== undefined && { code }), ...(Type !== undefined && { Type }) }
}

/** Null: a body of JSON that has no message. Undefined: another body. */
function spelling(body: string): 'Message' | 'message' | null | undefined {
  if (!body.startsWith('{')) return undefined
  const members = JSON.parse(body) as object
  return (['Message', 'message'] as const).find((name) => name in members) ?? null
}

/** One row for each call, as `test.each` takes it. Throws for a case without a recording. */
export function rowsOf(cases: Readonly<Record<string, Case>>, recordings: Recordings) {
  return Object.entries(cases).flatMap(([name, { calls, values }]) => {
    const recording = recordings[name]
    if (!recording) throw new Error(`there is no recording ${name}`)
    return calls.map((command, index) => ({
      title: `${name} (${command.constructor.name.replace(/Command$/, '')}${index > 0 ? `, ${index + 1}` : ''})`,
      command,
      recording,
      values,
    }))
  })
}

/** What each recording is neither provoked by nor excused from, or both. */
export function uncovered(
  recordings: Recordings,
  cases: Readonly<Record<string, Case>>,
  outside: Readonly<Record<string, Outside>>,
): readonly string[] {
  return Object.keys(recordings).filter((id) => id in cases === id in outside)
}

/** What is excused by the absence of an operation that is implemented by now. */
export function noLongerOutside(
  outside: Readonly<Record<string, Outside>>,
  implemented: ReadonlyMap<string, unknown>,
): readonly string[] {
  return Object.entries(outside).flatMap(([id, reason]) =>
    'notImplemented' in reason && reason.notImplemented.some((name) => implemented.has(name)) ? [id] : [],
  )
}

/** What another test is said to have and has not. */
export function untested(recordings: Recordings, outside: Readonly<Record<string, Outside>>): readonly string[] {
  return Object.entries(outside).flatMap(([id, reason]) => {
    if (!('test' in reason)) return []
    const [sentence = ''] = recordings[id]?.message.split('<') ?? []
    return readFileSync(reason.test, 'utf8').includes(sentence) ? [] : [id]
  })
}

/** What each refused call is answered with, and the name it has to have in it. */
export async function refusals(
  client: { send(command: never): Promise<unknown> },
  outside: Readonly<Record<string, Outside>>,
): Promise<readonly { readonly parameter: string; readonly message: string }[]> {
  const refused = Object.values(outside).filter((reason) => 'refused' in reason)
  return Promise.all(
    refused.map(async ({ refused: parameter, by }) => ({
      parameter,
      message: await client.send(by as never).then(
        () => 'The call succeeded',
        (error: unknown) => String(error),
      ),
    })),
  )
}
