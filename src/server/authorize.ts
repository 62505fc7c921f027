/** The authorize step: every layer of IAM over every permission an operation names. */
import type { Clock } from '../core/clock.ts'
import { authorizationMessage } from '../policy/authorization-message.ts'
import { compilePolicy, type CompiledPolicy } from '../policy/compile.ts'
import { decide } from '../policy/decide.ts'
import { denialMessage } from '../policy/denial.ts'
import type { ApplicablePolicies, AuthorizationRequest, Decision, Principal } from '../policy/model.ts'
import { readPolicy } from '../policy/parse.ts'
import { callerArn } from '../policy/principal-text.ts'
import { callerUserId, type Caller, type Session } from '../services/caller.ts'
import type {
  AuthorizationMessages,
  EndpointDirectory,
  IdentityDirectory,
  OrganizationDirectory,
} from '../services/directories.ts'
import type { Permission } from '../services/operation.ts'
import { createRequestContext } from '../services/request-context.ts'

export interface CheckedPermission {
  readonly permission: Permission
  readonly decision: Decision
}

export interface Authorizer {
  /** Stops at the first denial; the denied permission is then the last of the list. */
  check(caller: Caller, permissions: readonly Permission[]): readonly CheckedPermission[]
  /** AWS's sentence for a denied permission. */
  denial(caller: Caller, checked: CheckedPermission): string
  /** What only the account's administrators are told of it. Undefined for a denial that is about no resource. */
  encodedMessage(caller: Caller, checked: CheckedPermission): string | undefined
}

export function createAuthorizer(sources: {
  readonly identities: IdentityDirectory
  readonly organizations: OrganizationDirectory
  readonly endpoints: EndpointDirectory
  readonly clock: Clock
  readonly messages: AuthorizationMessages
}): Authorizer {
  const { identities, organizations, endpoints, messages } = sources
  const compiledSessions = new WeakMap<Session, readonly CompiledPolicy[]>()

  function sessionPolicies(session: Session | undefined): readonly CompiledPolicy[] | undefined {
    if (!session || session.policies.length === 0) return undefined
    let compiled = compiledSessions.get(session)
    if (!compiled) {
      compiled = session.policies.map(({ document, arn }, index) =>
        compilePolicy(readPolicy(document, 'session'), {
          name: `session policy ${index + 1}`,
          ...(arn !== undefined && { arn }),
        }),
      )
      compiledSessions.set(session, compiled)
    }
    return compiled
  }

  /**
   * Of the endpoint that the caller's own request came through; none of an endpoint that is gone allows nothing.
   * FIDELITY: what an endpoint's policy says of another service's actions (`iam:PassRole`) takes no part; AWS does not document whether it does.
   */
  function endpointPolicies(
    { endpoint, calledVia = [] }: Caller,
    { action }: Permission,
  ): readonly CompiledPolicy[] | undefined {
    if (!endpoint || calledVia.length > 0) return undefined
    const facts = endpoints.endpoint(endpoint.vpcEndpointId)
    if (!facts) return []
    return action.startsWith(`${facts.actionPrefix}:`) ? [facts.policy] : undefined
  }

  function requestOf(caller: Caller, permission: Permission): AuthorizationRequest {
    return {
      principal: caller.principal,
      action: permission.action,
      resource: permission.resource,
      resourceAccount: permission.resourceAccount ?? caller.account,
      context: createRequestContext(caller, permission, sources),
    }
  }

  function policiesFor(caller: Caller, permission: Permission): ApplicablePolicies {
    const principalAccount = accountOf(caller.principal)
    const { identity, boundary } = identities.policiesOf(caller.principal)
    const session = sessionPolicies(caller.session)
    const scps = principalAccount === undefined ? undefined : organizations.scpsOf(principalAccount)
    const rcps = organizations.rcpsOf(permission.resourceAccount ?? caller.account)
    const endpoint = endpointPolicies(caller, permission)
    return {
      identity,
      ...(boundary && { boundary }),
      ...(session && { session }),
      ...(scps && { scps }),
      ...(rcps && { rcps }),
      ...(endpoint && { endpoint }),
      ...(permission.resourcePolicy && { resource: permission.resourcePolicy }),
      ...(permission.resourceKind && { resourceKind: permission.resourceKind }),
    }
  }

  return {
    check(caller, permissions) {
      const checked: CheckedPermission[] = []
      for (const permission of permissions) {
        const decision = decide(requestOf(caller, permission), policiesFor(caller, permission))
        checked.push({ permission, decision })
        if (decision.outcome !== 'allow') break
      }
      return checked
    },
    denial: (caller, { permission, decision }) =>
      denialMessage({
        request: requestOf(caller, permission),
        decision,
        ...(permission.resourceText !== undefined && { resourceText: permission.resourceText }),
        ...(permission.actionText !== undefined && { actionText: permission.actionText }),
        ...(permission.denialReason === false && { form: 'without-reason' as const }),
      }),
    encodedMessage(caller, { permission }) {
      if (permission.resourceText === null) return undefined
      const message = authorizationMessage({
        request: requestOf(caller, permission),
        policies: policiesFor(caller, permission),
        principalId: callerUserId(caller.principal) ?? '',
        principalArn: callerArn(caller.principal),
        // FIDELITY: AWS writes these keys in the case it documents them in; here they are in lower case, as they are compared.
        keys: permission.context ?? {},
      })
      return messages.encode(caller.account, message)
    },
  }
}

function accountOf(principal: Principal): string | undefined {
  return 'account' in principal ? principal.account : undefined
}
