/**
 * What AWS Organizations requires of SCPs and RCPs; it reports every violation with one sentence.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
 */
import type { WrittenStatement } from './syntax.ts'

export const ORGANIZATION_PROBLEM =
  'The provided policy document does not meet the requirements of the specified policy type.'

/** Customer managed RCPs only deny, to everyone, actions of named services. The one that allows is AWS's own RCPFullAWSAccess. */
export function isRcpStatement(statement: WrittenStatement): boolean {
  const { effect, principal, action, resource } = statement
  if (principal?.anyone !== true || principal.negated || principal.service.length > 0) return false
  if (action === undefined || action.negated) return false
  if (effect === 'Allow') return isEverything(action.values) && isEverything(resource?.values ?? [])
  return !action.values.includes('*')
}

function isEverything(values: readonly string[]): boolean {
  return values.length === 1 && values[0] === '*'
}
