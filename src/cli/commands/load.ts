/** `isthmus load`: an open-model load test of a crossing that names the cause of every failure. */
import { type Command, Option } from 'commander'

import type { Output } from '../terminal/output.ts'
import { addProfileOptions, type ProfileOptions } from './profile-options.ts'

export interface LoadCommandOptions extends ProfileOptions {
  readonly from?: string
  readonly to?: string
  readonly type?: 'sync' | 'async'
  readonly payload?: string
  readonly maxInFlight?: string
  readonly timeout?: string
  readonly endToEnd?: true
  readonly drain?: string
  readonly workers?: string
  readonly maxInvocations?: string
  readonly threshold?: readonly string[]
  readonly report?: string
  readonly csv?: string
  readonly save?: string
  readonly compare?: string
  readonly read?: string
  readonly export?: 'artillery' | 'k6'
  readonly out?: string
  readonly state: string
  readonly aws?: true
  readonly profile?: readonly string[]
  readonly region?: string
  readonly yes?: true
  readonly json?: true
}

export function addLoad(program: Command, output: Output, finish: (exitCode: number) => void): void {
  const load = program
    .command('load')
    .summary('load-test a crossing: latency, and the cause of every failure')
    .description(
      'Invokes the callees of the project in DIR, or of --from and --to, at the rate that is asked for, whatever the answers take, and ' +
        'measures from when each invocation should have started. A project is tested in a cloud of its own; --from/--to in the cloud that ' +
        '`isthmus up` runs; with --aws both on AWS.',
    )
    .argument('[dir]', 'folder of a project: the one with isthmus.yaml')
    .option('--from <caller>', 'who signs: a function (its role), a role, or a profile')
    .option('--to <function>', 'the callee: an ARN, or account:name:qualifier')
    .addOption(new Option('--type <type>', 'invocation type (default: sync)').choices(['sync', 'async']))
    .option(
      '--payload <json>',
      'JSON with {{uuid}}, {{sequence}}, {{now}} or {{random 1 9}}, or @FILE: .json, .jsonl, .mjs',
    )
  addProfileOptions(load)
  addSending(load)
  addResults(load)
  load
    .option('--state <dir>', 'folder of the running cloud', '.isthmus')
    .option('--aws', 'load AWS itself: asks first, and costs money')
    .option('--profile <account=profile...>', 'AWS profile of an account, with --aws')
    .option('--region <region>', 'Region of the functions that are not named by ARN')
    .option('--max-invocations <n>', 'stop after so many (default: 100000 with --aws)')
    .option('--yes', 'with --aws: do not ask')
    .option('--json', 'print a JSON line a second, and the summary as the last')
    .addHelpText('after', '\nExit code: 0 every threshold is met, 1 one is missed or nothing succeeded, 2 usage.')
    .action(async (directory: string | undefined, options: LoadCommandOptions) => {
      // The SDK's clients take a while to load: not for every other command.
      const { runLoadCommand } = await import('../run-load.ts')
      finish(await runLoadCommand(directory, options, output))
    })
}

function addSending(load: Command): void {
  load
    .option('--max-in-flight <n>', 'invocations that wait for an answer at once; more are dropped (default: 1000)')
    .option('--timeout <duration>', "give an answer up after so long (default: the callee's timeout and 15 s)")
    .option('--end-to-end', "with --type async: follow events to their end in the callee's log")
    .option('--drain <duration>', 'with --end-to-end: how long to wait for events at the end (default: 30s)')
    .option('--workers <n>', 'threads that send (default: by the rate)')
}

function addResults(load: Command): void {
  load
    .option(
      '--threshold <condition...>',
      'such as p99<50ms, errors<0.1% or throttles==0; one that is missed fails the run',
    )
    .option('--report <file>', 'write a page with plots: one HTML file')
    .option('--csv <file>', 'write the figures of every second and crossing')
    .option('--save <file>', 'save the run')
    .option('--compare <file>', 'compare with a run that was saved')
    .option('--read <file>', 'send nothing: show a run that was saved')
    .addOption(
      new Option('--export <engine>', 'send nothing: write the scenario for another engine').choices([
        'artillery',
        'k6',
      ]),
    )
    .option('--out <dir>', 'folder for --export')
}
