/** What `isthmus prove` does: finds the AWS that is meant, deploys the project, and proves one crossing after the other. */
import { randomBytes } from 'node:crypto'

import { parseFunctionReference, type Crossing } from '../crossing/crossing.ts'
import type { ProofRow } from '../crossing/prove/proof-row.ts'
import { proveCrossing, type CrossingProof, type ProofPart } from '../crossing/prove/prove.ts'
import { UserError } from '../core/user-error.ts'
import { findAws, type AwsAtHand } from './aws-at-hand.ts'
import type { ProveCommandOptions } from './commands/prove.ts'
import { deployProject } from './deploy-project.ts'
import { EXIT_CHECK_FAILED, EXIT_OK } from './exit-codes.ts'
import { onInterrupt } from './interruption.ts'
import { projectUnlessEnds, type Project } from './project.ts'
import { createProofReport, type ProofReportWriter } from './proof-report.ts'
import { createProofView, type ProofView } from './proof-view.ts'
import type { Output } from './terminal/output.ts'

/** Answers the exit code. Throws `UserError`. */
export async function runProof(
  directory: string | undefined,
  options: ProveCommandOptions,
  output: Output,
): Promise<number> {
  const project = projectUnlessEnds(directory, options)
  if (options.aws && !options.yes) {
    throw new UserError('Proving on AWS changes the permissions of the caller and the callee, and restores them', {
      hint: 'Say --yes when that is what you want',
    })
  }
  const report = options.report === undefined ? undefined : createProofReport(options.report, new Date())
  const view = createProofView(output, options.json === true)
  const started = performance.now()
  const aws = await findAws({
    project,
    options,
    onNotice: (text) => view.note(text),
    onStep: (text, ms) => view.step(text, ms),
  })
  const interruption = onInterrupt(() => view.note('interrupted: restoring the permissions, then stopping'))
  try {
    if (project) {
      await deployProject(aws.access, project, (stack) => {
        report?.stack(stack)
        view.stack(stack)
      })
    }
    const proofs = await proveAll(crossingsOf(aws, project, options), aws, {
      view,
      report,
      signal: interruption.signal,
      network: options.network ?? (project !== undefined && options.aws === undefined),
    })
    const interrupted = interruption.signal.aborted
    const run = { proofs, interrupted, durationMs: performance.now() - started }
    view.summary(run)
    if (report) {
      await report.write(run, aws)
      view.note(`report: ${options.report}`)
    }
    if (!project && !options.aws) tellOfExplain(proofs, options.state, view)
    const passed = proofs.length > 0 && proofs.every(({ rows }) => rows.every(({ ok }) => ok)) && !interrupted
    return passed ? EXIT_OK : EXIT_CHECK_FAILED
  } finally {
    interruption.ignore()
    await aws.close()
  }
}

/** A call that was denied as it stands has more to it than the one reason that AWS names. The running cloud remembers the request. */
function tellOfExplain(proofs: readonly CrossingProof[], state: string, view: ProofView): void {
  const denied = proofs.flatMap(({ rows }) => rows).find(({ id, ok }) => !ok && CALLS.has(id))
  if (denied?.outcome !== 'denied' || denied.requestId === undefined) return
  const where = state === DEFAULT_STATE ? '' : ` --state ${state}`
  view.note(`hint: \`isthmus explain ${denied.requestId}${where}\` names everything that stands in the way`)
}

const CALLS: ReadonlySet<string> = new Set(['call-sync', 'call-async'])
const DEFAULT_STATE = '.isthmus'

interface ProofRunOptions {
  readonly view: ProofView
  readonly report: ProofReportWriter | undefined
  readonly signal: AbortSignal
  readonly network: boolean
}

async function proveAll(
  crossings: readonly Crossing[],
  aws: AwsAtHand,
  { view, report, signal, network }: ProofRunOptions,
): Promise<readonly CrossingProof[]> {
  const runId = randomBytes(3).toString('hex')
  const proofs: CrossingProof[] = []
  const prove = async (crossing: Crossing, part: ProofPart) => {
    view.crossing(crossing, part)
    const onRow = (row: ProofRow) => {
      report?.row(row, aws)
      view.row(row)
    }
    const modelled = aws.modelled === undefined ? {} : { modelled: aws.modelled }
    const withPaths = report !== undefined
    proofs.push(
      await proveCrossing({ access: aws.access, crossing, runId, part, withPaths, onRow, signal, ...modelled }),
    )
  }
  for (const crossing of crossings) if (!signal.aborted) await prove(crossing, 'call')
  await report?.landscapes(onePerPair(crossings), aws)
  // Permissions are taken away only from calls that are known to work.
  if (!proofs.every(({ rows }) => rows.every(({ ok }) => ok))) return proofs
  for (const part of network ? PARTS : PARTS.slice(0, 1)) {
    for (const crossing of onePerPair(crossings)) if (!signal.aborted) await prove(crossing, part)
  }
  return proofs
}

const PARTS = ['permissions', 'network'] as const

/** The permissions of a caller and a callee are the same however one calls the other; a synchronous call tells soonest. */
function onePerPair(crossings: readonly Crossing[]): readonly Crossing[] {
  const pairs = new Map<string, Crossing>()
  for (const crossing of crossings) {
    const pair = `${crossing.from.arn} ${crossing.to.arn}`
    if (!pairs.has(pair) || crossing.type === 'RequestResponse') pairs.set(pair, crossing)
  }
  return [...pairs.values()]
}

function crossingsOf(aws: AwsAtHand, project: Project | undefined, options: ProveCommandOptions): readonly Crossing[] {
  const context = { region: aws.access.region, accounts: aws.accounts }
  if (project) {
    if (project.file.crossings.length === 0) {
      throw new UserError(`\`${project.path}\` names no crossings`, { hint: 'Add one under `crossings:`' })
    }
    return project.file.crossings.map(({ from, to, type, payload, by }) => ({
      from: parseFunctionReference(from, context),
      to: parseFunctionReference(to, context),
      type,
      payload: payload ?? {},
      by,
    }))
  }
  const { from = '', to = '', type, payload, by } = options
  return [
    {
      from: parseFunctionReference(from, context),
      to: parseFunctionReference(to, context),
      type,
      payload: parsePayload(payload),
      by,
    },
  ]
}

function parsePayload(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new UserError(`\`${text}\` is not JSON, expected the payload of the call`, { cause: error })
  }
}
