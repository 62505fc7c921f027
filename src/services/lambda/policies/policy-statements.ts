/** The policy of a function or of a layer version as its operations change it: statement by statement, each change a new revision. */
import { AwsError } from '../../../core/aws-error.ts'
import { revisionMismatch } from '../errors.ts'
import { POLICY_BYTES_MAX } from '../limits.ts'
import type { PolicyRecord, PolicyStatement } from '../records.ts'
import { policyBytes } from './resource-policy.ts'
import type { LambdaService } from '../service.ts'

/** Throws ResourceConflictException for an id that is taken, PolicyLengthExceededException. */
export function withStatement(
  current: PolicyRecord | undefined,
  statement: PolicyStatement,
  { ids }: LambdaService,
): PolicyRecord {
  const statements = current?.statements ?? []
  if (statements.some(({ sid }) => sid === statement.sid)) {
    throw new AwsError(
      'ResourceConflictException',
      `The statement id (${statement.sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
    )
  }
  const next = { revisionId: ids.uuid(), statements: [...statements, statement] }
  requirePolicySize(next)
  return next
}

/** Undefined when nothing is left of the policy. Throws ResourceNotFoundException. */
export function withoutStatement(
  current: PolicyRecord | undefined,
  statementId: string,
  { ids }: LambdaService,
): PolicyRecord | undefined {
  const statements = current?.statements.filter(({ sid }) => sid !== statementId) ?? []
  if (statements.length === (current?.statements.length ?? 0)) {
    throw new AwsError('ResourceNotFoundException', `Statement ${statementId} is not found in resource policy.`)
  }
  return statements.length > 0 ? { revisionId: ids.uuid(), statements } : undefined
}

export function requirePolicySize(policy: PolicyRecord): void {
  const bytes = policyBytes(policy)
  if (bytes <= POLICY_BYTES_MAX) return
  throw new AwsError(
    'PolicyLengthExceededException',
    `The final policy size (${bytes}) is bigger than the limit (${POLICY_BYTES_MAX}).`,
  )
}

/** `api` is what AWS says to call for the revision there is. */
export function requireRevision(
  given: string | undefined,
  policy: PolicyRecord | undefined,
  api: 'GetPolicy' | 'GetLayerPolicy' = 'GetPolicy',
): void {
  if (given !== undefined && given !== policy?.revisionId) throw revisionMismatch(api)
}
