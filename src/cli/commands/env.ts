/** `isthmus env`: the shell exports that make one account's administrator the default of every AWS tool. */
import { resolve } from 'node:path'

import type { Command } from 'commander'

import { UserError } from '../../core/user-error.ts'
import { readAwsProfiles } from '../aws-profiles.ts'
import { EXIT_OK } from '../exit-codes.ts'
import type { Output } from '../terminal/output.ts'

export function addEnv(program: Command, output: Output, finish: (exitCode: number) => void): void {
  program
    .command('env')
    .summary('print shell exports for an account')
    .description('Prints shell exports for one account\'s administrator: eval "$(isthmus env source)"')
    .argument('<account>', 'name or id of an account')
    .option('--state <dir>', 'folder of the running cloud', '.isthmus')
    .option('--json', 'print an object instead')
    .action((account: string, options: { readonly state: string; readonly json?: true }) => {
      const profiles = readAwsProfiles(resolve(options.state))
      const profile = profiles.find(({ name, accountId }) => name === account || accountId === account)
      if (!profile) {
        const known = profiles.map(({ name, accountId }) => `${name} (${accountId})`).join(', ')
        throw new UserError(`There is no account \`${account}\`, expected one of ${known}`)
      }
      const variables = {
        AWS_ENDPOINT_URL: profile.endpointUrl,
        AWS_ACCESS_KEY_ID: profile.accessKeyId,
        AWS_SECRET_ACCESS_KEY: profile.secretAccessKey,
        AWS_REGION: profile.region,
        AWS_DEFAULT_REGION: profile.region,
      }
      if (options.json) output.line(JSON.stringify(variables))
      else {
        for (const [name, value] of Object.entries(variables)) output.line(`export ${name}='${value}'`)
        // A profile or token left from before would win over these keys or spoil them.
        output.line('unset AWS_PROFILE AWS_SESSION_TOKEN')
      }
      finish(EXIT_OK)
    })
}
