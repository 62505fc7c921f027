/**
 * Role trust policies: which principals they may name, how they are kept, compiled and shown.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import { AwsError } from '../../core/aws-error.ts'
import { isAccountId } from '../../core/account.ts'
import { parseArn } from '../../core/arn.ts'
import { compilePolicy, type CompiledPolicy } from '../../policy/compile.ts'
import { parsePolicy } from '../../policy/parse.ts'
import type { IdentityDirectory } from '../directories.ts'
import { bindPrincipals, withUniqueIds } from '../principal-ids.ts'
import { policyLength } from './documents.ts'
import type { Role, TrustPolicy } from './records.ts'

const TRUST_CHARACTERS_MAX = 2048
const UNIQUE_ID = /^A(?:IDA|ROA)[A-Z2-7]{17}$/
const SERVICE_PRINCIPAL = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:amazonaws\.com|amazonaws\.com\.cn|internal)$/

type Identities = Pick<IdentityDirectory, 'uniqueIdOf' | 'arnOf'>

/** Throws `MalformedPolicyDocument` for a bad document or a principal that does not exist, `LimitExceeded` for a long one. */
export function trustPolicyFrom(text: string, identities: Identities): TrustPolicy {
  const accounts: Record<string, string> = {}
  for (const { principal } of parsePolicy(text, 'trust').statements) {
    for (const value of principal?.aws ?? []) {
      if (isAccountId(value)) accounts[value] = `arn:aws:iam::${value}:root`
      else if (!isKnownPrincipal(value, identities)) throw invalidPrincipal('AWS', value)
    }
    for (const value of principal?.service ?? []) {
      if (!SERVICE_PRINCIPAL.test(value)) throw invalidPrincipal('SERVICE', value)
    }
  }
  if (policyLength(text) > TRUST_CHARACTERS_MAX) {
    throw new AwsError('LimitExceededException', `Cannot exceed quota for ACLSizePerRole: ${TRUST_CHARACTERS_MAX}`)
  }
  // An account id is kept, and shown, as the ARN of the account's root.
  const document: unknown = withUniqueIds(JSON.parse(text), accounts)
  return { document: JSON.stringify(document), bindings: bindPrincipals(document, identities).bindings }
}

export function compileTrust(role: Role): CompiledPolicy {
  const bound = JSON.stringify(withUniqueIds(JSON.parse(role.trust.document), role.trust.bindings))
  return compilePolicy(parsePolicy(bound, 'trust'), { name: `trust policy of ${role.name}` })
}

/** As IAM shows it: a principal that is gone appears as its unique id, one that was renamed under its new ARN. */
export function displayedTrust({ document, bindings }: TrustPolicy, identities: Identities): string {
  const shown: Record<string, string> = {}
  for (const [arn, id] of Object.entries(bindings)) shown[arn] = identities.arnOf(id) ?? id
  for (const { principal } of parsePolicy(document, 'trust').statements) {
    for (const value of principal?.aws ?? []) {
      if (UNIQUE_ID.test(value)) shown[value] = identities.arnOf(value) ?? value
    }
  }
  return JSON.stringify(withUniqueIds(JSON.parse(document), shown))
}

function isKnownPrincipal(value: string, { uniqueIdOf, arnOf }: Identities): boolean {
  if (UNIQUE_ID.test(value)) return arnOf(value) !== undefined
  const arn = parseArn(value)
  if (!arn || arn.partition !== 'aws' || arn.region !== '' || !isAccountId(arn.account)) return false
  if (arn.service === 'sts') return /^(?:assumed-role\/[^/]+\/[^/]+|federated-user\/[^/]+)$/.test(arn.resource)
  // FIDELITY: AWS also refuses the root of an account that does not exist; every account exists here.
  return arn.service === 'iam' && (arn.resource === 'root' || uniqueIdOf(value) !== undefined)
}

function invalidPrincipal(kind: string, value: string): AwsError {
  return new AwsError('MalformedPolicyDocumentException', `Invalid principal in policy: "${kind}":"${value}"`)
}
