/** The statement that a function's resource-based policy lacks, as a command. */
import { awsCommand } from './aws-command.ts'
import type { Change } from './blockers.ts'
import { isViaUrl, urlArguments } from './function-url.ts'
import { administratorOf, unusedName } from './identity-fixes.ts'
import { titleOf, type CalleeFunction } from './read-function.ts'
import type { Situation } from './situation.ts'

const STATEMENT_ID_CHARACTERS_MAX = 100

export function grantFix(callee: CalleeFunction, situation: Situation): Change {
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
    text: `grant ${question.action} on ${titleOf(callee.reference)} to ${principal === '*' ? 'everyone' : principal}${isViaUrl(situation) ? ' that comes through the function URL' : ''}`,
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
        ...urlArguments(situation),
      ]),
    ],
    opens: opensOf(situation, source.length > 0),
  }
}

export function functionArguments(
  { reference }: Pick<CalleeFunction, 'reference'>,
  { access }: Situation,
): readonly string[] {
  return [
    '--function-name',
    reference.name,
    ...(reference.qualifier === undefined ? [] : ['--qualifier', reference.qualifier]),
    ...(reference.region === access.region ? [] : ['--region', reference.region]),
  ]
}

export function grantee({ caller, context }: Situation): string {
  if (caller.kind === 'service') return caller.service
  if (caller.kind === 'root') return caller.account
  if (caller.kind === 'anonymous') return '*'
  const arn = context.get('aws:principalarn')
  return typeof arn === 'string' ? arn : ''
}

function statementId({ caller, question }: Situation): string {
  switch (caller.kind) {
    case 'anonymous':
      // As AWS's console names them.
      return question.action === 'lambda:InvokeFunctionUrl'
        ? 'FunctionURLAllowPublicAccess'
        : 'FunctionURLInvokeAllowPublicAccess'
    case 'service':
      return `${caller.service.split('.')[0] ?? ''}-may-call`
    case 'root':
      return `account-${caller.account}`
    case 'role':
    case 'user':
      return `${caller.name}-of-${caller.account}`
  }
}

export function opensOf(situation: Situation, hasSource: boolean): readonly string[] {
  const { caller, question } = situation
  const apis =
    question.action === 'lambda:InvokeFunction' && !isViaUrl(situation)
      ? ['synchronous, asynchronous and streaming calls alike: one action governs them all']
      : []
  switch (caller.kind) {
    case 'anonymous':
      return ['every request of anyone on the internet that comes to the URL']
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
