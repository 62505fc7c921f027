/**
 * Which requests resource control policies reach: AWS's list of services, on which Lambda, IAM, EC2 and SNS are not.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services
 */
import { rcpServices } from './data/rcp-services.ts'

const RCP_SERVICES: ReadonlySet<string> = new Set(rcpServices)

/** Retiring a grant is decided by the grant alone. */
const EXEMPT_ACTION = 'kms:retiregrant'

export function isCoveredByRcp(action: string): boolean {
  const colon = action.indexOf(':')
  return RCP_SERVICES.has(action.slice(0, colon).toLowerCase()) && action.toLowerCase() !== EXEMPT_ACTION
}
