/** The call that just happened, as a running Isthmus recorded it under its request id. */
import { UserError } from '../../core/user-error.ts'
import type { ContextValue, Decision } from '../../policy/model.ts'
import type { Question, RecordedSession } from './question.ts'

export interface DecisionRecord {
  readonly operation: string
  readonly caller: string
  readonly account: string
  readonly error?: string
  readonly sourceIp?: string
  readonly userAgent?: string
  readonly calledVia?: readonly string[]
  readonly source?: { readonly arn: string; readonly account: string }
  readonly session?: RecordedSession & {
    readonly issuedAtMs: number
    readonly sourceIdentity?: string
    readonly multiFactorAuthenticated?: boolean
    readonly sourceFunctionArn?: string
  }
  readonly permissions: readonly {
    readonly action: string
    readonly resource: string
    readonly resourceAccount: string
    readonly context?: Readonly<Record<string, ContextValue>>
    readonly resourceTags?: Readonly<Record<string, string>>
    readonly requestTags?: Readonly<Record<string, string>>
    readonly decision: Decision
  }[]
}

/** Throws `UserError` when the request is not known, or nothing was decided about it. */
export async function questionOfRequest(
  endpoint: string,
  requestId: string,
  given: ReadonlyMap<string, ContextValue>,
): Promise<Question> {
  const record = await readDecision(endpoint, requestId)
  if (record === undefined) {
    throw new UserError(`No recent request has the id \`${requestId}\``, {
      hint: 'Paste the error message instead; Isthmus forgets the oldest requests, and all of them when it ends',
    })
  }
  return questionOf(requestId, record, given)
}

/** Undefined when the request is not known, or no longer. Throws `UserError` where the cloud does not answer. */
export async function readDecision(endpoint: string, requestId: string): Promise<DecisionRecord | undefined> {
  const response = await fetch(`${endpoint}/_isthmus/decisions/${encodeURIComponent(requestId)}`)
  if (response.status === 404) return undefined
  if (!response.ok) throw new UserError(`The request \`${requestId}\` cannot be read: ${await response.text()}`)
  return (await response.json()) as DecisionRecord
}

function questionOf(requestId: string, record: DecisionRecord, given: ReadonlyMap<string, ContextValue>): Question {
  // The last permission is the one that was denied, if any was.
  const decided = record.permissions.at(-1)
  if (!decided) {
    throw new UserError(
      `Nothing was decided about \`${requestId}\`: ${record.error ?? 'the cloud runs with --auth off'}`,
    )
  }
  const { outcome } = decided.decision
  const { session, error } = record
  return {
    caller: { principal: record.caller },
    action: decided.action,
    resource: decided.resource,
    resourceAccount: decided.resourceAccount,
    ...(record.operation === 'InvokeAsync' && { type: 'invoke-async' as const }),
    // Lambda refuses nothing else with this error once the policies permit the call.
    wantsLog: record.operation === 'Invoke' && outcome === 'allow' && error === 'AccessDeniedException',
    context: new Map([...contextOf(record), ...contextOfPermission(decided), ...given]),
    answered: {
      requestId,
      outcome,
      ...(error !== undefined && { error }),
      session: { policies: session?.policies ?? [], tags: session?.tags ?? {} },
      isContextComplete: true,
    },
  }
}

function contextOfPermission(permission: DecisionRecord['permissions'][number]): Map<string, ContextValue> {
  const { context = {}, resourceTags = {}, requestTags } = permission
  const tags = (prefix: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([key, value]) => [`${prefix}/${key.toLowerCase()}`, value] as const)
  return new Map<string, ContextValue>([
    ...Object.entries(context),
    ...tags('aws:resourcetag', resourceTags),
    ...tags('aws:requesttag', requestTags ?? {}),
    ...(requestTags ? [['aws:tagkeys', Object.keys(requestTags)] as const] : []),
  ])
}

function contextOf({ sourceIp, userAgent, calledVia, source, session }: DecisionRecord): Map<string, ContextValue> {
  const values: Readonly<Record<string, ContextValue | undefined>> = {
    'aws:sourceip': sourceIp,
    'aws:useragent': userAgent,
    'aws:viaawsservice': calledVia && String(calledVia.length > 0),
    'aws:calledvia': calledVia,
    'aws:calledviafirst': calledVia?.[0],
    'aws:calledvialast': calledVia?.at(-1),
    'aws:sourcearn': source?.arn,
    'aws:sourceaccount': source?.account,
    'aws:tokenissuetime': session && `${new Date(session.issuedAtMs).toISOString().slice(0, 19)}Z`,
    'aws:multifactorauthpresent': session && String(session.multiFactorAuthenticated ?? false),
    'aws:sourceidentity': session?.sourceIdentity,
    'lambda:sourcefunctionarn': session?.sourceFunctionArn,
  }
  return new Map(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
}
