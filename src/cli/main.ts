/** The `isthmus` command: parses the command line, runs one command, and turns every failure into a message and an exit code. */
import { Command, CommanderError } from 'commander'

import { UserError } from '../core/user-error.ts'
import { awsProblem } from '../crossing/aws-problem.ts'
import { EXIT_BUG, EXIT_OK, EXIT_USAGE } from './exit-codes.ts'
import { createOutput } from './terminal/output.ts'
import { packageVersion } from './version.ts'

/** Answers the exit code; never throws. `argv` is what follows the command's own name. */
export async function main(argv: readonly string[]): Promise<number> {
  // Node.js 20 is supported; the SDK's advice to replace it is not for every run of a command.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
  const output = createOutput(process.stdout, process.stderr)
  let exitCode: number = EXIT_OK
  const finish = (code: number) => {
    exitCode = code
  }
  const program = new Command('isthmus')
    .description('Calls between AWS accounts, proven before they are deployed')
    .version(packageVersion())
    .showHelpAfterError()
    .exitOverride()
  const [
    { addUp },
    { addEnv },
    { addProve },
    { addExplain },
    { addGrant },
    { addLoad },
    { addPlan },
    { addCheck },
    { addDoctor },
  ] = await Promise.all([
    import('./commands/up.ts'),
    import('./commands/env.ts'),
    import('./commands/prove.ts'),
    import('./commands/explain.ts'),
    import('./commands/grant.ts'),
    import('./commands/load.ts'),
    import('./commands/plan.ts'),
    import('./commands/check.ts'),
    import('./commands/doctor.ts'),
  ])
  for (const add of [addUp, addEnv, addProve, addExplain, addGrant, addLoad, addPlan, addCheck, addDoctor])
    add(program, output, finish)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE
    const problem = error instanceof UserError ? error : awsProblem(error)
    if (problem) {
      output.note(`${output.paint('red', 'error')}: ${problem.message}`)
      if (problem.hint !== undefined) output.note(`hint: ${problem.hint}`)
      return problem.exitCode
    }
    output.note(error instanceof Error ? (error.stack ?? error.message) : String(error))
    output.note('This is a bug in Isthmus; please report it with the lines above')
    return EXIT_BUG
  }
}
