/** What `isthmus load` does: finds the AWS that is meant, asks where it costs money, runs the load, and shows and writes what came of it. */
import { createInterface } from 'node:readline/promises'

import { UserError } from '../core/user-error.ts'
import { parseFunctionReference } from '../crossing/crossing.ts'
import { compareRuns, differencesOfLoad } from '../crossing/load/compare.ts'
import { csvOf } from '../crossing/load/csv.ts'
import { figuresOf, judgeRun } from '../crossing/load/figures.ts'
import {
  describeCrossing,
  executeLoad,
  prepareLoad,
  type LoadCrossing,
  type PreparedLoad,
} from '../crossing/load/load-test.ts'
import { parsePayloadOption, payloadOfValue } from '../crossing/load/payload.ts'
import { loadReport } from '../crossing/load/report/page.ts'
import type { RunData } from '../crossing/load/run-data.ts'
import { summaryOf } from '../crossing/load/summary.ts'
import type { Threshold } from '../crossing/load/threshold.ts'
import { findAws, type AwsAtHand } from './aws-at-hand.ts'
import type { LoadCommandOptions } from './commands/load.ts'
import { deployProject } from './deploy-project.ts'
import { EXIT_CHECK_FAILED, EXIT_OK } from './exit-codes.ts'
import { exportScenario } from './export-load.ts'
import { onInterrupt } from './interruption.ts'
import { settingsOf, thresholdsOf } from './load-options.ts'
import { createProgress } from './load-progress.ts'
import { estimateText, printComparison, printHeader, printRun } from './load-view.ts'
import { requireWritable, writeOutput } from './output-file.ts'
import { projectUnlessEnds, type Project } from './project.ts'
import { readRun } from './read-run.ts'
import type { Output } from './terminal/output.ts'
import { fold } from './terminal/table.ts'

/** Answers the exit code. Throws `UserError`. */
export async function runLoadCommand(
  directory: string | undefined,
  options: LoadCommandOptions,
  output: Output,
): Promise<number> {
  requireWritable([options.report, options.csv, options.save])
  const compared = options.compare === undefined ? undefined : readRun(options.compare)
  if (options.read !== undefined) {
    const run = readRun(options.read)
    if (!options.json) printHeader(run, output)
    return conclude(run, thresholdsOf(options, undefined), compared, options, output)
  }
  const project = projectUnlessEnds(directory, options)
  const settings = settingsOf(options, project?.file.load)
  const thresholds = thresholdsOf(options, project?.file.load)
  // Another engine's scenario is for a cloud that stays.
  const isElsewhere = options.export !== undefined && !options.aws
  const aws = await findAws({
    project: isElsewhere ? undefined : project,
    options,
    onNotice: (text) => output.note(`isthmus: ${text}`),
    onStep: () => undefined,
  })
  try {
    // On AWS the stacks are those that are deployed there.
    if (project && !options.aws && !isElsewhere) await deployProject(aws.access, project, () => undefined)
    const crossings = crossingsOf(aws, project, options)
    if (options.export !== undefined) {
      const order = { engine: options.export, out: options.out, json: options.json === true }
      return await exportScenario({ aws, crossings, settings, thresholds }, order, output)
    }
    const prepared = await prepareLoad(aws.access, aws.accounts, crossings, settings)
    if (!options.json)
      printHeader({ profile: settings.profile, crossings: prepared.crossings.map(describeCrossing) }, output)
    await requireConsent(prepared, options, output)
    const run = await execute(prepared, options, output)
    return conclude(run, thresholds, compared, options, output)
  } finally {
    await aws.close()
  }
}

async function execute(prepared: PreparedLoad, options: LoadCommandOptions, output: Output): Promise<RunData> {
  const progress = createProgress(prepared, output, options.json === true)
  const interruption = onInterrupt(() => output.note('interrupted: waiting for what is in flight'))
  try {
    return await executeLoad(prepared, {
      onSecond: (second, records) => progress.second(second, records),
      onReading: () => progress.reading(),
      signal: interruption.signal,
    })
  } finally {
    interruption.ignore()
    progress.end()
  }
}

function conclude(
  run: RunData,
  thresholds: readonly Threshold[],
  compared: RunData | undefined,
  options: LoadCommandOptions,
  output: Output,
): number {
  const results = judgeRun(run, thresholds)
  const comparison = compared && compareRuns(compared, run)
  if (options.save !== undefined) writeOutput(options.save, JSON.stringify(run))
  if (options.csv !== undefined) writeOutput(options.csv, csvOf(run))
  if (options.report !== undefined) writeOutput(options.report, loadReport(run, results, compared))
  if (options.json) {
    output.line(JSON.stringify({ ...summaryOf(run, results), ...(comparison && { comparison }) }))
  } else {
    printRun(run, results, output)
    if (compared && comparison) printComparison(comparison, differencesOfLoad(compared, run), output)
    for (const path of [options.report, options.csv, options.save])
      if (path !== undefined) output.line(`  wrote ${path}`)
  }
  const isMet = results.every(({ ok }) => ok) && figuresOf(run).succeeded > 0 && run.stoppedBy !== 'signal'
  return isMet ? EXIT_OK : EXIT_CHECK_FAILED
}

/** Nobody's money is spent without a yes. Throws `UserError`. */
async function requireConsent(
  { access, estimate, settings }: PreparedLoad,
  options: LoadCommandOptions,
  output: Output,
) {
  if (estimate.invocations > settings.invocationsMax && !estimate.isGuess) {
    throw new UserError(
      `The profile makes ${estimate.invocations} invocations, expected at most --max-invocations ${settings.invocationsMax}`,
      { hint: `Allow them with --max-invocations ${estimate.invocations}` },
    )
  }
  if (access.endpoint !== undefined) return
  const cap = `never more than ${settings.invocationsMax.toLocaleString('en')} invocations (--max-invocations)`
  for (const text of [...estimateText(estimate), cap]) {
    for (const line of fold(text, Math.max(40, output.columns - 3))) output.note(`  ${line}`)
  }
  if (options.yes) return
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UserError('A load test on AWS costs money, and there is nobody to ask', {
      hint: 'Say --yes when that is what you want',
    })
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question('  Go ahead? Type yes: ')
  terminal.close()
  if (answer.trim().toLowerCase() !== 'yes') throw new UserError('Nothing was sent: the answer was not yes')
}

function crossingsOf(
  aws: AwsAtHand,
  project: Project | undefined,
  options: LoadCommandOptions,
): readonly LoadCrossing[] {
  const context = { region: aws.access.region, accounts: aws.accounts }
  const payload = options.payload === undefined ? undefined : parsePayloadOption(options.payload)
  const type = options.type && TYPES[options.type]
  if (!project) {
    const { from = '', to = '' } = options
    return [
      {
        from,
        to: parseFunctionReference(to, context),
        type: type ?? (options.endToEnd ? 'Event' : 'RequestResponse'),
        payload: payload ?? payloadOfValue({}),
        weight: 1,
      },
    ]
  }
  if (project.file.crossings.length === 0) {
    throw new UserError(`\`${project.path}\` names no crossings`, { hint: 'Add one under `crossings:`' })
  }
  return project.file.crossings.map((crossing) => ({
    from: crossing.from,
    to: parseFunctionReference(crossing.to, context),
    type: type ?? crossing.type,
    payload: payload ?? payloadOfValue(crossing.payload),
    weight: crossing.weight,
  }))
}

const TYPES = { sync: 'RequestResponse', async: 'Event' } as const
