/** `isthmus prove`: deploys a project's stacks, makes its crossings happen, and takes each permission away in turn. */
import { type Command, Option } from 'commander'

import type { Crossing, InvocationType } from '../../crossing/crossing.ts'
import type { VpcMode } from '../../network/open-network.ts'
import type { Output } from '../terminal/output.ts'

export interface ProveCommandOptions {
  readonly from?: string
  readonly to?: string
  readonly type: InvocationType
  readonly payload: string
  readonly by: Crossing['by']
  readonly state: string
  readonly ephemeral?: true
  readonly aws?: true
  readonly yes?: true
  readonly network?: boolean
  readonly vpc?: VpcMode
  readonly profile?: readonly string[]
  readonly region?: string
  readonly report?: string
  readonly json?: true
}

export function addProve(program: Command, output: Output, finish: (exitCode: number) => void): void {
  program
    .command('prove')
    .summary('prove a crossing: make it happen, then take each permission away in turn')
    .description(
      'Deploys the stacks of the project in DIR and proves its crossings, or proves the call between two deployed functions. ' +
        'A project is proved in a cloud of its own that is gone afterwards; --from/--to in the cloud that `isthmus up` runs.',
    )
    .argument('[dir]', 'folder of a project: the one with isthmus.yaml')
    .option('--from <function>', 'the caller: an ARN, or account:name')
    .option('--to <function>', 'the callee: an ARN, or account:name:qualifier')
    .addOption(
      new Option('--type <type>', 'invocation type of --from/--to')
        .choices(['RequestResponse', 'Event'])
        .default('RequestResponse'),
    )
    .option('--payload <json>', 'what the callee is sent', '{}')
    .addOption(
      new Option('--by <who>', "who makes the call: a session of the caller's role, or the caller's own code")
        .choices(['role', 'code'])
        .default('role'),
    )
    .option('--state <dir>', 'folder of the running cloud', '.isthmus')
    .addOption(new Option('--ephemeral', 'use a cloud of its own even for --from/--to').hideHelp())
    .option('--aws', 'prove on AWS itself, with the profiles of isthmus.yaml or --profile')
    .option('--profile <account=profile...>', 'AWS profile of an account, with --aws')
    .option('--region <region>', 'Region of the functions that are not named by ARN')
    .option('--yes', 'with --aws: do change and restore permissions there')
    .option('--network', 'also prove what the network lets through; on AWS it makes a NAT gateway and takes minutes')
    .option('--no-network', 'leave the network out, which is part of the proof of a project on Isthmus')
    .addOption(
      new Option('--vpc <mode>', 'the VPC data plane of a cloud of its own').choices([
        'auto',
        'require-real',
        'modelled',
      ]),
    )
    .option('--report <file>', 'write a page with the diagram of both accounts: one HTML file')
    .option('--json', 'print the proof as one JSON object')
    .action(async (directory: string | undefined, options: ProveCommandOptions) => {
      // The SDK's clients take a while to load: not for every other command.
      const { runProof } = await import('../run-proof.ts')
      finish(await runProof(directory, options, output))
    })
}
