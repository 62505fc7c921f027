/** The policies that a grant would stand beside, as both accounts have them now. */
import type { IAMClient } from '@aws-sdk/client-iam'
import type { LambdaClient } from '@aws-sdk/client-lambda'

import { loadPackage } from '../../core/load-package.ts'
import type { FunctionReference } from '../crossing.ts'
import { readStatements, type Statement } from '../prove/scene.ts'

const {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
} = loadPackage('@aws-sdk/client-iam')

export interface FoundIdentityPolicy {
  readonly name: string
  readonly arn?: string
  readonly document: string
}

/** Of the qualifier that is called, and of the unqualified function. */
export interface FoundResourcePolicy {
  readonly functionArn: string
  readonly statements: readonly Statement[]
}

export async function readIdentityPolicies(iam: IAMClient, RoleName: string): Promise<readonly FoundIdentityPolicy[]> {
  const found: FoundIdentityPolicy[] = []
  for await (const { PolicyNames = [] } of paginateListRolePolicies({ client: iam }, { RoleName })) {
    for (const PolicyName of PolicyNames) {
      const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))
      found.push({ name: PolicyName, document: decodeURIComponent(PolicyDocument) })
    }
  }
  for await (const { AttachedPolicies = [] } of paginateListAttachedRolePolicies({ client: iam }, { RoleName })) {
    for (const { PolicyName: name = '', PolicyArn = '' } of AttachedPolicies) {
      const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }))
      const VersionId = Policy?.DefaultVersionId
      const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }))
      found.push({ name, arn: PolicyArn, document: decodeURIComponent(PolicyVersion?.Document ?? '') })
    }
  }
  return found
}

export async function readResourcePolicies(
  lambda: LambdaClient,
  { arn, unqualifiedArn }: FunctionReference,
): Promise<readonly FoundResourcePolicy[]> {
  const arns = arn === unqualifiedArn ? [arn] : [arn, unqualifiedArn]
  return Promise.all(
    arns.map(async (functionArn) => ({ functionArn, statements: await readStatements(lambda, functionArn) })),
  )
}
