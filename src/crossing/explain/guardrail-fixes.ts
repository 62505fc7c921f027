/** Changes in the organization: SCPs over the caller's account, RCPs over the owner's. */
import { awsCommand } from './aws-command.ts'
import type { Change, Obstacle } from './blockers.ts'
import type { Finding } from './evaluate.ts'
import { callOf } from './identity-fixes.ts'
import { allowStatement, withExemption, withStatement } from './policy-edits.ts'
import type { GuardrailLevel, NamedPolicy } from './policy-sources.ts'
import type { Situation } from './situation.ts'
import { nameOf, viewOf } from './statements.ts'

export function guardrailFixes({ blocker, denying }: Obstacle, situation: Situation): readonly Change[] {
  if (blocker.outcome === 'explicit_deny') return denying.map((finding) => exemptionFix(finding, situation))
  const { scps } = situation.sources
  if (scps.status !== 'read') return []
  return (blocker.levels ?? []).flatMap((level) => {
    const found = scps.levels[level - 1]
    return found ? [allowFix(found, situation)] : []
  })
}

function exemptionFix(finding: Finding, situation: Situation): Change {
  const { policy, index, layer } = finding
  const call = callOf(situation)
  const text = withExemption(policy.document.source, index, call)
  return {
    kind: 'needed',
    account: policy.owner.account,
    by: organizationAdministrator(policy),
    text:
      `spare the caller in ${nameOf(viewOf(finding, situation.context))}, ${policy.arn ?? ''}` +
      ': the account that the policy is set over cannot change it',
    commands: text === undefined ? [] : [updatePolicy(policy, text, situation)],
    opens: [
      `whatever else that statement denies is denied to ${call.principalArn ?? 'the caller'} no longer` +
        (layer === 'scp' ? '; its own policies still have to allow it' : ''),
    ],
  }
}

function allowFix({ title, policies }: GuardrailLevel, situation: Situation): Change {
  const call = callOf(situation)
  const own = policies.find(({ arn }) => arn !== undefined && !arn.includes('::aws:policy/'))
  const text = own && withStatement(own.document.source, { ...allowStatement(call), Resource: '*' })
  const account = own?.owner.account
  return {
    kind: 'needed',
    ...(account !== undefined && { account }),
    by: own ? organizationAdministrator(own) : 'an administrator of the organization',
    text: own
      ? `allow ${call.action} in ${own.name}, ${own.arn ?? ''}, which is attached to ${title}`
      : `attach an SCP that allows ${call.action} to ${title}`,
    commands: own && text !== undefined ? [updatePolicy(own, text, situation)] : [],
    opens: [
      `${call.action} on every function becomes possible for every principal under ${title}; each still needs a policy of its own that allows it`,
    ],
  }
}

function organizationAdministrator({ owner }: NamedPolicy): string {
  return `an administrator of the organization (account ${owner.account})`
}

function updatePolicy(policy: NamedPolicy, text: string, situation: Situation): ReturnType<typeof awsCommand> {
  const { owner } = policy
  const id = owner.kind === 'organization' ? owner.policyId : ''
  return awsCommand(situation, owner.account, ['organizations', 'update-policy', '--policy-id', id, '--content', text])
}
