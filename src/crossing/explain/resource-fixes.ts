/** Changes in the account that owns the resource: the function's resource-based policy, a role's trust policy. */
import { explainDecision } from '../../policy/explain.ts'
import { isUniqueId } from '../../policy/principal-set.ts'
import { compilePolicy } from '../../policy/compile.ts'
import { awsCommand } from './aws-command.ts'
import type { Change, Obstacle, Remedy } from './blockers.ts'
import { requestOf, type Evaluation, type Finding } from './evaluate.ts'
import type { AwsCommand, Fact } from './explanation.ts'
import { behindUrl } from './function-url.ts'
import { functionArguments, grantee, grantFix, opensOf } from './grant-fix.ts'
import { administratorOf, callOf, callerTitle } from './identity-fixes.ts'
import { isInvocation } from './lambda-state.ts'
import { withExemption, withStatement } from './policy-edits.ts'
import { readSiblings, type CalleeFunction, type Sibling } from './read-function.ts'
import type { Situation } from './situation.ts'
import { nameOf, viewOf } from './statements.ts'
import { policiesIn } from './worlds.ts'

export async function resourceFixes(obstacle: Obstacle, situation: Situation, evaluation: Evaluation): Promise<Remedy> {
  if (obstacle.blocker.outcome === 'explicit_deny') {
    return { changes: obstacle.denying.map((finding) => denialFix(finding, situation)) }
  }
  const { callee } = situation
  if (!callee) return { changes: [trustFix(situation)] }
  const changes: Change[] = [grantFix(callee, situation)]
  const facts: Fact[] = []
  if (situation.question.action === 'lambda:InvokeFunctionUrl') {
    const { fact, invocation } = behindUrl(situation)
    facts.push(fact)
    if (!isGranted(invocation)) changes.push(grantFix(callee, invocation))
  }
  for (const finding of obstacle.findings.filter((found) => namesDeadId(found))) {
    const { fact, change } = deadPrincipal(finding, callee, situation)
    facts.push(fact)
    changes.push(change)
  }
  if (situation.question.action === 'lambda:InvokeAsync') {
    facts.push(INVOKE_ASYNC)
    changes.push(callInvokeInstead(situation))
  }
  if (isInvocation(situation.question.action)) {
    for (const sibling of await readSiblings(callee, situation.reader)) {
      const remedy = siblingRemedy(sibling, callee, situation, evaluation)
      facts.push(...(remedy.facts ?? []))
      changes.push(...remedy.changes)
    }
  }
  return { changes, facts }
}

function namesDeadId({ statement, explanation }: Finding): boolean {
  return (
    statement.effect === 'Allow' &&
    explanation.matchesAction &&
    !explanation.matchesPrincipal &&
    (statement.principal?.aws ?? []).some(isUniqueId)
  )
}

function deadPrincipal(
  finding: Finding,
  callee: CalleeFunction,
  situation: Situation,
): { readonly fact: Fact; readonly change: Change } {
  const { resourceAccount: account, principal } = situation
  const name = nameOf(viewOf(finding, situation.context))
  const ids = (finding.statement.principal?.aws ?? []).filter(isUniqueId)
  const now =
    principal.kind === 'role-session' && principal.roleId !== '' ? `; ${principal.roleName} is ${principal.roleId}` : ''
  const { sid } = finding.statement
  return {
    fact: {
      id: 'dead-principal',
      text: `${name} names ${ids.join(', ')}, which is gone${now}. A policy keeps the unique id of the role it was given, and a role that is deleted and created again has another one`,
    },
    change: {
      kind: 'tidying',
      account,
      by: administratorOf(account),
      text: `${name} grants nobody anything any more`,
      commands: sid === undefined ? [] : [removePermission(sid, callee, situation)],
      opens: [],
    },
  }
}

function removePermission(sid: string, callee: CalleeFunction, situation: Situation): AwsCommand {
  const target = functionArguments(callee, situation)
  return awsCommand(situation, situation.resourceAccount, [
    'lambda',
    'remove-permission',
    ...target,
    '--statement-id',
    sid,
  ])
}

const INVOKE_ASYNC: Fact = {
  id: 'invoke-async',
  text: 'lambda:InvokeAsync governs only the deprecated InvokeAsync API; Invoke needs lambda:InvokeFunction, with InvocationType Event too',
}

/** Whatever is not known. */
function isGranted(situation: Situation): boolean {
  const policies = policiesIn('least-permissive', situation.sources, situation.context)
  return explainDecision(requestOf(situation, situation.principal), policies).decision.outcome === 'allow'
}

function callInvokeInstead(situation: Situation): Change {
  const { question } = situation
  const isAllowed = isGranted({ ...situation, question: { ...question, action: 'lambda:InvokeFunction' } })
  return callerChange(
    situation,
    `call Invoke with InvocationType Event instead of InvokeAsync: it needs lambda:InvokeFunction${isAllowed ? ', which is allowed already' : ''}`,
  )
}

function callerChange({ callerAccount }: Situation, text: string): Change {
  return {
    kind: 'alternative',
    ...(callerAccount !== undefined && { account: callerAccount }),
    by: 'whoever writes the caller',
    text,
    commands: [],
    opens: [],
  }
}

/** The grant that exists, on another qualifier than the one that is called. */
function siblingRemedy(
  { reference, policy }: Sibling,
  callee: CalleeFunction,
  situation: Situation,
  { read }: Evaluation,
): Remedy {
  const policies = policiesIn('read', situation.sources, situation.context)
  const compiled = compilePolicy(policy.document, { name: policy.name })
  const request = requestOf(situation, situation.principal, reference.arn)
  const explained = explainDecision(request, { ...policies, resource: compiled })
  const granting = explained.layers
    .find(({ layer }) => layer === 'resource')
    ?.statements.find(({ effect, applies }) => effect === 'Allow' && applies)
  if (!granting) return { changes: [] }
  const { sid, index } = granting.reference
  const statement = nameOf({ policy: policy.name, ...(sid !== undefined && { sid }), index })
  const called = callee.reference.qualifier ?? 'unqualified'
  const granted = reference.qualifier ?? 'the unqualified function'
  const isAllowed = explained.decision.outcome === 'allow'
  const others = explained.blockers.filter(({ layer }) => !read.blockers.some((known) => known.layer === layer))
  const rest = isAllowed
    ? ''
    : others.length > 0
      ? "; the caller's own policies do not allow that one yet"
      : '; the other blockers remain'
  return {
    facts: [
      {
        id: 'sibling-grant',
        text: `granted on ${granted}, called ${called === 'unqualified' ? called : `on ${called}`}: ${statement} grants it. The grants of a function, of its versions and of its aliases are separate, and only the one of the very qualifier that is called counts`,
      },
    ],
    changes: [callerChange(situation, `call ${reference.arn}, which ${statement} grants${rest}`)],
  }
}

function denialFix(finding: Finding, situation: Situation): Change {
  const { policy, statement, index } = finding
  const { context, callee, resourceAccount: account } = situation
  const name = nameOf(viewOf(finding, context))
  const call = callOf(situation)
  const { sid, principal } = statement
  const isForCallerOnly =
    principal !== undefined && !principal.anyone && principal.aws.length === 1 && principal.aws[0] === call.principalArn
  const canBeRemoved = isForCallerOnly && sid !== undefined && callee !== undefined && !principal.negated
  const text = withExemption(policy.document.source, index, call)
  return {
    kind: 'needed',
    account,
    by: administratorOf(account),
    text: canBeRemoved ? `remove ${name}, which is about this caller only` : `spare the caller in ${name}`,
    commands: canBeRemoved
      ? [removePermission(sid, callee, situation)]
      : text === undefined
        ? []
        : [replacePolicy(finding, text, situation)],
    opens: [`whatever else that statement denies to ${callerTitle(situation)}; it also needs an allow`],
  }
}

function replacePolicy({ policy }: Finding, text: string, situation: Situation): AwsCommand {
  const { owner } = policy
  return owner.kind === 'trust'
    ? awsCommand(situation, owner.account, trustArguments(owner.name, text))
    : awsCommand(situation, owner.account, [
        'lambda',
        'put-resource-policy',
        '--resource-arn',
        owner.kind === 'function' ? owner.arn : '',
        '--policy',
        text,
      ])
}

function trustArguments(role: string, text: string): readonly string[] {
  return ['iam', 'update-assume-role-policy', '--role-name', role, '--policy-document', text]
}

function trustFix(situation: Situation): Change {
  const { sources, resourceAccount: account, question } = situation
  const [policy] = sources.resource.status === 'read' ? sources.resource.policies : []
  const principal = grantee(situation)
  const statement = {
    Effect: 'Allow',
    Principal: situation.caller.kind === 'service' ? { Service: principal } : { AWS: principal },
    Action: question.action,
  }
  return {
    kind: 'needed',
    account,
    by: administratorOf(account),
    text:
      policy?.owner.kind === 'trust'
        ? `let ${principal} assume the role`
        : `grant ${question.action} on ${question.resource} to ${principal} in the policy of the resource`,
    commands:
      policy?.owner.kind === 'trust'
        ? [
            awsCommand(
              situation,
              account,
              trustArguments(policy.owner.name, withStatement(policy.document.source, statement)),
            ),
          ]
        : [],
    opens: opensOf(situation, false),
  }
}
