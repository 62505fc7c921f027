/** Every layer of the call in the order in which AWS looks at it, caller's account and owner's account. */
import type { Layer } from '../../policy/model.ts'
import { isNeeded, levelOutcomeOf, outcomeOf, type Evaluation, type Finding } from './evaluate.ts'
import type { LayerOutcome, LayerView, Side, StatementView } from './explanation.ts'
import { isInvocation, lambdaRefusals } from './lambda-state.ts'
import { networkView } from './network-view.ts'
import type { Guardrails, OptionalPolicies } from './policy-sources.ts'
import { titleOf } from './read-function.ts'
import { serviceOf, type Situation } from './situation.ts'
import { isTelling, nameOf, viewOf } from './statements.ts'

export function layerViews(situation: Situation, evaluation: Evaluation): readonly LayerView[] {
  const { sources, principal, callee, question } = situation
  const isEntity = principal.kind === 'role-session' || principal.kind === 'user'
  const views: LayerView[] = [...guardrailViews('scp', sources.scps, situation, evaluation)]
  const add = (layer: Layer, side: Side, title: string, notApplicable: string | undefined) => {
    views.push(layerView(layer, { side, title, notApplicable }, situation, evaluation))
  }
  add('identity', 'caller', 'identity policies', isEntity ? undefined : 'the caller has none')
  add('boundary', 'caller', 'permissions boundary', absence(sources.boundary))
  add('session', 'caller', 'session policies', absence(sources.session))
  const network = networkView(situation)
  if (network) views.push(network)
  views.push(...guardrailViews('rcp', sources.rcps, situation, evaluation))
  if (sources.resourceKind === 'trust') add('trust', 'owner', 'role trust policy', undefined)
  else {
    const title = callee ? `policy of ${titleOf(callee.reference)}` : 'resource policy'
    const hasNone = sources.resource.status === 'none' && serviceOf(question.action) !== 'lambda'
    add('resource', 'owner', title, hasNone ? absence(sources.resource) : undefined)
  }
  if (callee && isInvocation(question.action)) views.push(functionView(situation))
  return views
}

function absence(source: OptionalPolicies): string | undefined {
  return source.status === 'none' ? source.why : undefined
}

function accountOf(side: Side, { callerAccount, resourceAccount }: Situation): { account?: string } {
  const account = side === 'caller' ? callerAccount : resourceAccount
  return account === undefined ? {} : { account }
}

function layerView(
  layer: Layer,
  {
    side,
    title,
    notApplicable,
  }: { readonly side: Side; readonly title: string; readonly notApplicable: string | undefined },
  situation: Situation,
  evaluation: Evaluation,
): LayerView {
  const findings = evaluation.findings.filter((finding) => finding.layer === layer)
  const outcome = notApplicable === undefined ? (outcomeOf(evaluation, layer) ?? 'not-applicable') : 'not-applicable'
  const needed = isNeeded(evaluation, layer)
  return {
    side,
    ...accountOf(side, situation),
    layer,
    title,
    outcome,
    needed,
    detail: notApplicable ?? detailOf(outcome, needed, findings, situation),
    statements: statementsOf(findings, situation),
  }
}

function guardrailViews(
  layer: 'scp' | 'rcp',
  source: Guardrails,
  situation: Situation,
  evaluation: Evaluation,
): readonly LayerView[] {
  const side = layer === 'scp' ? 'caller' : 'owner'
  const kind = layer === 'scp' ? 'SCPs' : 'RCPs'
  const common = { side, ...accountOf(side, situation), layer } as const
  if (source.status !== 'read') {
    return [
      {
        ...common,
        title: kind,
        outcome: source.status === 'unread' ? 'undecided' : 'not-applicable',
        needed: source.status === 'unread',
        detail: source.status === 'unread' ? 'not read' : source.why,
        statements: [],
      },
    ]
  }
  return source.levels.map(({ title }, index): LayerView => {
    const findings = evaluation.findings.filter((finding) => finding.layer === layer && finding.level === index + 1)
    const outcome = levelOutcomeOf(evaluation, layer, index + 1)
    return {
      ...common,
      title: `${kind} of ${title}`,
      outcome,
      needed: true,
      detail: detailOf(outcome, true, findings, situation),
      statements: statementsOf(findings, situation),
    }
  })
}

function statementsOf(findings: readonly Finding[], { context, question }: Situation) {
  return findings
    .map((finding) => ({ finding, view: viewOf(finding, context) }))
    .filter(({ finding, view }) => isTelling(finding, view, question.action))
    .map(({ view }) => view)
}

function detailOf(
  outcome: LayerOutcome,
  needed: boolean,
  findings: readonly Finding[],
  { context }: Situation,
): string {
  const views = findings.map((finding) => viewOf(finding, context))
  switch (outcome) {
    case 'allow':
    case 'explicit_deny': {
      const effect = outcome === 'allow' ? 'Allow' : 'Deny'
      const found = views.find((view) => view.applies === true && view.effect === effect)
      return found ? `${outcome === 'allow' ? 'allow' : 'deny'}: ${shortNameOf(found)}` : 'nothing denies'
    }
    case 'implicit_deny':
      return needed ? 'nothing allows the call' : 'nothing allows the call, nor need it'
    case 'undecided': {
      const open = views.find(({ applies }) => applies === 'undecided')
      return open ? `depends: ${shortNameOf(open)}` : 'not read'
    }
    case 'not-applicable':
      return 'does not apply'
  }
}

/** Where the layer's title names the policy already. */
function shortNameOf(view: StatementView): string {
  const name = nameOf(view)
  const suffix = ` of ${view.policy}`
  return view.policy.startsWith('the ') ? name.slice(0, -suffix.length) : name
}

function functionView(situation: Situation): LayerView {
  const { callee } = situation
  const [refusal] = lambdaRefusals(situation)
  const isUnread = callee !== undefined && (!callee.state.known || !callee.reservedConcurrency.known)
  const state = callee?.state.known === true ? (callee.state.value?.state ?? 'missing') : 'not read'
  return {
    side: 'owner',
    ...accountOf('owner', situation),
    layer: 'function',
    title: 'function',
    outcome: refusal ? 'explicit_deny' : isUnread ? 'undecided' : 'allow',
    needed: true,
    detail: refusal?.short ?? (isUnread ? `${state}; not all of it was read` : state),
    statements: [],
  }
}
