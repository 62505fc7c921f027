/** The options that say what load is offered, and when: the same of `load` and `plan`. */
import { type Command, Option } from 'commander'

import type { Spacing } from '../../crossing/load/arrivals.ts'
import { EXECUTORS, type Executor } from '../../crossing/load/profile.ts'

export interface ProfileOptions {
  readonly executor?: Executor
  readonly rate?: string
  readonly vus?: string
  readonly duration?: string
  readonly stage?: readonly string[]
  readonly warmUp?: string
  readonly arrivals?: Spacing
  readonly seed: string
  readonly thinkTime?: string
}

export function addProfileOptions(command: Command): void {
  command
    .addOption(
      new Option('--executor <name>', 'how load is offered (default: by the options given)').choices(EXECUTORS),
    )
    .option('--rate <n>', 'invocations a second; with stages: at the beginning')
    .option('--vus <n>', 'virtual users, each of which waits for its answer; with stages: at the beginning')
    .option('--duration <duration>', 'such as 30s (default) or 2m30s')
    .option('--stage <duration:target...>', 'ramp to a rate or number of users, such as 30s:200; 0s:200 jumps')
    .option('--warm-up <duration>', 'load before the measurement, counted for nothing')
    .addOption(
      new Option('--arrivals <spacing>', 'even (default), or random as independent callers are').choices([
        'even',
        'poisson',
      ]),
    )
    .option('--seed <n>', 'of everything random', '1')
    .option('--think-time <duration>', 'of a virtual user between an answer and its next invocation')
}
