/** Quotas of an organization. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html */
import type { PolicyType } from './records.ts'

/** Service control policies went from 5 to 10 in May 2026; resource control policies stayed. RCPFullAWSAccess counts. */
export const ATTACHMENTS_MAX: Readonly<Record<PolicyType, number>> = {
  SERVICE_CONTROL_POLICY: 10,
  RESOURCE_CONTROL_POLICY: 5,
}

/** Counted as given: the API keeps white space, only the console removes it. */
export const POLICY_CHARACTERS_MAX: Readonly<Record<PolicyType, number>> = {
  SERVICE_CONTROL_POLICY: 10_240,
  RESOURCE_CONTROL_POLICY: 5_120,
}

/** Of each type. */
export const POLICIES_MAX = 1_000

export const UNITS_MAX = 2_000

/** Levels of OUs beneath the root. */
export const UNIT_DEPTH_MAX = 5

/** FIDELITY: AWS starts at 10 and raises it on request; this is the most it grants. */
export const ACCOUNTS_MAX = 10_000

export const TAGS_MAX = 50

/** Also the default. */
export const PAGE_SIZE_MAX = 20
