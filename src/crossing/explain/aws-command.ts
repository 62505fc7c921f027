/** A command for the AWS CLI, as a list of arguments and as a line to paste into a shell. */
import type { AwsCommand } from './explanation.ts'
import type { Situation } from './situation.ts'

/** `args` from the service on. The profile is named where the account has one. */
export function awsCommand({ access, profiles }: Situation, account: string, args: readonly string[]): AwsCommand {
  const signer = access.signers.get(account)
  const profile = signer && 'profile' in signer ? signer.profile : profiles.get(account)
  const argv = ['aws', ...(profile === undefined ? [] : ['--profile', profile]), ...args]
  return { argv, shell: argv.map(quote).join(' ') }
}

function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`
}
