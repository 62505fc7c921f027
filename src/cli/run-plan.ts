/** What `isthmus plan` does: finds the AWS that is meant, reads what the callees may use, simulates, and shows and writes what came of it. */
import { resolve } from 'node:path'

import { UserError } from '../core/user-error.ts'
import { parseFunctionReference, type FunctionReference } from '../crossing/crossing.ts'
import { parseDuration } from '../crossing/load/duration.ts'
import type { RunData } from '../crossing/load/run-data.ts'
import { makePlan } from '../crossing/plan/plan.ts'
import { preparePlan, type PlanRequest } from '../crossing/plan/prepare.ts'
import { planReport } from '../crossing/plan/report.ts'
import { findAws, type AwsAtHand } from './aws-at-hand.ts'
import type { PlanCommandOptions } from './commands/plan.ts'
import { deployProject } from './deploy-project.ts'
import { EXIT_CHECK_FAILED, EXIT_OK } from './exit-codes.ts'
import { requireWritable, writeOutput } from './output-file.ts'
import { printPlan } from './plan-view.ts'
import { count, optionalCount, optionalTime, pacingOf, profileOf } from './profile-options.ts'
import { readProject, type Project } from './project.ts'
import { readRun } from './read-run.ts'
import type { Output } from './terminal/output.ts'

/** Answers the exit code. Throws `UserError`. */
export async function runPlanCommand(
  directory: string | undefined,
  options: PlanCommandOptions,
  output: Output,
): Promise<number> {
  requireWritable([options.report])
  const measured = options.fromLoad === undefined ? undefined : readRun(options.fromLoad)
  const project = projectOf(directory, options, measured)
  const settings = settingsOf(options, project, measured)
  const aws = await findAws({
    project,
    // The network is read, and nothing is sent through it.
    options: { ...options, vpc: 'modelled' },
    onNotice: (text) => output.note(`isthmus: ${text}`),
    onStep: () => undefined,
  })
  try {
    if (project && !options.aws) await deployProject(aws.access, project, () => undefined)
    const order = await preparePlan(aws.access, {
      ...settings,
      crossings: crossingsOf(aws, options, { project, measured }),
    })
    const notes = project && !options.aws ? [...order.notes, TEMPLATES_NOTE] : order.notes
    const plan = makePlan({ ...order, notes })
    if (options.report !== undefined) writeOutput(options.report, planReport(plan))
    if (options.json) output.line(JSON.stringify(plan))
    else {
      printPlan(plan, output)
      if (options.report !== undefined) output.line(`  wrote ${options.report}`)
    }
    return plan.ok ? EXIT_OK : EXIT_CHECK_FAILED
  } finally {
    await aws.close()
  }
}

const TEMPLATES_NOTE =
  'the functions are those of the templates, the limits those of a new account: --aws reads those of yours'

function projectOf(
  directory: string | undefined,
  { to }: PlanCommandOptions,
  measured: RunData | undefined,
): Project | undefined {
  if (to !== undefined && directory !== undefined) throw new UserError('Either a folder or --to, not both')
  if (to !== undefined || (directory === undefined && measured)) return undefined
  return readProject(resolve(directory ?? '.'), 'a function with --to')
}

function settingsOf(
  options: PlanCommandOptions,
  project: Project | undefined,
  measured: RunData | undefined,
): Omit<PlanRequest, 'crossings'> {
  if (options.profile !== undefined && options.aws === undefined) throw new UserError('--profile goes with --aws')
  const { executor, rate, vus, duration, stage, warmUp } = options
  const isProfileGiven = [executor, rate, vus, duration, stage, warmUp].some((option) => option !== undefined)
  const takesMeasured = measured !== undefined && !isProfileGiven && project?.file.load === undefined
  const profile = takesMeasured ? measured.profile : profileOf(options, project?.file.load)
  const pacing = pacingOf(options, profile)
  const durationMs = optionalTime('--invocation-duration', options.invocationDuration)
  const downstreamMax = optionalCount('--downstream-connections', options.downstreamConnections)
  return {
    profile,
    spacing: options.arrivals ?? (takesMeasured ? measured.spacing : pacing.spacing),
    seed: count('--seed', options.seed),
    thinkTimeMs: options.thinkTime === undefined && takesMeasured ? (measured.thinkTimeMs ?? 0) : pacing.thinkTimeMs,
    ...(durationMs !== undefined && { durationMs }),
    ...(options.initDuration !== undefined && { initMs: parseDuration(options.initDuration) }),
    ...(measured && { measured }),
    connectionsPerEnvironment: count('--connections', options.connections),
    ...(downstreamMax !== undefined && { downstreamMax }),
    isToBeDeployed: project !== undefined && !options.aws,
  }
}

function crossingsOf(
  aws: AwsAtHand,
  options: PlanCommandOptions,
  { project, measured }: { readonly project: Project | undefined; readonly measured: RunData | undefined },
): PlanRequest['crossings'] {
  const referenceOf = (text: string): FunctionReference =>
    parseFunctionReference(text, { region: aws.access.region, accounts: aws.accounts })
  const type = options.type && TYPES[options.type]
  if (options.to !== undefined) return [{ to: referenceOf(options.to), type: type ?? 'RequestResponse', weight: 1 }]
  const crossings = project?.file.crossings ?? measured?.crossings ?? []
  if (crossings.length === 0) {
    throw new UserError(`\`${project?.path ?? options.fromLoad}\` names no crossings`, {
      hint: 'Add one under `crossings:`',
    })
  }
  return crossings.map((crossing) => ({
    to: referenceOf(crossing.to),
    type: type ?? crossing.type,
    weight: crossing.weight,
  }))
}

const TYPES = { sync: 'RequestResponse', async: 'Event' } as const
