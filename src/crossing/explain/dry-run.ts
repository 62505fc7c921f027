/** Lambda's own check of the permission, with a session of the caller's role: `InvocationType=DryRun` runs no code. */

import { loadPackage } from '../../core/load-package.ts'
import { UserError } from '../../core/user-error.ts'
import { createClients } from '../access.ts'
import { roleSessionKeys } from '../prove/role-session.ts'
import type { EvidenceView } from './explanation.ts'
import type { Situation } from './situation.ts'

const { InvokeCommand, LambdaServiceException } = loadPackage('@aws-sdk/client-lambda')

export async function dryRun(situation: Situation): Promise<EvidenceView> {
  const { principal, access, callee, question } = situation
  if (
    principal.kind !== 'role-session' ||
    principal.sessionName === '*' ||
    question.action !== 'lambda:InvokeFunction' ||
    !callee
  ) {
    throw new UserError('Only a call that a function makes to a function can be tried', {
      hint: 'Name both with --from and --to, or leave out --dry-run-call',
    })
  }
  const signer = access.signers.get(principal.account)
  if (!signer) throw new UserError(`No profile signs for account \`${principal.account}\``)
  const source = createClients(access, signer)
  const keys = await roleSessionKeys(access, {
    source,
    roleArn: principal.roleArn,
    sessionName: principal.sessionName,
  })
  const { lambda } = createClients({ ...access, region: callee.reference.region }, { keys })
  try {
    const { $metadata } = await lambda.send(
      new InvokeCommand({ FunctionName: callee.reference.arn, InvocationType: 'DryRun' }),
    )
    return {
      how: 'dry-run',
      outcome: 'allowed',
      detail: 'Lambda checked the permission',
      requestId: $metadata.requestId ?? '',
    }
  } catch (error) {
    if (!(error instanceof LambdaServiceException)) throw error
    return {
      how: 'dry-run',
      outcome: error.name.startsWith('AccessDenied') ? 'denied' : 'fails',
      detail: `${error.name}: ${error.message}`,
      requestId: error.$metadata.requestId ?? '',
    }
  }
}
