/** Everything that stands in the way at once, each with the smallest change that removes it. */
import type { Blocker } from '../../policy/explain.ts'
import type { Layer } from '../../policy/model.ts'
import type { Evaluation, Finding } from './evaluate.ts'
import type { BlockerView, Fact, Fix, Side, StatementView } from './explanation.ts'
import { identityFixes } from './identity-fixes.ts'
import { guardrailFixes } from './guardrail-fixes.ts'
import { lambdaRefusals } from './lambda-state.ts'
import { findNamesake } from './namesake.ts'
import { networkObstacle } from './network-view.ts'
import { titleOf } from './read-function.ts'
import { resourceFixes } from './resource-fixes.ts'
import type { Situation } from './situation.ts'
import { isTelling, nameOf, viewOf } from './statements.ts'

export interface Obstacles {
  readonly blockers: readonly BlockerView[]
  readonly fixes: readonly Fix[]
  readonly facts: readonly Fact[]
}

/** A change without the number of what it removes. */
export type Change = Omit<Fix, 'blocker'>

/** What a fix is made for. */
export interface Obstacle {
  readonly blocker: Blocker
  /** The statements that deny, or all of the layer. */
  readonly denying: readonly Finding[]
  readonly findings: readonly Finding[]
}

export interface Remedy {
  readonly changes: readonly Change[]
  readonly facts?: readonly Fact[]
}

const NEAR_MISSES_MAX = 3

export async function findObstacles(situation: Situation, evaluation: Evaluation): Promise<Obstacles> {
  const blockers: BlockerView[] = []
  const fixes: Fix[] = []
  const facts: Fact[] = []
  const add = (view: BlockerView, { changes, facts: found = [] }: Remedy) => {
    const blocker = blockers.push(view) - 1
    fixes.push(...changes.map((change) => ({ blocker, ...change })))
    facts.push(...found)
  }
  const namesake = await findNamesake(situation)
  if (namesake) {
    // Permissions for a function that is not there are not what is wanted.
    add(namesake.blocker, { changes: [namesake.change], facts: [namesake.fact] })
    return { blockers, fixes, facts }
  }
  const policyBlockers = evaluation.permission === 'denied' ? evaluation.most.blockers : []
  if (situation.entity.known && situation.entity.value === undefined && hasEntity(situation)) {
    add(missingCaller(situation), { changes: [createCaller(situation)] })
  }
  const refusals = lambdaRefusals(situation)
  const addRefusals = (isMissing: boolean) => {
    for (const refusal of refusals.filter((candidate) => (candidate.isMissing ?? false) === isMissing)) {
      const { text, fact, fix } = refusal
      const facts = fact === undefined ? [] : [{ id: fact, text }]
      add(refusedByLambda(text, situation), { changes: [fix], facts })
    }
  }
  addRefusals(true)
  for (const blocker of policyBlockers) {
    const obstacle = obstacleOf(blocker, evaluation)
    add(describe(obstacle, situation), await remedyFor(obstacle, situation, evaluation))
  }
  const network = networkObstacle(situation)
  if (network) add(network.view, network)
  addRefusals(false)
  return { blockers, fixes, facts }
}

function refusedByLambda(text: string, { resourceAccount: account }: Situation): BlockerView {
  return { side: 'owner', account, layer: 'function', outcome: 'explicit_deny', text, statements: [] }
}

function hasEntity({ principal }: Situation): boolean {
  return principal.kind === 'role-session' || principal.kind === 'user'
}

function missingCaller({ caller, callerAccount }: Situation): BlockerView {
  const name = 'name' in caller ? caller.name : ''
  return {
    side: 'caller',
    ...(callerAccount !== undefined && { account: callerAccount }),
    layer: 'identity',
    outcome: 'implicit_deny',
    text: `there is no ${caller.kind} ${name} in account ${callerAccount ?? ''}`,
    statements: [],
  }
}

function createCaller({ callerAccount }: Situation): Change {
  return {
    kind: 'needed',
    ...(callerAccount !== undefined && { account: callerAccount }),
    by: `an administrator of ${callerAccount ?? ''}`,
    text: 'create it, or correct its name; policies that named an earlier one keep the id of that one and have to be saved again',
    commands: [],
    opens: [],
  }
}

function obstacleOf(blocker: Blocker, { findings, most }: Evaluation): Obstacle {
  const ofLayer = findings.filter(({ layer }) => layer === blocker.layer)
  const denies = (finding: Finding) =>
    most.layers
      .find(({ layer }) => layer === finding.layer)
      ?.statements.some(
        ({ reference, level, effect, applies }) =>
          effect === 'Deny' &&
          applies &&
          level === finding.level &&
          reference.index === finding.index &&
          reference.policyName === finding.policy.name &&
          reference.policyArn === finding.policy.arn,
      ) === true
  return { blocker, findings: ofLayer, denying: blocker.outcome === 'explicit_deny' ? ofLayer.filter(denies) : [] }
}

const SIDES: Readonly<Record<Layer, Side>> = {
  identity: 'caller',
  boundary: 'caller',
  session: 'caller',
  scp: 'caller',
  endpoint: 'caller',
  resource: 'owner',
  trust: 'owner',
  rcp: 'owner',
}

function describe({ blocker, denying, findings }: Obstacle, situation: Situation): BlockerView {
  const { layer, outcome } = blocker
  const side = SIDES[layer]
  const account = side === 'caller' ? situation.callerAccount : situation.resourceAccount
  const statements =
    outcome === 'explicit_deny'
      ? denying.map((finding) => viewOf(finding, situation.context))
      : nearMisses(findings, situation)
  return {
    side,
    ...(account !== undefined && { account }),
    layer,
    outcome,
    text:
      outcome === 'explicit_deny'
        ? denialText(layer, statements, levelTitleOf(denying, situation))
        : missingText(blocker, situation),
    statements,
  }
}

function nearMisses(findings: readonly Finding[], { context, question }: Situation): readonly StatementView[] {
  return findings
    .map((finding) => ({ finding, view: viewOf(finding, context) }))
    .filter(({ finding, view }) => view.applies === false && isTelling(finding, view, question.action))
    .map(({ view }) => view)
    .slice(0, NEAR_MISSES_MAX)
}

const KINDS: Readonly<Record<Layer, string>> = {
  identity: 'identity policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  scp: 'SCP',
  rcp: 'RCP',
  resource: 'resource-based policy',
  trust: 'trust policy',
  endpoint: 'VPC endpoint policy',
}

/** Where in the organization the policy that denies is attached. */
function levelTitleOf([first]: readonly Finding[], { sources }: Situation): string | undefined {
  const guardrails = first?.layer === 'rcp' ? sources.rcps : sources.scps
  if (first?.level === undefined || guardrails.status !== 'read') return undefined
  return guardrails.levels[first.level - 1]?.title
}

function denialText(layer: Layer, statements: readonly StatementView[], level: string | undefined): string {
  const [first, ...others] = statements
  if (!first) return `the ${KINDS[layer]} denies the call`
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  const verb = others.length === 0 ? 'denies' : 'deny'
  return `${KINDS[layer]}${level === undefined ? '' : ` of ${level}`}: ${nameOf(first)}${more} ${verb} the call`
}

function missingText({ layer, levels, alternative }: Blocker, situation: Situation): string {
  const { question, sources, callee } = situation
  const call = `${question.action} on ${question.resource}`
  switch (layer) {
    case 'scp': {
      const titles = sources.scps.status === 'read' ? sources.scps.levels.map(({ title }) => title) : []
      const named = (levels ?? []).map((level) => titles[level - 1] ?? `level ${level}`)
      return `no SCP of ${named.join(' or ')} allows ${question.action}, and every level has to`
    }
    case 'resource': {
      const title = callee ? titleOf(callee.reference) : question.resource
      return sources.resource.status === 'none'
        ? `${title} has no resource-based policy, so nothing there grants ${question.action} to the caller`
        : `the resource-based policy of ${title} does not grant ${question.action} to the caller`
    }
    case 'trust':
      return `the trust policy of ${question.resource} does not let the caller assume the role`
    case 'identity':
      return alternative === undefined || (callee === undefined && sources.resource.status === 'none')
        ? `no identity policy of the caller allows ${call}`
        : `neither an identity policy of the caller nor the resource's policy allows ${call}`
    case 'boundary':
      return `the permissions boundary of the caller leaves ${call} out`
    case 'session':
      return `the session policies of the caller leave ${call} out`
    case 'rcp':
    case 'endpoint':
      return `no ${KINDS[layer]} allows ${call}`
  }
}

async function remedyFor(obstacle: Obstacle, situation: Situation, evaluation: Evaluation): Promise<Remedy> {
  switch (obstacle.blocker.layer) {
    case 'identity':
    case 'boundary':
    case 'session':
      return { changes: identityFixes(obstacle, situation) }
    case 'scp':
    case 'rcp':
      return { changes: guardrailFixes(obstacle, situation) }
    case 'resource':
    case 'trust':
      return resourceFixes(obstacle, situation, evaluation)
    case 'endpoint':
      return { changes: [] }
  }
}
