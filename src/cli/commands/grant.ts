/** `isthmus grant`: the least privilege that a call between two accounts needs, for both of them, and the proof that it is. */
import { type Command, Option } from 'commander'

import type { Output } from '../terminal/output.ts'

export interface GrantCommandOptions {
  readonly from?: string
  readonly to: string
  readonly scope: 'session' | 'role' | 'account' | 'org'
  readonly type: 'sync' | 'async'
  readonly format: 'cli' | 'cloudformation' | 'terraform' | 'cdk'
  readonly orgId?: string
  readonly service?: string
  readonly sourceArn?: string
  readonly sourceAccount?: string
  readonly out?: string
  readonly apply?: true
  readonly check?: true
  readonly state: string
  readonly aws?: true
  readonly yes?: true
  readonly profile?: readonly string[]
  readonly region?: string
  readonly json?: true
}

export function addGrant(program: Command, output: Output, finish: (exitCode: number) => void): void {
  program
    .command('grant')
    .summary('the least privilege a call needs in both accounts, proved minimal')
    .description(
      "Writes the two statements that let a call happen, one for the caller's role and one for the callee's qualifier, " +
        'and proves in a scratch cloud that they are enough and not too much. Changes nothing without --apply.',
    )
    .option('--from <caller>', 'the caller: a function (ARN, or account:name), or the ARN of a role')
    .requiredOption('--to <function>', 'the callee: an ARN, or account:name:qualifier')
    .addOption(
      new Option('--scope <scope>', "who of the caller's side is admitted")
        .choices(['session', 'role', 'account', 'org'])
        .default('role'),
    )
    .addOption(new Option('--type <type>', 'how the callee is called').choices(['sync', 'async']).default('sync'))
    .addOption(
      new Option('--format <format>', 'what the grant is written as')
        .choices(['cli', 'cloudformation', 'terraform', 'cdk'])
        .default('cli'),
    )
    .option('--org-id <id>', "the caller's organization, for --scope org; asked of AWS when absent")
    .addOption(new Option('--service <principal>', 'admit an AWS service instead: s3.amazonaws.com').conflicts('from'))
    .option('--source-arn <arn>', 'the resource for which --service calls')
    .option('--source-account <id>', 'its account, where its ARN has none')
    .option('--out <dir>', 'write the files into a folder')
    .addOption(new Option('--apply', 'make it so in both accounts').conflicts('check'))
    .option('--check', 'report what the policies in place allow beyond the call, and what they lack')
    .option('--state <dir>', 'folder of the running cloud', '.isthmus')
    .option('--aws', 'work on AWS itself, with the profiles of isthmus.yaml or --profile')
    .option('--profile <account=profile...>', 'AWS profile of an account, with --aws')
    .option('--region <region>', 'Region of the functions that are not named by ARN')
    .option('--yes', 'with --aws --apply: do change permissions there')
    .option('--json', 'print one JSON object')
    .action(async (options: GrantCommandOptions) => {
      const { runGrant } = await import('../run-grant.ts')
      finish(await runGrant(options, output))
    })
}
