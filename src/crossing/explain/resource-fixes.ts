/** Changes in the account that owns the resource: the function's resource-based policy, a role's trust policy. */
import { explainDecision } from '../../policy/explain.ts'
import { isUniqueId } from '../../policy/principal-set.ts'
import { compilePolicy } from '../../policy/compile.ts'
import { awsCommand } from './aws-command.ts'
import type { Change, Obstacle, Remedy } from './blockers.ts'
import { requestOf, type Evaluation, type Finding } from './evaluate.ts'
import type { AwsCommand, Fact } from './explanation.ts'
import { administratorOf, callOf, callerTitle, unusedName } from './identity-fixes.ts'
import { isInvocation } from './lambda-state.ts'
import { withExemption, withStatement } from './policy-edits.ts'
import { readSiblings, titleOf, type CalleeFunction, type Sibling } from './read-function.ts'
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

const STATEMENT_ID_CHARACTERS_MAX = 100

function grantFix(callee: CalleeFunction, situation: Situation): Change {
  const { caller, context, question, resourceAccount: account } = situation
  const principal = grantee(situation)
  const sourceArn = caller.kind === 'service' ? context.get('aws:sourcearn') : undefined
  const sourceAccount = caller.kind === 'service' ? context.get('aws:sourceaccount') : undefined
  const source = [
    ...(typeof sourceArn === 'string' ? ['--source-arn', sourceArn] : []),
    ...(typeof sourceAccount === 'string' ? ['--source-account', sourceAccount] : []),
  ]
  const taken = new Set(
    callee.policy.known
      ? (callee.policy.value?.document.statements ?? []).flatMap(({ sid }) => (sid === undefined ? [] : [sid]))
      : [],
  )
  const id = unusedName(
    statementId(situation)
      .replaceAll(/[^\w-]+/g, '-')
      .slice(0, STATEMENT_ID_CHARACTERS_MAX),
    taken,
  )
  return {
    kind: 'needed',
    account,
    by: administratorOf(account),
    text: `grant ${question.action} on ${titleOf(callee.reference)} to ${principal}`,
    commands: [
      awsCommand(situation, account, [
        'lambda',
        'add-permission',
        ...functionArguments(callee, situation),
        '--statement-id',
        id,
        '--action',
        question.action,
        '--principal',
        principal,
        ...source,
      ]),
    ],
    opens: opensOf(situation, source.length > 0),
  }
}

function functionArguments({ reference }: Pick<CalleeFunction, 'reference'>, { access }: Situation): readonly string[] {
  return [
    '--function-name',
    reference.name,
    ...(reference.qualifier === undefined ? [] : ['--qualifier', reference.qualifier]),
    ...(reference.region === access.region ? [] : ['--region', reference.region]),
  ]
}

function grantee({ caller, context }: Situation): string {
  if (caller.kind === 'service') return caller.service
  if (caller.kind === 'root') return caller.account
  const arn = context.get('aws:principalarn')
  return typeof arn === 'string' ? arn : ''
}

function statementId({ caller }: Situation): string {
  switch (caller.kind) {
    case 'service':
      return `${caller.service.split('.')[0] ?? ''}-may-call`
    case 'root':
      return `account-${caller.account}`
    case 'role':
    case 'user':
      return `${caller.name}-of-${caller.account}`
  }
}

function opensOf(situation: Situation, hasSource: boolean): readonly string[] {
  const { caller, question } = situation
  const apis =
    question.action === 'lambda:InvokeFunction'
      ? ['synchronous, asynchronous and streaming calls alike: one action governs them all']
      : []
  switch (caller.kind) {
    case 'role':
      return [`every session of role ${caller.name} whose own account allows the call, not only this one`, ...apis]
    case 'user':
      return [`every call that user ${caller.name} makes, if the account of the user allows it`, ...apis]
    case 'root':
      return [`every principal of account ${caller.account} that a policy there allows the call`, ...apis]
    case 'service':
      return hasSource
        ? []
        : [
            `${caller.service} on behalf of any account: name the source with --context aws:SourceArn=… to narrow the grant`,
          ]
  }
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

function callInvokeInstead(situation: Situation): Change {
  const explained = explainDecision(
    { ...requestOf(situation, situation.principal), action: 'lambda:InvokeFunction' },
    policiesIn('least-permissive', situation.sources, situation.context),
  )
  const isAllowed = explained.decision.outcome === 'allow'
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
