/**
 * What an encoded authorization message says of a failure, in AWS's form: a list is an object with `items`, and a value an object with `value`.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
 */
import { parseArn } from '../core/arn.ts'
import type { CompiledPolicy, CompiledStatement } from './compile.ts'
import { explainDecision } from './explain.ts'
import type {
  ApplicablePolicies,
  AuthorizationRequest,
  ContextValue,
  Layer,
  Principal,
  StatementReference,
} from './model.ts'

interface List<Item> {
  readonly items: readonly Item[]
}

interface Value {
  readonly value: string
}

interface KeyWithValues {
  readonly key: string
  readonly values: List<Value>
}

export interface MatchedStatement {
  readonly statementId: string
  readonly effect: 'DENY'
  readonly principals: List<Value>
  readonly principalGroups: List<Value>
  readonly actions: List<Value>
  readonly resources: List<Value>
  readonly conditions: List<KeyWithValues>
}

export interface AuthorizationMessage {
  readonly allowed: boolean
  readonly explicitDeny: boolean
  readonly matchedStatements: List<MatchedStatement>
  readonly failures: List<never>
  readonly context: {
    readonly principal: { readonly id: string; readonly arn: string }
    readonly action: string
    readonly resource: string
    readonly conditions: List<KeyWithValues>
  }
}

export interface FailedRequest {
  readonly request: AuthorizationRequest
  readonly policies: ApplicablePolicies
  /** `aws:userid`: `AIDA…`, `AROA…:session`. */
  readonly principalId: string
  readonly principalArn: string
  /** The service's own keys of the request, in the case AWS documents: `ec2:InstanceType`. Those of the resource's ARN are added. */
  readonly keys: Readonly<Record<string, ContextValue>>
}

/** For a request that was denied; the statements are those that deny it, whichever policy they are in. */
export function authorizationMessage(failed: FailedRequest): AuthorizationMessage {
  const { request, policies, principalId, principalArn } = failed
  const { decision, blockers } = explainDecision(request, policies)
  const written = statementsByReference(policies)
  return {
    allowed: decision.outcome === 'allow',
    explicitDeny: decision.outcome === 'explicit_deny',
    matchedStatements: {
      items: blockers.flatMap(({ layer, statements }) =>
        statements.flatMap((reference) => {
          const statement = written.get(reference)
          return statement ? [matchedStatement(statement, layer, request.principal)] : []
        }),
      ),
    },
    failures: { items: [] },
    context: {
      principal: { id: principalId, arn: principalArn },
      action: request.action,
      resource: request.resource,
      conditions: { items: Object.entries({ ...keysOfResource(request.resource), ...failed.keys }).map(keyWithValues) },
    },
  }
}

/** EC2's way of saying no: the usual sentence between two of its own, the last of which is left out where there is no message. */
export function sentenceWithMessage(sentence: string, encoded: string | undefined): string {
  const rest = encoded === undefined ? '' : ` Encoded authorization failure message: ${encoded}`
  return `You are not authorized to perform this operation. ${sentence}.${rest}`
}

/** References are the very objects that were compiled. */
function statementsByReference(policies: ApplicablePolicies): ReadonlyMap<StatementReference, CompiledStatement> {
  const all: readonly (CompiledPolicy | undefined)[] = [
    ...policies.identity,
    policies.boundary,
    ...(policies.session ?? []),
    ...(policies.scps ?? []).flat(),
    ...(policies.rcps ?? []).flat(),
    ...(policies.endpoint ?? []),
    policies.resource,
  ]
  return new Map(
    all.flatMap((policy) => (policy?.statements ?? []).map((statement) => [statement.reference, statement])),
  )
}

/** FIDELITY: AWS's form of a negated element and of a condition within a statement has not been seen; both are told by their values. */
function matchedStatement(statement: CompiledStatement, layer: Layer, principal: Principal): MatchedStatement {
  const { action, resource, conditions, sid = '' } = statement.source
  return {
    statementId: sid,
    effect: 'DENY',
    principals: listOf(principalsOf(statement, layer, principal)),
    principalGroups: { items: [] },
    actions: listOf(action.values),
    resources: listOf(resource?.values ?? []),
    conditions: { items: conditions.map(({ key, values }) => ({ key, values: listOf(values) })) },
  }
}

/** A policy of the principal's own is about the principal, told by its unique id. */
function principalsOf({ source }: CompiledStatement, layer: Layer, principal: Principal): readonly string[] {
  if (source.principal)
    return [...(source.principal.anyone ? ['*'] : []), ...source.principal.aws, ...source.principal.service]
  if (layer !== 'identity' && layer !== 'boundary' && layer !== 'session') return []
  if (principal.kind === 'role-session') return [principal.roleId]
  return principal.kind === 'user' ? [principal.uniqueId] : []
}

/** As AWS takes an ARN apart: `instance/i-1` is a resource of the type `instance`. */
function keysOfResource(resource: string): Readonly<Record<string, string>> {
  const arn = parseArn(resource)
  if (!arn) return {}
  const type = /^[^/:]+(?=[/:])/.exec(arn.resource)?.[0]
  return {
    'aws:Account': arn.account,
    'aws:ARN': resource,
    'aws:Region': arn.region,
    'aws:Resource': arn.resource,
    'aws:Service': arn.service,
    ...(type !== undefined && { 'aws:Type': type }),
  }
}

function keyWithValues([key, value]: readonly [string, ContextValue]): KeyWithValues {
  return { key, values: listOf(typeof value === 'string' ? [value] : value) }
}

function listOf(values: readonly string[]): List<Value> {
  return { items: values.map((value) => ({ value })) }
}
