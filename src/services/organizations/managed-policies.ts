/** The two policies AWS itself attaches, so that nothing is denied until somebody says so. */
import type { PolicyRecord, PolicyType } from './records.ts'

const FULL_AWS_ACCESS: PolicyRecord = {
  id: 'p-FullAWSAccess',
  name: 'FullAWSAccess',
  description: 'Allows access to every operation',
  type: 'SERVICE_CONTROL_POLICY',
  content: `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*"
    }
  ]
}`,
  awsManaged: true,
  tags: {},
}

/** Attached to everything while resource control policies are enabled, and cannot be detached. */
const RCP_FULL_AWS_ACCESS: PolicyRecord = {
  id: 'p-RCPFullAWSAccess',
  name: 'RCPFullAWSAccess',
  description: 'Allows all API actions to all principals and resources',
  type: 'RESOURCE_CONTROL_POLICY',
  content: `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": "*",
      "Action": "*",
      "Resource": "*"
    }
  ]
}`,
  awsManaged: true,
  tags: {},
}

export const DEFAULT_POLICIES: Readonly<Record<PolicyType, PolicyRecord>> = {
  SERVICE_CONTROL_POLICY: FULL_AWS_ACCESS,
  RESOURCE_CONTROL_POLICY: RCP_FULL_AWS_ACCESS,
}

export function managedPolicy(id: string): PolicyRecord | undefined {
  return Object.values(DEFAULT_POLICIES).find((policy) => policy.id === id)
}
