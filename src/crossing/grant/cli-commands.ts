/** A grant as commands of the AWS CLI, and the commands that take it back. */
import type { GrantFile, Profiles } from './formats.ts'
import { identityDocument, type Grant, type IdentityGrant, type ResourceGrant } from './grant.ts'

/** One program with its arguments, unquoted. */
export type CommandLine = readonly string[]

export interface AccountCommands {
  readonly side: 'caller' | 'callee'
  readonly account: string
  readonly grant: CommandLine
  /** Takes back what `grant` gave. */
  readonly revoke: CommandLine
}

export function commandsOf(grant: Grant, profiles: Profiles): readonly AccountCommands[] {
  const { identity, resource } = grant
  return [
    ...(identity ? [identityCommands(identity, profileOptions(identity.account, profiles))] : []),
    ...(resource ? [resourceCommands(resource, profileOptions(resource.callee.account, profiles))] : []),
  ]
}

export function cliFiles(grant: Grant, profiles: Profiles): readonly GrantFile[] {
  return commandsOf(grant, profiles).map(({ side, account, grant: command, revoke }) => ({
    name: `${side}-${account}.sh`,
    account,
    content: `${shellText(command)}\n\n# To take it back:\n# ${revoke.map(quoted).join(' ')}\n`,
  }))
}

function identityCommands(identity: IdentityGrant, profile: CommandLine): AccountCommands {
  const names = ['--role-name', identity.roleName, '--policy-name', identity.policyName]
  const document = JSON.stringify(identityDocument(identity))
  return {
    side: 'caller',
    account: identity.account,
    grant: ['aws', ...profile, 'iam', 'put-role-policy', ...names, '--policy-document', document],
    revoke: ['aws', ...profile, 'iam', 'delete-role-policy', ...names],
  }
}

function resourceCommands(resource: ResourceGrant, profile: CommandLine): AccountCommands {
  const { callee, principalOrgId, sourceArn, sourceAccount } = resource
  const names = [
    '--region',
    callee.region,
    '--function-name',
    callee.name,
    ...(callee.qualifier === undefined ? [] : ['--qualifier', callee.qualifier]),
    '--statement-id',
    resource.statementId,
  ]
  const conditions = [
    ...(principalOrgId === undefined ? [] : ['--principal-org-id', principalOrgId]),
    ...(sourceArn === undefined ? [] : ['--source-arn', sourceArn]),
    ...(sourceAccount === undefined ? [] : ['--source-account', sourceAccount]),
  ]
  const who = ['--action', resource.action, '--principal', resource.principal]
  return {
    side: 'callee',
    account: callee.account,
    grant: ['aws', ...profile, 'lambda', 'add-permission', ...names, ...who, ...conditions],
    revoke: ['aws', ...profile, 'lambda', 'remove-permission', ...names],
  }
}

function profileOptions(account: string, profiles: Profiles): CommandLine {
  const profile = profiles.get(account)
  return profile === undefined ? [] : ['--profile', profile]
}

/** One option per line. */
export function shellText(command: CommandLine): string {
  const lines: string[] = []
  for (const word of command.map(quoted)) {
    const last = lines.at(-1)
    const startsLine = word.startsWith('--') && word !== '--profile'
    if (last === undefined || startsLine) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.join(' \\\n  ')
}

/** A word as a POSIX shell reads it back. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_./:@=+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
