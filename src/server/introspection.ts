/** `/_isthmus/`: what the cloud tells about itself. Loopback only: the Host header must name a loopback address. */
import type { AccountId } from '../core/account.ts'
import { AwsError } from '../core/aws-error.ts'
import type { Ids } from '../core/ids.ts'
import { isLoopback } from '../core/loopback.ts'
import { callerArn } from '../policy/principal-text.ts'
import type { Caller } from '../services/caller.ts'
import type { Credentials, IdentityDirectory, SessionDirectory } from '../services/directories.ts'
import { parseSnapshot } from '../state/snapshot.ts'
import type { Snapshot, State } from '../state/state.ts'
import type { WireResponse } from '../wire/message.ts'
import type { Authenticate } from './authenticate.ts'
import type { CloudClock } from './cloud-clock.ts'
import type { DecisionLog, RecordedRequest } from './decisions.ts'
import type { ReceivedRequest } from './pipeline.ts'

const PREFIX = '/_isthmus/'
/** As long as an execution environment's own credentials are good for. */
const ROLE_SESSION_SECONDS = 3600
/** As AssumeRole has it, but Lambda's sessions are called after functions, whose names may be of one letter. */
const SESSION_NAME = /^[\w+=,.@-]{1,64}$/

export interface IntrospectionOptions {
  readonly state: State
  readonly decisions: DecisionLog
  readonly authenticate: Authenticate
  readonly identities: IdentityDirectory
  readonly sessions: SessionDirectory
  readonly administratorOf: (account: AccountId) => Credentials | undefined
  readonly ids: Ids
  readonly clock: CloudClock
  /** The clock has been put forward by so much. */
  readonly timePassed: (ms: number) => void
  readonly health: () => Readonly<Record<string, unknown>>
  /** Answers a deployment package to a holder of a signed location, or undefined. */
  readonly readCode: (sha256: string, query: URLSearchParams) => Buffer | undefined
  /** Stops what runs, so that state can be replaced under it; then starts again. */
  readonly replaceState: (replace: () => void) => Promise<void>
}

export interface Introspection {
  owns(path: string): boolean
  handle(request: ReceivedRequest): Promise<WireResponse>
}

export function createIntrospection(options: IntrospectionOptions): Introspection {
  return {
    owns: (path) => path.startsWith(PREFIX),
    async handle(request) {
      if (!isLoopbackHost(request.headers['host']))
        return json(403, { message: 'The Host header must name a loopback address' })
      try {
        return await route(request, options)
      } catch (error) {
        if (error instanceof AwsError) return json(error.status ?? 403, { code: error.name, message: error.message })
        return json(500, { message: error instanceof Error ? error.message : String(error) })
      }
    },
  }
}

async function route(request: ReceivedRequest, options: IntrospectionOptions): Promise<WireResponse> {
  const [resource = '', argument = ''] = request.path.slice(PREFIX.length).split('/')
  switch (`${request.method} ${resource}`) {
    case 'GET health':
      return json(200, options.health())
    case 'GET decisions': {
      const recorded = options.decisions.find(argument)
      return recorded
        ? json(200, describe(recorded))
        : json(404, { message: `No recent request has the id ${argument}` })
    }
    case 'GET snapshot':
      return json(200, options.state.snapshot())
    case 'POST restore': {
      const snapshot = readSnapshot(request)
      await options.replaceState(() => options.state.restore(snapshot))
      return json(200, {})
    }
    case 'POST reset':
      await options.replaceState(() => options.state.reset())
      return json(200, {})
    case 'GET clock':
      return json(200, options.clock.describe())
    case 'POST clock':
      return advanceClock(request, options)
    case 'POST credentials':
      return roleCredentials(request, options)
    case 'GET code': {
      const code = options.readCode(argument, new URLSearchParams(request.rawQuery))
      return code
        ? { status: 200, headers: { 'content-type': 'application/zip' }, body: code }
        : json(403, { message: 'The location has expired or was not signed by this process' })
    }
    default:
      return json(404, { message: `No such introspection call: ${request.method} ${request.path}` })
  }
}

function readSnapshot(request: ReceivedRequest): Snapshot {
  const document = readJson(request)
  try {
    return parseSnapshot(document)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new AwsError('ValidationError', `This is no snapshot: ${error.message}`, { status: 400 })
  }
}

async function advanceClock(
  request: ReceivedRequest,
  { clock, timePassed }: IntrospectionOptions,
): Promise<WireResponse> {
  const { advanceMs }: { advanceMs?: unknown } = readJson(request) ?? {}
  const before = clock.aheadMs()
  await clock.advance(advanceMs)
  timePassed(clock.aheadMs() - before)
  return json(200, clock.describe())
}

function readJson({ body }: ReceivedRequest): unknown {
  try {
    return JSON.parse(body.toString()) as unknown
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new AwsError('ValidationError', `The body is not JSON: ${error.message}`, { status: 400 })
  }
}

/** A session of a role as Lambda would make it, for the administrator of the role's account. */
function roleCredentials(request: ReceivedRequest, options: IntrospectionOptions): WireResponse {
  const { sourceIp } = request
  const { caller } = options.authenticate(request, 'sts', { requestId: options.ids.uuid(), sourceIp })
  const asked = readJson(request)
  const { roleArn, sessionName = 'isthmus' }: { roleArn?: unknown; sessionName?: unknown } = asked ?? {}
  if (typeof roleArn !== 'string') {
    throw new AwsError('ValidationError', 'The body names no role, expected {"roleArn"}', { status: 400 })
  }
  if (typeof sessionName !== 'string' || !SESSION_NAME.test(sessionName)) {
    const message = `\`${String(sessionName)}\` is not the name of a session, expected 1 to 64 letters, digits or any of +=,.@-_`
    throw new AwsError('ValidationError', message, { status: 400 })
  }
  const role = options.identities.role(roleArn)
  if (!role) throw new AwsError('NoSuchEntity', `There is no role ${roleArn}`, { status: 404 })
  if (!isAdministratorOf(caller, role.account, options)) {
    throw new AwsError('AccessDenied', `${callerArn(caller.principal)} is not the administrator of ${role.account}`, {
      status: 403,
    })
  }
  const session = options.sessions.createServiceSession(role, {
    sessionName,
    durationSeconds: ROLE_SESSION_SECONDS,
  })
  return json(200, {
    accessKeyId: session.accessKeyId,
    secretAccessKey: session.secretAccessKey,
    sessionToken: session.sessionToken,
    expiration: new Date(session.expiresAtMs).toISOString(),
  })
}

function isAdministratorOf(caller: Caller, account: AccountId, options: IntrospectionOptions): boolean {
  const administrator = options.administratorOf(account)?.principal
  return administrator !== undefined && callerArn(administrator) === callerArn(caller.principal)
}

function describe({ caller, checked, ...request }: RecordedRequest): object {
  return {
    ...request,
    caller: callerArn(caller.principal),
    account: caller.account,
    region: caller.region,
    sourceIp: caller.sourceIp,
    endpoint: caller.endpoint,
    userAgent: caller.userAgent,
    source: caller.source,
    calledVia: caller.calledVia,
    // What no API of AWS tells of a session.
    session: caller.session,
    permissions: checked.map(({ permission, decision }) => ({
      action: permission.action,
      resource: permission.resource,
      resourceAccount: permission.resourceAccount ?? caller.account,
      context: permission.context,
      resourceTags: permission.resourceTags,
      requestTags: permission.requestTags,
      decision,
    })),
  }
}

function isLoopbackHost(host: string | string[] | undefined): boolean {
  return typeof host === 'string' && isLoopback(host.replace(/:\d+$/, ''))
}

function json(status: number, body: unknown): WireResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(body)}\n` }
}
