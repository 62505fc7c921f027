/** A situation judged by the policy engine: exactly its policies, and nothing else in the way. */
import { compilePolicy, type CompiledPolicy } from '../../policy/compile.ts'
import { decide } from '../../policy/decide.ts'
import type { AuthorizationRequest, Principal } from '../../policy/model.ts'
import { readPolicy } from '../../policy/parse.ts'
import { resourceStatement, sessionArn, type Caller } from './grant.ts'
import type { Situation } from './situations.ts'

/** Nobody's session has this name: a grant to one session does not cover it. */
const ANY_SESSION = '*'
const OWNERLESS = ''

export function evaluateSituation(situation: Situation): 'allowed' | 'denied' {
  const { identity, grants, call } = situation
  const statements = grants.filter(({ callee }) => callee.arn === call.callee.arn).map(resourceStatement)
  const allowed = identity.map(({ action, resource }) => ({ Effect: 'Allow', Action: action, Resource: resource }))
  const { outcome } = decide(requestOf(situation), {
    identity: allowed.length === 0 ? [] : [compile('identity policy', 'identity', allowed)],
    ...(statements.length > 0 && { resource: compile('function policy', 'resource', statements) }),
  })
  return outcome === 'allow' ? 'allowed' : 'denied'
}

export function requestOf({ caller, call }: Pick<Situation, 'caller' | 'call'>): AuthorizationRequest {
  const context = new Map(Object.entries(contextOf(caller)))
  return {
    principal: principalOf(caller),
    action: call.action,
    resource: call.callee.arn,
    resourceAccount: call.callee.account,
    context,
  }
}

function contextOf(caller: Caller): Readonly<Record<string, string>> {
  if (caller.kind === 'role') {
    return {
      'aws:principalarn': caller.roleArn,
      'aws:principalaccount': caller.account,
      'aws:principaltype': 'AssumedRole',
      'aws:principalisawsservice': 'false',
      'aws:securetransport': 'true',
      ...(caller.organizationId !== undefined && { 'aws:principalorgid': caller.organizationId }),
    }
  }
  const account = caller.sourceAccount ?? caller.sourceArn.split(':')[4] ?? OWNERLESS
  return {
    'aws:principalisawsservice': 'true',
    'aws:principalservicename': caller.service,
    'aws:sourcearn': caller.sourceArn,
    'aws:securetransport': 'true',
    ...(account !== OWNERLESS && { 'aws:sourceaccount': account }),
  }
}

function principalOf(caller: Caller): Principal {
  if (caller.kind === 'service') return { kind: 'service', service: caller.service }
  const sessionName = caller.sessionName ?? ANY_SESSION
  return {
    kind: 'role-session',
    account: caller.account,
    arn: sessionArn({ ...caller, sessionName }),
    roleArn: caller.roleArn,
    roleId: '',
    roleName: caller.roleName,
    sessionName,
    serviceLinked: false,
  }
}

function compile(name: string, kind: 'identity' | 'resource', statements: readonly object[]): CompiledPolicy {
  return compilePolicy(readPolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), kind), { name })
}
