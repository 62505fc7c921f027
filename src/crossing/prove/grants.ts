/** Whether one identity policy, alone, allows the caller to invoke the callee. */
import { compilePolicy } from '../../policy/compile.ts'
import { decide } from '../../policy/decide.ts'
import type { Principal } from '../../policy/model.ts'
import { parsePolicy } from '../../policy/parse.ts'
import type { Crossing } from '../crossing.ts'

/** Condition keys are unknown here and count as absent. */
const NO_CONTEXT = { get: () => undefined }

export function allowsInvoke(document: string, { from, to }: Crossing): boolean {
  const principal: Principal = {
    kind: 'role-session',
    account: from.account,
    arn: `arn:aws:sts::${from.account}:assumed-role/caller/caller`,
    roleArn: `arn:aws:iam::${from.account}:role/caller`,
    roleId: 'AROACALLER',
    roleName: 'caller',
    sessionName: 'caller',
    serviceLinked: false,
  }
  const decision = decide(
    // Within one account an identity policy decides alone, which is the question.
    {
      principal,
      action: 'lambda:InvokeFunction',
      resource: to.arn,
      resourceAccount: from.account,
      context: NO_CONTEXT,
    },
    { identity: [compilePolicy(parsePolicy(document, 'identity'), { name: 'policy' })] },
  )
  return decision.outcome === 'allow'
}
