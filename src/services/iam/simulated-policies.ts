/** The policies of a simulation, each under the name that the simulator reports its statements by. */
import type * as sdk from '@aws-sdk/client-iam'

import { compilePolicy, type CompiledPolicy } from '../../policy/compile.ts'
import type { PolicyDocument, PolicyKind } from '../../policy/document.ts'
import { parsePolicy } from '../../policy/parse.ts'
import { createMatcher, wildcardTokens } from '../../policy/wildcard.ts'
import { AWS_ACCOUNT } from './aws-managed.ts'
import { defaultDocument, type Entity } from './records.ts'
import type { IamService } from './service.ts'
import { invalidInput, parseInput } from './simulation-input.ts'

export interface SimulatedPolicy {
  /** `SourcePolicyId` */
  readonly id: string
  /** As the service reports it, which is not the enum of its model. */
  readonly type: 'IAM Policy' | 'Resource Policy'
  readonly document: PolicyDocument
  readonly compiled: CompiledPolicy
}

export interface PrincipalPolicies {
  readonly identity: readonly SimulatedPolicy[]
  readonly boundary?: SimulatedPolicy
}

export function simulatedPolicy(document: PolicyDocument, id: string, type: SimulatedPolicy['type']): SimulatedPolicy {
  return { id, type, document, compiled: compilePolicy(document, { name: id }) }
}

/** `PolicyInputList.1` and so on. */
export function inputPolicies(texts: readonly string[] = []): readonly SimulatedPolicy[] {
  return texts.map((text, index) => {
    const id = `PolicyInputList.${index + 1}`
    return simulatedPolicy(parseInput(text, 'identity', id), id, 'IAM Policy')
  })
}

export function inputBoundary(texts: readonly string[] = []): SimulatedPolicy | undefined {
  if (texts.length > 1) throw invalidInput('Only one permissions boundary can be simulated')
  const [text] = texts
  const id = 'PermissionsBoundaryPolicyInputList.1'
  return text === undefined ? undefined : simulatedPolicy(parseInput(text, 'managed', id), id, 'IAM Policy')
}

/** Root first. */
export function inputLevels(
  levels: readonly sdk.OrderedOrganizationPolicyType[] | undefined,
): readonly (readonly CompiledPolicy[])[] | undefined {
  return levels?.map(({ ServiceControlPolicyInputList = [] }, level) =>
    ServiceControlPolicyInputList.map((text, index) => {
      const name = `OrderedOrganizationPolicyInputList.${level + 1}.ServiceControlPolicyInputList.${index + 1}`
      return compilePolicy(parseInput(text, 'scp', name), { name })
    }),
  )
}

/** A user's own policies and those of its groups, without the excluded ones. */
export function principalPolicies(iam: IamService, source: Entity, excluded: Exclusions): PrincipalPolicies {
  const holders = source.kind === 'user' ? [source, ...iam.groupsById(source.groupIds)] : [source]
  const boundaryArn = source.kind === 'group' ? undefined : source.boundaryArn
  const boundary =
    boundaryArn === undefined || excluded.hasType('permission-boundary')
      ? undefined
      : managedPolicy(iam, boundaryArn, excluded)
  return {
    identity: holders.flatMap((holder) => [
      ...inlinePolicies(holder, excluded),
      ...holder.attached.flatMap((arn) => managedPolicy(iam, arn, excluded) ?? []),
    ]),
    ...(boundary && { boundary }),
  }
}

function inlinePolicies(holder: Entity, excluded: Exclusions): readonly SimulatedPolicy[] {
  return Object.entries(holder.inline)
    .filter(([name]) => !excluded.hasType('inline') && !excluded.hasInline(holder, name))
    .map(([name, text]) =>
      simulatedPolicy(parsePolicy(text, 'identity'), `${holder.kind}_${holder.name}_${name}`, 'IAM Policy'),
    )
}

function managedPolicy(iam: IamService, arn: string, excluded: Exclusions): SimulatedPolicy | undefined {
  const policy = iam.findPolicy(arn)
  const type = policy?.account === AWS_ACCOUNT ? 'aws-managed' : 'user-managed'
  if (!policy || excluded.hasType(type) || excluded.hasArn(arn)) return undefined
  const kind: PolicyKind = 'managed'
  return simulatedPolicy(parsePolicy(defaultDocument(policy), kind), policy.name, 'IAM Policy')
}

/** `PolicyExclusionList`: what the simulation is to leave out. RCPs are never simulated, so that excluding them means nothing. */
export interface Exclusions {
  hasType(type: sdk.PolicyIdentifierPolicyType): boolean
  hasArn(arn: string): boolean
  hasInline(holder: Entity, policyName: string): boolean
}

/** At most one `*`, and only in the name: that much is documented. */
const ARN_PATTERN = /^arn:aws[a-z-]*:iam::(?:aws|\d{12}):policy\/[^*]*\*?[^*]*$/

export function exclusionsFrom(list: readonly sdk.PolicyIdentifier[] = []): Exclusions {
  const types = new Set<string>()
  const arns: ((arn: string) => boolean)[] = []
  const inline: ((holder: Entity, name: string) => boolean)[] = []
  for (const { PolicyType, PolicyArn, InlinePolicyIdentifier } of list) {
    if (PolicyType !== undefined) types.add(PolicyType)
    if (PolicyArn !== undefined) {
      if (!ARN_PATTERN.test(PolicyArn)) throw invalidInput(`Invalid policy identifier: ${PolicyArn}`)
      arns.push(createMatcher(wildcardTokens(PolicyArn)))
    }
    if (InlinePolicyIdentifier !== undefined) {
      const { PolicyName, AttachmentType, AttachmentName } = InlinePolicyIdentifier
      // FIDELITY: the documentation promises wildcards in the name, for which the model's pattern, checked before, has no room.
      inline.push(
        (holder, name) =>
          name === PolicyName && holder.kind === AttachmentType?.toLowerCase() && holder.name === AttachmentName,
      )
    }
  }
  return {
    hasType: (type) => types.has(type),
    hasArn: (arn) => arns.some((matches) => matches(arn)),
    hasInline: (holder, name) => inline.some((matches) => matches(holder, name)),
  }
}
