/** Changes in the caller's account: identity policies, the permissions boundary, session policies. */
import { awsCommand } from './aws-command.ts'
import type { Change, Obstacle } from './blockers.ts'
import type { Finding } from './evaluate.ts'
import type { AwsCommand } from './explanation.ts'
import { allowStatement, documentWith, withoutDenial, withStatement, type Call } from './policy-edits.ts'
import type { NamedPolicy } from './policy-sources.ts'
import { titleOf } from './read-function.ts'
import type { Situation } from './situation.ts'
import { nameOf, viewOf } from './statements.ts'

export function identityFixes(obstacle: Obstacle, situation: Situation): readonly Change[] {
  const { layer, outcome } = obstacle.blocker
  if (layer === 'session') return [sessionFix(situation)]
  if (outcome === 'explicit_deny') return obstacle.denying.map((finding) => denialFix(finding, situation))
  return [layer === 'boundary' ? boundaryFix(situation) : grantFix(situation)]
}

/** What is asked for, for the edits of a policy. */
export function callOf({ question, context }: Situation): Call {
  const arn = context.get('aws:principalarn')
  return {
    action: question.action,
    resource: question.resource,
    ...(typeof arn === 'string' && { principalArn: arn }),
  }
}

/** The caller in words: what shares its policies. */
export function callerTitle({ caller }: Situation): string {
  switch (caller.kind) {
    case 'anonymous':
      return 'callers that sign nothing'
    case 'service':
      return caller.service
    case 'root':
      return `the root user of ${caller.account}`
    case 'role':
    case 'user':
      return `${caller.kind} ${caller.name}`
  }
}

export function administratorOf(account: string | undefined): string {
  return `an administrator of ${account ?? 'the account'}`
}

function grantFix(situation: Situation): Change {
  const { caller, callee, callerAccount = '', sources } = situation
  const call = callOf(situation)
  const taken = new Set(sources.identity.policies.map(({ name }) => name))
  const wanted = (callee ? `invoke-${titleOf(callee.reference)}` : `allow-${call.action}`)
    .replaceAll(/[^\w+=,.@-]+/g, '-')
    .slice(0, NAME_CHARACTERS_MAX)
  const name = unusedName(wanted, taken)
  const isNamed = caller.kind === 'role' || caller.kind === 'user'
  const argv = isNamed
    ? ['iam', `put-${caller.kind}-policy`, `--${caller.kind}-name`, caller.name, '--policy-name', name]
    : []
  return {
    kind: 'needed',
    account: callerAccount,
    by: administratorOf(callerAccount),
    text: `allow ${call.action} on ${call.resource} to ${callerTitle(situation)}`,
    commands: isNamed
      ? [awsCommand(situation, callerAccount, [...argv, '--policy-document', documentWith([allowStatement(call)])])]
      : [],
    opens: [
      caller.kind === 'role'
        ? `every session of role ${caller.name}: all functions that run with it and whoever may assume it`
        : `every use of ${callerTitle(situation)}'s credentials`,
    ],
  }
}

const NAME_CHARACTERS_MAX = 100

export function unusedName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted
  for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`
  return name
}

function boundaryFix(situation: Situation): Change {
  const { sources, callerAccount = '' } = situation
  const call = callOf(situation)
  const [boundary] = sources.boundary.status === 'read' ? sources.boundary.policies : []
  const name = boundary?.arn ?? boundary?.name ?? ''
  const isOwn = boundary !== undefined && isCustomerManaged(boundary)
  const text = boundary && withStatement(boundary.document.source, allowStatement(call))
  return {
    kind: 'needed',
    account: callerAccount,
    by: `whoever sets permissions boundaries in ${callerAccount}`,
    text: isOwn
      ? `add a statement that allows ${call.action} on ${call.resource} to the boundary ${name}`
      : `set another boundary: ${name} is AWS's own and cannot be changed`,
    commands: isOwn && text !== undefined ? [newVersion(boundary, text, situation)] : [],
    opens: [
      `every role and user with this boundary may be given ${call.action} on ${call.resource}; each still needs a policy that allows it`,
    ],
  }
}

function sessionFix({ callerAccount, question }: Situation): Change {
  return {
    kind: 'needed',
    ...(callerAccount !== undefined && { account: callerAccount }),
    by: 'whoever assumes the role',
    text: `assume the role with session policies that allow ${question.action} on ${question.resource}, or with none; a session that exists cannot be changed`,
    commands: [],
    opens: ['whatever else the session policies kept this session from, when they are left out'],
  }
}

function denialFix(finding: Finding, situation: Situation): Change {
  const { policy, index } = finding
  const { context, callerAccount = '', question } = situation
  const edited = withoutDenial(policy.document.source, index, callOf(situation))
  const command = edited === undefined ? undefined : commandFor(policy, edited, situation)
  const name = nameOf(viewOf(finding, context))
  return {
    kind: 'needed',
    account: callerAccount,
    by: administratorOf(callerAccount),
    text: `narrow ${name}${policy.arn === undefined ? '' : `, ${policy.arn}`}, so that it no longer denies ${question.action} on ${question.resource}`,
    commands: command ? [command] : [],
    opens: [
      policy.owner.kind === 'role' || policy.owner.kind === 'user'
        ? `nothing by itself: ${callerTitle(situation)} also needs an allow`
        : `everybody that ${policy.name} applies to is denied this no longer; each also needs an allow`,
    ],
  }
}

/** Undefined when a policy cannot be changed by one command. */
function commandFor(policy: NamedPolicy, text: string, situation: Situation): AwsCommand | undefined {
  const { owner } = policy
  if (owner.kind === 'role' || owner.kind === 'user' || owner.kind === 'group') {
    const target = [`--${owner.kind}-name`, owner.name, '--policy-name', policy.name]
    return text === ''
      ? awsCommand(situation, owner.account, ['iam', `delete-${owner.kind}-policy`, ...target])
      : awsCommand(situation, owner.account, ['iam', `put-${owner.kind}-policy`, ...target, '--policy-document', text])
  }
  if (owner.kind !== 'managed' || text === '' || !isCustomerManaged(policy)) return undefined
  return newVersion(policy, text, situation)
}

function isCustomerManaged({ arn }: NamedPolicy): boolean {
  return arn !== undefined && !arn.includes(':iam::aws:')
}

function newVersion(policy: NamedPolicy, text: string, situation: Situation): AwsCommand {
  const argv = ['iam', 'create-policy-version', '--policy-arn', policy.arn ?? '', '--policy-document', text]
  return awsCommand(situation, policy.owner.account, [...argv, '--set-as-default'])
}
