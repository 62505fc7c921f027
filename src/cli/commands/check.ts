/** `isthmus check`: policy unit tests, decided by the same engine that authorizes every request of `isthmus up`. */
import type { Command } from 'commander'

import type { Output } from '../terminal/output.ts'

export interface CheckCommandOptions {
  readonly junit?: string
  readonly json?: true
}

export function addCheck(program: Command, output: Output, finish: (exitCode: number) => void): void {
  program
    .command('check')
    .summary('policy unit tests: requests, policies, and what should come of them')
    .description(
      'Decides every case of the files and compares with what it expects. A folder stands for all *.yaml, *.yml and *.jsonl in it. ' +
        'Exit code 1 when a case fails, 2 when a file cannot be read as cases. The format: docs/guide/policy-tests.md',
    )
    .argument('<file...>', 'YAML or JSON Lines files, or folders of them')
    .option('--junit <file>', 'also write the results as JUnit XML')
    .option('--json', 'print one JSON object per case, and a summary last')
    .action(async (paths: readonly string[], options: CheckCommandOptions) => {
      const { runCheck } = await import('../run-check.ts')
      finish(runCheck(paths, options, output))
    })
}
