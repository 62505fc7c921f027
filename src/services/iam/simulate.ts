/** One simulated request: what every layer says of an action on a resource, in the simulator's terms. */
import type * as sdk from '@aws-sdk/client-iam'

import { isAccountId } from '../../core/account.ts'
import { parseArn } from '../../core/arn.ts'
import type { CompiledPolicy } from '../../policy/compile.ts'
import { contextKeysOf } from '../../policy/context-keys.ts'
import { explainDecision, type Explanation } from '../../policy/explain.ts'
import type { Layer, Outcome, Principal, RequestContext } from '../../policy/model.ts'
import { statementPositions } from '../../policy/statement-positions.ts'
import type { SimulatedPolicy } from './simulated-policies.ts'

export interface Simulation {
  readonly principal: Principal
  readonly account: string
  readonly identity: readonly SimulatedPolicy[]
  readonly boundary?: SimulatedPolicy | undefined
  readonly resource?: SimulatedPolicy | undefined
  readonly scps?: readonly (readonly CompiledPolicy[])[] | undefined
  /** Of resources whose ARN does not say. */
  readonly resourceOwner?: string | undefined
  readonly context: RequestContext
}

export interface SimulatedRequest {
  readonly decision: sdk.PolicyEvaluationDecisionType
  readonly matched: readonly sdk.Statement[]
  readonly allowedByOrganizations?: boolean
  readonly allowedByBoundary?: boolean
  /** Of a cross-account request: what each kind of policy says. */
  readonly details?: Readonly<Record<string, sdk.PolicyEvaluationDecisionType>>
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html */
export function simulateRequest(simulation: Simulation, action: string, resource: string): SimulatedRequest {
  const { principal, account, context, identity, boundary, scps } = simulation
  const resourcePolicy = isTrustDecision(action) ? undefined : simulation.resource
  const resourceAccount = resourcePolicy ? ownerOf(resource, simulation) : account
  const explanation = explainDecision(
    { principal, action, resource, resourceAccount, context },
    {
      identity: identity.map(({ compiled }) => compiled),
      ...(boundary && { boundary: boundary.compiled }),
      ...(resourcePolicy && { resource: resourcePolicy.compiled }),
      ...(scps && { scps }),
    },
  )
  const outcomeOf = (layer: Layer): Outcome | undefined =>
    explanation.layers.find((candidate) => candidate.layer === layer)?.outcome
  const scp = scps && outcomeOf('scp')
  const isAcross = resourceAccount !== account
  return {
    decision: DECISIONS[explanation.decision.outcome],
    matched: matchedStatements(explanation, simulation),
    ...(scps && { allowedByOrganizations: scp !== 'explicit_deny' && scp !== 'implicit_deny' }),
    ...(boundary && { allowedByBoundary: outcomeOf('boundary') === 'allow' }),
    ...(isAcross &&
      scp !== 'explicit_deny' &&
      scp !== 'implicit_deny' && {
        details: {
          'IAM Policy': DECISIONS[outcomeOf('identity') ?? 'implicit_deny'],
          'Resource Policy': DECISIONS[outcomeOf('resource') ?? 'implicit_deny'],
        },
      }),
  }
}

/** The simulator leaves a resource policy out of these, whatever it says: https://github.com/aws/aws-cli/issues/10314 */
function isTrustDecision(action: string): boolean {
  return action.toLowerCase().startsWith('sts:assume')
}

const DECISIONS = { allow: 'allowed', explicit_deny: 'explicitDeny', implicit_deny: 'implicitDeny' } as const

/** FIDELITY: without a resource policy AWS does not say whose resource it takes another account's to be; here the caller's own. */
function ownerOf(resource: string, { resourceOwner, account }: Simulation): string {
  const written = parseArn(resource)?.account ?? ''
  return isAccountId(written) ? written : (resourceOwner ?? account)
}

/** A denial is told by the statements that deny and nothing else. SCPs and boundaries are told of separately. */
function matchedStatements({ layers, decision }: Explanation, simulation: Simulation): readonly sdk.Statement[] {
  if (decision.outcome === 'implicit_deny') return []
  const effect = decision.outcome === 'allow' ? 'Allow' : 'Deny'
  const policies = [...(simulation.resource ? [simulation.resource] : []), ...simulation.identity]
  const positions = new Map(policies.map(({ id, document }) => [id, statementPositions(document.source)]))
  const told = layers.filter(({ layer }) => layer === 'identity' || layer === 'resource')
  return told.flatMap(({ statements }) =>
    statements
      .filter((statement) => statement.applies && statement.effect === effect)
      .map(({ reference }): sdk.Statement => {
        const policy = policies.find(({ id }) => id === reference.policyName)
        const position = positions.get(reference.policyName)?.[reference.index]
        return {
          SourcePolicyId: reference.policyName,
          ...(policy && { SourcePolicyType: policy.type as sdk.PolicySourceType }),
          ...(position && {
            StartPosition: { Line: position.start.line, Column: position.start.column },
            EndPosition: { Line: position.end.line, Column: position.end.column },
          }),
        }
      }),
  )
}

/** What the policies ask about and nobody has said. Those of SCPs are not told. */
export function missingKeys({ identity, boundary, resource, context }: Simulation): readonly string[] {
  const policies = [...identity, ...(boundary ? [boundary] : []), ...(resource ? [resource] : [])]
  const asked = contextKeysOf(policies.map(({ document }) => document))
  return asked.filter((key) => context.get(key.toLowerCase()) === undefined)
}
