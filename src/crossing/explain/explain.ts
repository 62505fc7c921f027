/** Explains a call: reads both accounts, decides as AWS does, and says everything that stands in the way. */
import type { AwsAccess } from '../access.ts'
import { findObstacles, type Obstacles } from './blockers.ts'
import { dryRun } from './dry-run.ts'
import { evaluate, type Evaluation } from './evaluate.ts'
import type { CallExplanation, EvidenceView, Fact, LayerView, Verdict } from './explanation.ts'
import { lambdaRefusals } from './lambda-state.ts'
import { layerViews } from './layer-views.ts'
import { networkFacts } from './network-view.ts'
import { openingsOf } from './openings.ts'
import type { Question } from './question.ts'
import type { Unread } from './reading.ts'
import { readSituation, type Situation } from './situation.ts'
import { isUncertainClause } from './worlds.ts'

export interface ExplainOptions {
  readonly access: AwsAccess
  /** Account id → the profile that signs for it in the AWS CLI. */
  readonly profiles: ReadonlyMap<string, string>
  readonly question: Question
  /** Have Lambda check the permission too, with a session of the caller's role; no code runs. */
  readonly dryRun: boolean
  readonly now: Date
}

/** Throws `UserError` when it is not even known who calls what. */
export async function explainCall(options: ExplainOptions): Promise<CallExplanation> {
  const situation = await readSituation(options)
  const evaluation = evaluate(situation)
  const obstacles = await findObstacles(situation, evaluation)
  const layers = layerViews(situation, evaluation)
  const evaluated = verdictOf(situation, evaluation, obstacles, layers)
  const evidence = await evidenceOf(situation, evaluated, options)
  const { question, principal, callerAccount, resourceAccount } = situation
  return {
    verdict: evidence[0]?.outcome ?? evaluated,
    call: {
      caller: 'arn' in principal && !isAnySession(situation) ? principal.arn : titleOfCaller(situation),
      ...(callerAccount !== undefined && { callerAccount }),
      action: question.action,
      resource: question.resource,
      resourceAccount,
      ...(question.type && { type: question.type }),
    },
    evidence,
    layers,
    ...(situation.networks.caller?.known === true && { network: situation.networks.caller.value }),
    blockers: obstacles.blockers,
    fixes: obstacles.fixes,
    openings: openingsOf(situation, evaluation),
    facts: [...obstacles.facts, ...networkFacts(situation), ...factsAboutTheAnswer(situation, evaluation, evaluated)],
    unread: unreadOf(situation, evaluation),
  }
}

function isAnySession({ principal }: Situation): boolean {
  return principal.kind === 'role-session' && principal.sessionName === '*'
}

function titleOfCaller({ principal }: Situation): string {
  if (principal.kind === 'role-session') return principal.roleArn
  return principal.kind === 'service' ? principal.service : principal.kind
}

function verdictOf(
  situation: Situation,
  { permission }: Evaluation,
  { blockers }: Obstacles,
  layers: readonly LayerView[],
): Verdict {
  if (permission === 'denied') return 'denied'
  if (blockers.some(({ layer }) => layer !== 'function' && layer !== 'network')) return 'denied'
  if (permission === 'undecided') return 'undecided'
  if (lambdaRefusals(situation).some(({ isDenial }) => isDenial)) return 'denied'
  if (blockers.length > 0) return 'fails'
  const isOpen = ({ layer, outcome }: LayerView) =>
    (layer === 'function' || layer === 'network') && outcome === 'undecided'
  return layers.some(isOpen) ? 'undecided' : 'allowed'
}

/** What Lambda itself says decides where our engine cannot. */
async function evidenceOf(
  situation: Situation,
  evaluated: Verdict,
  options: ExplainOptions,
): Promise<readonly EvidenceView[]> {
  const evidence: EvidenceView[] = [
    { how: 'evaluated', outcome: evaluated, detail: "Isthmus' engine, over the policies as they are now" },
  ]
  if (options.dryRun) {
    const dry = await dryRun(situation)
    if (evaluated === 'undecided' && dry.outcome !== 'undecided') evidence.unshift(dry)
    else evidence.push(dry)
  }
  const { answered } = situation.question
  if (answered?.requestId !== undefined) {
    evidence.push({
      how: 'executed',
      outcome: answered.outcome !== 'allow' ? 'denied' : answered.error === undefined ? 'allowed' : 'fails',
      detail: answered.error ?? 'the call was permitted',
      requestId: answered.requestId,
    })
  }
  return evidence
}

function factsAboutTheAnswer(
  { question }: Situation,
  { most, permission }: Evaluation,
  verdict: Verdict,
): readonly Fact[] {
  const facts: Fact[] = []
  if (
    permission === 'denied' &&
    most.decision.blockedBy === 'resource' &&
    !most.blockers.some(({ layer }) => layer === 'resource')
  ) {
    facts.push({
      id: 'void-account-grant',
      text: "AWS blames the resource-based policy here: its grant to the caller's whole account is void until a policy of that account allows the call too",
    })
  }
  const { answered } = question
  const wasAllowed = answered?.outcome === 'allow' && answered.error === undefined
  if (answered && verdict !== 'undecided' && wasAllowed !== (verdict === 'allowed')) {
    facts.push({
      id: 'changed-since',
      text: `the call was ${wasAllowed ? 'permitted' : 'refused'} then, and as things stand now it would ${verdict === 'allowed' ? 'be permitted' : 'not be'}: something has changed since`,
    })
  }
  return facts
}

/** What was not read, and the condition keys of this call that nobody can tell, where a policy asks for them. */
function unreadOf(situation: Situation, { findings }: Evaluation): readonly Unread[] {
  const { reader, context } = situation
  const keys = new Set(
    findings
      .filter(({ isUncertain, explanation }) => isUncertain && explanation.matchesAction)
      .flatMap(({ statement }) => statement.conditions.filter((clause) => isUncertainClause(clause, context)))
      .map(({ key }) => key),
  )
  return [
    ...reader.unread,
    ...[...keys].map((key) => ({
      input: `the condition key ${key}`,
      why: 'the question does not tell it',
      leaves: `what the statements say that ask for it (give it with --context ${key}=…)`,
    })),
  ]
}
