/**
 * Creating identities must be acknowledged by the request.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html
 */
import { AwsError } from '../../../core/aws-error.ts'
import type { Template } from './template.ts'

export type IamCapability = 'CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM'

/** Resource type → its property for a custom name; undefined where it has none. */
const IAM_TYPES: ReadonlyMap<string, string | undefined> = new Map([
  ['AWS::IAM::AccessKey', undefined],
  ['AWS::IAM::Group', 'GroupName'],
  ['AWS::IAM::InstanceProfile', 'InstanceProfileName'],
  ['AWS::IAM::ManagedPolicy', 'ManagedPolicyName'],
  ['AWS::IAM::Policy', undefined],
  ['AWS::IAM::Role', 'RoleName'],
  ['AWS::IAM::User', 'UserName'],
  ['AWS::IAM::UserToGroupAddition', undefined],
])

export interface CapabilityNeed {
  readonly capability: IamCapability
  readonly types: readonly string[]
}

/** Undefined when the template creates no identities. */
export function capabilityNeed(template: Template): CapabilityNeed | undefined {
  const resources = Object.values(template.resources).filter(({ type }) => IAM_TYPES.has(type))
  if (resources.length === 0) return undefined
  const isNamed = resources.some(({ type, properties }) => {
    const nameProperty = IAM_TYPES.get(type)
    return nameProperty !== undefined && properties[nameProperty] !== undefined
  })
  return {
    capability: isNamed ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM',
    types: [...new Set(resources.map(({ type }) => type))],
  }
}

/** `CAPABILITY_NAMED_IAM` includes `CAPABILITY_IAM`. */
export function requireCapabilities(template: Template, given: readonly string[]): void {
  const need = capabilityNeed(template)
  if (!need || given.includes(need.capability) || given.includes('CAPABILITY_NAMED_IAM')) return
  throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${need.capability}]`)
}
