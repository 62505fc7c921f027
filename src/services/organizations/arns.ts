/** ARNs of Organizations' resources. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html */
import { formatArn } from '../../core/arn.ts'
import type { OrganizationRecord, PolicyRecord, PolicyType } from './records.ts'

type Owner = Pick<OrganizationRecord, 'id' | 'managementAccount'>

function arn(account: string, resource: string): string {
  return formatArn({ service: 'organizations', region: '', account, resource })
}

export function organizationArn({ id, managementAccount }: Owner): string {
  return arn(managementAccount, `organization/${id}`)
}

/** Of a root, an OU or an account, told apart by its id. */
export function nodeArn({ id, managementAccount }: Owner, nodeId: string): string {
  const type = nodeId.startsWith('r-') ? 'root' : nodeId.startsWith('ou-') ? 'ou' : 'account'
  return arn(managementAccount, `${type}/${id}/${nodeId}`)
}

const POLICY_TYPE_SEGMENTS: Readonly<Record<PolicyType, string>> = {
  SERVICE_CONTROL_POLICY: 'service_control_policy',
  RESOURCE_CONTROL_POLICY: 'resource_control_policy',
}

export function policyArn(
  { id, managementAccount }: Owner,
  policy: Pick<PolicyRecord, 'id' | 'type' | 'awsManaged'>,
): string {
  const type = POLICY_TYPE_SEGMENTS[policy.type]
  return policy.awsManaged
    ? arn('aws', `policy/${type}/${policy.id}`)
    : arn(managementAccount, `policy/${id}/${type}/${policy.id}`)
}
