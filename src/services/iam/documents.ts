/** Policy documents on their way in and out: grammar, size and the encoding IAM shows them in. */
import { AwsError } from '../../core/aws-error.ts'
import { parsePolicy } from '../../policy/parse.ts'
import type { EntityKind } from './records.ts'

/**
 * Characters without white space; of inline policies the sum over the entity.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
 */
const INLINE_CHARACTERS_MAX: Readonly<Record<EntityKind, number>> = { user: 2048, group: 5120, role: 10240 }
const MANAGED_CHARACTERS_MAX = 6144

/** Throws `MalformedPolicyDocument`, or `LimitExceeded` for a managed policy that is too long. */
export function checkManagedDocument(document: string): void {
  parsePolicy(document, 'managed')
  if (policyLength(document) > MANAGED_CHARACTERS_MAX) {
    throw new AwsError('LimitExceededException', `Cannot exceed quota for PolicySize: ${MANAGED_CHARACTERS_MAX}`)
  }
}

/** `others`: the entity's other inline policies, which count towards the same limit. */
export function checkInlineDocument(
  document: string,
  entity: { readonly kind: EntityKind; readonly name: string },
  others: readonly string[],
): void {
  parsePolicy(document, 'identity')
  const total = [document, ...others].reduce((sum, text) => sum + policyLength(text), 0)
  const max = INLINE_CHARACTERS_MAX[entity.kind]
  if (total > max) {
    throw new AwsError(
      'LimitExceededException',
      `Maximum policy size of ${max} bytes exceeded for ${entity.kind} ${entity.name}`,
    )
  }
}

/** IAM does not count white space. */
export function policyLength(document: string): number {
  return document.replace(/\s/g, '').length
}

/** Percent-encoded as RFC 3986 says, which is how IAM answers every document. */
export function encodeDocument(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
