/**
 * Session policies: what the policies given to STS come to, and how much room they take.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
 */
import { deflateRawSync } from 'node:zlib'

import { AwsError } from '../../core/aws-error.ts'
import { validatePolicy } from '../../policy/parse.ts'
import type { SessionPolicy } from '../caller.ts'
import type { IamDirectory } from '../iam/directory.ts'
import type { TagInput } from './session-tags.ts'

export interface SessionPolicyInput {
  readonly Policy?: string | undefined
  readonly PolicyArns?: readonly { readonly arn?: string | undefined }[] | undefined
}

const POLICY_CHARACTERS_MAX = 2048
const POLICY_ARNS_MAX = 10

/**
 * The inline policy and the managed ones, in that order. `account` owns the role or user, and so the managed policies.
 *
 * FIDELITY: a managed policy counts as it is when the session is made; whether AWS reads it again on every request is not documented.
 */
export function sessionPolicies(
  { Policy, PolicyArns = [] }: SessionPolicyInput,
  account: string,
  identities: IamDirectory,
): readonly SessionPolicy[] {
  if (Policy !== undefined) checkInline(Policy)
  if (PolicyArns.length > POLICY_ARNS_MAX) {
    throw invalid(`You can provide up to ${POLICY_ARNS_MAX} managed session policy ARNs, got ${PolicyArns.length}`)
  }
  const managed = PolicyArns.map(({ arn = '' }) => {
    const document = identities.managedPolicyDocument(account, arn)
    if (document === undefined) {
      throw new AwsError('MalformedPolicyDocumentException', `The managed session policy ${arn} does not exist.`)
    }
    return { document, arn }
  })
  return Policy === undefined ? managed : [{ document: Policy }, ...managed]
}

function checkInline(policy: string): void {
  if (policy.length > POLICY_CHARACTERS_MAX) {
    throw invalid(
      `1 validation error detected: Value '${policy}' at 'policy' failed to satisfy constraint: Member must have length less than or equal to ${POLICY_CHARACTERS_MAX}`,
    )
  }
  const problem = validatePolicy(policy, 'session')
  if (problem !== undefined) throw new AwsError('MalformedPolicyDocumentException', problem)
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message, { status: 400 })
}

/**
 * FIDELITY: AWS packs policies and tags in a format of its own and tells only the percentage used. These numbers reproduce the one
 * published measurement for tags (nine tags of a two-letter key and 250 characters: 498 %) and are a guess for policies.
 */
const TAG_BYTES_MAX = 461
const TAG_OVERHEAD_BYTES = 3
const POLICY_BYTES_MAX = 1024

/** `PackedPolicySize`, in percent; undefined when neither policies nor tags were given. Throws `PackedPolicyTooLarge` above 100. */
export function packedSize(
  { Policy, PolicyArns = [] }: SessionPolicyInput,
  tags: readonly TagInput[] = [],
): number | undefined {
  if (Policy === undefined && PolicyArns.length === 0 && tags.length === 0) return undefined
  const tagBytes = tags.reduce(
    (sum, { Key = '', Value = '' }) => sum + Buffer.byteLength(Key) + Buffer.byteLength(Value) + TAG_OVERHEAD_BYTES,
    0,
  )
  const tagPercent = Math.ceil((100 * tagBytes) / TAG_BYTES_MAX)
  if (tagPercent > 100) throw tooLarge(`Packed size of session tags consumes ${tagPercent}% of allotted space.`)
  const policyText = (Policy ?? '') + PolicyArns.map(({ arn }) => arn).join('')
  const policyBytes = policyText === '' ? 0 : deflateRawSync(policyText).length
  const percent = tagPercent + Math.ceil((100 * policyBytes) / POLICY_BYTES_MAX)
  if (percent > 100) throw tooLarge(`Packed policy consumes ${percent}% of allotted space, please use smaller policy.`)
  return percent
}

function tooLarge(message: string): AwsError {
  return new AwsError('PackedPolicyTooLargeException', message)
}
