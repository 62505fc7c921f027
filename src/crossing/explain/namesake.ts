/**
 * A bare name, or an ARN with the wrong account, means a function of the caller's own account; the one that is meant is in another.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestSyntax
 */

import { loadPackage } from '../../core/load-package.ts'
import { functionReference } from '../crossing.ts'
import type { Change } from './blockers.ts'
import type { BlockerView, Fact } from './explanation.ts'
import { titleOf } from './read-function.ts'
import { orMissing } from './reading.ts'
import type { Situation } from './situation.ts'

const { GetFunctionConfigurationCommand } = loadPackage('@aws-sdk/client-lambda')

export interface Namesake {
  readonly blocker: BlockerView
  readonly change: Change
  readonly fact: Fact
}

/** Undefined when the function is there, or nowhere. */
export async function findNamesake(situation: Situation): Promise<Namesake | undefined> {
  const { callee, callerAccount, resourceAccount, access, reader, question } = situation
  if (!callee?.state.known || callee.state.value !== undefined || callerAccount !== resourceAccount) return undefined
  const { name, region, qualifier } = callee.reference
  for (const account of access.signers.keys()) {
    if (account === resourceAccount) continue
    const there = functionReference({ account, region, name, qualifier })
    const found = await reader.read({ account, region, input: `function ${name}` }, ({ lambda }) =>
      orMissing(lambda.send(new GetFunctionConfigurationCommand({ FunctionName: there.unqualifiedArn }))),
    )
    if (!found.known || !found.value) continue
    const title = titleOf(callee.reference)
    const why =
      question.isBareName === true
        ? `A bare name resolves in the caller's own account: ${title} is looked for in ${resourceAccount}`
        : `${question.resource} is in the caller's own account, where a bare name resolves`
    return {
      blocker: {
        side: 'caller',
        account: resourceAccount,
        layer: 'function',
        outcome: 'explicit_deny',
        text: `there is no function ${name} in the caller's account ${resourceAccount}, where the call looks for it`,
        statements: [],
      },
      change: {
        kind: 'needed',
        account: resourceAccount,
        by: 'whoever writes the caller',
        text: `call ${there.arn}, by its ARN; then ask again about that call`,
        commands: [],
        opens: [],
      },
      fact: { id: 'bare-name', text: `${why}. There is a function of this name in account ${account}` },
    }
  }
  return undefined
}
