/** What `isthmus explain` does: finds out which call is meant, explains it, and shows the explanation. */
import { parseArn } from '../core/arn.ts'
import { isAccountId } from '../core/account.ts'
import { UserError } from '../core/user-error.ts'
import { functionReference, parseFunctionReference, type FunctionReference } from '../crossing/crossing.ts'
import { parseCallerName } from '../crossing/explain/caller-name.ts'
import { questionOfRequest } from '../crossing/explain/decision-record.ts'
import { LOG_ACCESS_DENIED, readDenialMessage } from '../crossing/explain/denial-message.ts'
import { explainCall } from '../crossing/explain/explain.ts'
import { accountOfArn, ACTIONS, parseContext, type Question } from '../crossing/explain/question.ts'
import { findAws, type AwsAtHand } from './aws-at-hand.ts'
import type { ExplainCommandOptions } from './commands/explain.ts'
import { EXIT_CHECK_FAILED, EXIT_OK } from './exit-codes.ts'
import { showExplanation } from './explanation-view.ts'
import type { Output } from './terminal/output.ts'

/** Answers the exit code. Throws `UserError`. */
export async function runExplain(
  what: string | undefined,
  options: ExplainCommandOptions,
  output: Output,
): Promise<number> {
  requireOneForm(what, options)
  const aws = await findAws({
    project: undefined,
    options,
    onNotice: (text) => output.note(text),
    onStep: () => undefined,
  })
  try {
    const question = await questionOf(what, options, aws)
    const explanation = await explainCall({
      access: aws.access,
      profiles: new Map([...aws.accounts].map(([name, id]) => [id, name])),
      question,
      dryRun: options.dryRunCall === true,
      now: new Date(),
    })
    if (options.json) output.line(JSON.stringify(explanation))
    else showExplanation(explanation, { output, accounts: aws.accounts })
    return explanation.verdict === 'allowed' ? EXIT_OK : EXIT_CHECK_FAILED
  } finally {
    await aws.close()
  }
}

function requireOneForm(what: string | undefined, options: ExplainCommandOptions): void {
  const { from, to, principal, action, resource, type, logType, dryRunCall } = options
  const pair = [from, to].filter((option) => option !== undefined)
  const triple = [principal, action, resource].filter((option) => option !== undefined)
  const forms = [what === undefined ? 0 : 1, pair.length > 0 ? 1 : 0, triple.length > 0 ? 1 : 0]
  if (forms.reduce((sum, form) => sum + form, 0) !== 1) {
    throw new UserError(
      'Expected a request id, an AccessDenied message, --from and --to, or --principal, --action and --resource',
      {
        hint: 'isthmus explain --help',
      },
    )
  }
  if (pair.length === 1) throw new UserError('--from and --to go together')
  if (triple.length === 1 || triple.length === 2)
    throw new UserError('--principal, --action and --resource go together')
  if (pair.length === 0 && (type !== undefined || logType !== undefined || dryRunCall)) {
    throw new UserError('--type, --log-type and --dry-run-call go with --from and --to')
  }
}

async function questionOf(what: string | undefined, options: ExplainCommandOptions, aws: AwsAtHand): Promise<Question> {
  const context = parseContext(options.context ?? [])
  if (what !== undefined) return questionAbout(what.trim(), context, aws)
  if (options.from !== undefined) return questionOfPair(options.from, options.to ?? '', { options, context, aws })
  const { principal = '', action = '', resource = '' } = options
  if (!/^[\w-]+:\w+$/.test(action))
    throw new UserError(`\`${action}\` is not an action, expected such as lambda:InvokeFunction`)
  if (resource !== '*' && parseArn(resource) === undefined) throw new UserError(`\`${resource}\` is not an ARN`)
  parseCallerName(principal)
  return { caller: { principal }, action, resource, resourceAccount: accountOfArn(resource) ?? '', context }
}

const REQUEST_ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

async function questionAbout(what: string, context: Question['context'], aws: AwsAtHand): Promise<Question> {
  if (REQUEST_ID.test(what)) {
    const { endpoint } = aws.access
    if (endpoint !== undefined) return questionOfRequest(endpoint, what, context)
    throw new UserError('AWS tells nobody what it decided about a request', { hint: 'Paste the error message instead' })
  }
  const message = readDenialMessage(what)
  if (message) {
    const { caller, action, resource = '*', outcome, blames } = message
    parseCallerName(caller)
    const answered = { outcome, ...(blames !== undefined && { blames }), isContextComplete: false }
    return {
      caller: { principal: caller },
      action,
      resource,
      resourceAccount: accountOfArn(resource) ?? '',
      context,
      answered,
    }
  }
  if (what.includes(LOG_ACCESS_DENIED)) {
    throw new UserError('Lambda shows the log only to callers of its own account: call without LogType=Tail', {
      hint: 'This message names neither caller nor callee; for the rest, ask with --from and --to and --log-type Tail',
    })
  }
  throw new UserError(`\`${what}\` is neither a request id nor an AccessDenied message`, {
    hint: 'Such a message says: User: … is not authorized to perform: … on resource: …',
  })
}

function questionOfPair(
  from: string,
  to: string,
  {
    options,
    context,
    aws,
  }: { readonly options: ExplainCommandOptions; readonly context: Question['context']; readonly aws: AwsAtHand },
): Question {
  const names = { region: aws.access.region, accounts: aws.accounts }
  const service = parseArn(from)?.service
  const isPrincipal = service === 'iam' || service === 'sts'
  const caller = isPrincipal ? { principal: from } : { function: parseFunctionReference(from, names) }
  const account = 'function' in caller ? caller.function.account : (accountOfArn(from) ?? '')
  const { reference, isBareName } = calleeOf(to, account, aws)
  const type = options.type ?? 'sync'
  return {
    caller,
    action: ACTIONS[type],
    resource: reference.arn,
    resourceAccount: reference.account,
    type,
    wantsLog: options.logType === 'Tail',
    isBareName,
    context,
  }
}

/** As Lambda reads it: without an account the name belongs to the caller's. */
function calleeOf(
  text: string,
  callerAccount: string,
  { access, accounts }: AwsAtHand,
): { readonly reference: FunctionReference; readonly isBareName: boolean } {
  const [first = '', qualifier, ...rest] = text.split(':')
  const isBareName = rest.length === 0 && first !== '' && !accounts.has(first) && !isAccountId(first) && first !== 'arn'
  return isBareName
    ? {
        reference: functionReference({ account: callerAccount, region: access.region, name: first, qualifier }),
        isBareName,
      }
    : { reference: parseFunctionReference(text, { region: access.region, accounts }), isBareName }
}
