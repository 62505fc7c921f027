/**
 * What Lambda itself says to a call that is permitted.
 * https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
import type { FactId, Fix } from './explanation.ts'
import { awsCommand } from './aws-command.ts'
import { titleOf } from './read-function.ts'
import type { Situation } from './situation.ts'

export interface LambdaRefusal {
  readonly short: string
  readonly text: string
  readonly fact?: FactId
  /** Nothing can be granted on what is not there. */
  readonly isMissing?: boolean
  /** AWS answers AccessDeniedException. */
  readonly isDenial: boolean
  readonly fix: Omit<Fix, 'blocker'>
}

const INVOCATIONS: ReadonlySet<string> = new Set(['lambda:InvokeFunction', 'lambda:InvokeAsync'])
/** An inactive function is brought back by the call. */
const STATES_THAT_ANSWER: ReadonlySet<string> = new Set(['Active', 'Inactive'])

export function isInvocation(action: string): boolean {
  return INVOCATIONS.has(action)
}

/** In the order in which Lambda looks at them. */
export function lambdaRefusals(situation: Situation): readonly LambdaRefusal[] {
  const { callee, question } = situation
  if (!callee || !isInvocation(question.action)) return []
  return [...logRefusals(situation), ...stateRefusals(situation), ...concurrencyRefusals(situation)]
}

function logRefusals({ question, callerAccount, resourceAccount }: Situation): readonly LambdaRefusal[] {
  if (question.wantsLog !== true || callerAccount === resourceAccount) return []
  return [
    {
      short: 'LogType=Tail is refused',
      text: 'Lambda shows the log only to callers of its own account: LogType=Tail across accounts is answered with AccessDeniedException, whatever the policies allow',
      fact: 'log-tail',
      isDenial: true,
      fix: {
        kind: 'needed',
        ...(callerAccount !== undefined && { account: callerAccount }),
        by: 'whoever writes the caller',
        text: "call without LogType=Tail; read the log in the owner's account",
        commands: [],
        opens: [],
      },
    },
  ]
}

function stateRefusals({ callee, resourceAccount: account }: Situation): readonly LambdaRefusal[] {
  if (!callee?.state.known) return []
  const { reference, state } = callee
  const owner = { kind: 'needed', account, by: `an administrator of ${account}`, commands: [], opens: [] } as const
  if (state.value === undefined) {
    const text = `there is no function ${reference.name} in account ${account}`
    return [
      {
        short: 'there is none',
        text,
        isMissing: true,
        isDenial: false,
        fix: { ...owner, text: 'deploy it, or correct its name' },
      },
    ]
  }
  if (!state.value.hasQualifier) {
    const { name, qualifier = '' } = reference
    const text = `function ${name} has no version or alias ${qualifier}`
    const create = { ...owner, text: `create the alias ${qualifier}, or correct the qualifier` }
    return [{ short: `no version or alias ${qualifier}`, text, isMissing: true, isDenial: false, fix: create }]
  }
  if (STATES_THAT_ANSWER.has(state.value.state)) return []
  const reason = state.value.reason === undefined ? '' : ` (${state.value.reason})`
  const isPending = state.value.state === 'Pending'
  return [
    {
      short: state.value.state,
      text: `function ${titleOf(reference)} is ${state.value.state}, not Active${reason}`,
      fact: 'not-active',
      isDenial: false,
      fix: {
        ...owner,
        text: isPending ? 'wait until it is Active' : 'repair the function: its state reason says what failed',
      },
    },
  ]
}

function concurrencyRefusals(situation: Situation): readonly LambdaRefusal[] {
  const { callee, question, resourceAccount: account } = situation
  if (!callee?.reservedConcurrency.known || callee.reservedConcurrency.value !== 0) return []
  const { name } = callee.reference
  const then =
    question.type === 'async' || question.type === 'invoke-async'
      ? 'the event is accepted and never runs'
      : 'every call is answered with TooManyRequestsException (ReservedFunctionConcurrentInvocationLimitExceeded)'
  const argv = ['lambda', 'delete-function-concurrency', '--function-name', name]
  return [
    {
      short: 'its reserved concurrency is zero',
      text: `the reserved concurrency of ${name} is zero: ${then}`,
      fact: 'zero-concurrency',
      isDenial: false,
      fix: {
        kind: 'needed',
        account,
        by: `an administrator of ${account}`,
        text: 'let the function use the unreserved concurrency of its account, or reserve some with put-function-concurrency',
        commands: [awsCommand(situation, account, argv)],
        opens: [
          'every caller and trigger of the function, on every version and alias: somebody may have stopped it on purpose',
        ],
      },
    },
  ]
}
