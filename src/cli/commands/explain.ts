/** `isthmus explain`: why a call is denied, everything that stands in its way, and the smallest change in each account. */
import { type Command, Option } from 'commander'

import type { CallType } from '../../crossing/explain/question.ts'
import type { Output } from '../terminal/output.ts'

export interface ExplainCommandOptions {
  readonly from?: string
  readonly to?: string
  readonly type?: CallType
  readonly logType?: 'None' | 'Tail'
  readonly principal?: string
  readonly action?: string
  readonly resource?: string
  readonly context?: readonly string[]
  readonly dryRunCall?: true
  readonly state: string
  readonly aws?: true
  readonly profile?: readonly string[]
  readonly region?: string
  readonly json?: true
}

export function addExplain(program: Command, output: Output, finish: (exitCode: number) => void): void {
  program
    .command('explain')
    .summary('say why a call is denied, and what would let it through')
    .description(
      'Explains the call with a request id of the running cloud, the call of a pasted AccessDenied message, the call between two ' +
        'functions (--from, --to), or any call (--principal, --action, --resource). Reads both accounts, changes nothing.',
    )
    .argument('[what]', 'a request id, or an AccessDenied message')
    .option('--from <function>', "the caller: a function's ARN, account:name, or the ARN of a principal")
    .option('--to <function>', 'the callee as the caller writes it: an ARN, account:name:qualifier, or a bare name')
    .addOption(
      new Option('--type <type>', 'how --from calls --to (default: sync)').choices(['sync', 'async', 'invoke-async']),
    )
    .addOption(new Option('--log-type <type>', 'whether the call asks for the log').choices(['None', 'Tail']))
    .option('--principal <arn>', 'a role, session, user or root user, an AWS service, or anonymous')
    .option('--action <action>', 'such as lambda:InvokeFunction')
    .option('--resource <arn>', 'what the action is about')
    .option('--context <key=value...>', 'condition keys of the call that no API tells, such as aws:SourceIp')
    .option('--dry-run-call', "with --from and --to: also have Lambda check it, with a session of the caller's role")
    .option('--state <dir>', 'folder of the running cloud', '.isthmus')
    .option('--aws', 'read AWS itself, with --profile')
    .option('--profile <account=profile...>', 'AWS profile of an account, with --aws')
    .option('--region <region>', 'Region of the functions that are not named by ARN')
    .option('--json', 'print the explanation as one JSON object')
    .addHelpText('after', '\nExit code: 0 allowed, 1 denied, or nobody can tell from what could be read, 2 usage.')
    .action(async (what: string | undefined, options: ExplainCommandOptions) => {
      // The SDK's clients take a while to load: not for every other command.
      const { runExplain } = await import('../run-explain.ts')
      finish(await runExplain(what, options, output))
    })
}
