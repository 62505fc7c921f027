/** `isthmus plan`: what a load needs of Lambda and the network, which limit breaks first, and when. */
import { type Command, Option } from 'commander'

import type { Output } from '../terminal/output.ts'
import { addProfileOptions, type ProfileOptions } from './profile-options.ts'

export interface PlanCommandOptions extends ProfileOptions {
  readonly to?: string
  readonly type?: 'sync' | 'async'
  readonly invocationDuration?: string
  readonly initDuration?: string
  readonly fromLoad?: string
  readonly connections: string
  readonly downstreamConnections?: string
  readonly report?: string
  readonly state: string
  readonly aws?: true
  readonly profile?: readonly string[]
  readonly region?: string
  readonly json?: true
}

export function addPlan(program: Command, output: Output, finish: (exitCode: number) => void): void {
  const plan = program
    .command('plan')
    .summary('plan the capacity of a crossing: which limit breaks first, and when')
    .description(
      "Simulates a load against Lambda's rules of admission and scaling and counts what else it needs: interfaces, addresses, connections, " +
        'requests to EC2, money. Nothing is invoked. The callees of the project in DIR are read from its templates, in a cloud of its own; ' +
        '--to in the cloud that `isthmus up` runs; with --aws both on AWS.',
    )
    .argument('[dir]', 'folder of a project: the one with isthmus.yaml')
    .option('--to <function>', 'the callee: an ARN, or account:name:qualifier')
    .addOption(new Option('--type <type>', 'invocation type (default: sync)').choices(['sync', 'async']))
  addProfileOptions(plan)
  plan
    .option('--invocation-duration <duration>', 'how long the callees take, such as 120ms')
    .option('--init-duration <duration>', 'how long they take to start, before the first invocation')
    .option(
      '--from-load <file>',
      'take both from a load test that --save wrote; and its callees and profile, if no others are named',
    )
    .option('--connections <n>', 'network connections that an execution environment holds', '1')
    .option('--downstream-connections <n>', 'connections that what the callees connect to accepts, such as a database')
    .option('--report <file>', 'write a page with plots: one HTML file')
    .option('--state <dir>', 'folder of the running cloud', '.isthmus')
    .option('--aws', 'read the limits of AWS itself')
    .option('--profile <account=profile...>', 'AWS profile of an account, with --aws')
    .option('--region <region>', 'Region of the functions that are not named by ARN')
    .option('--json', 'print the plan as one JSON object')
    .addHelpText(
      'after',
      '\nExit code: 0 every limit holds, 1 one breaks or nobody can tell from what could be read, 2 usage.',
    )
    .action(async (directory: string | undefined, options: PlanCommandOptions) => {
      // The SDK's clients take a while to load: not for every other command.
      const { runPlanCommand } = await import('../run-plan.ts')
      finish(await runPlanCommand(directory, options, output))
    })
}
