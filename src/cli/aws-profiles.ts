/** The `aws/config` and `aws/credentials` files that let the AWS CLI and every SDK use the cloud's accounts as profiles. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { UserError } from '../core/user-error.ts'

export interface AwsProfile {
  readonly name: string
  readonly accountId: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
  readonly endpointUrl: string
}

export interface AwsProfileFiles {
  readonly awsConfigFile: string
  readonly awsCredentialsFile: string
}

export function awsProfileFiles(directory: string): AwsProfileFiles {
  return { awsConfigFile: join(directory, 'aws', 'config'), awsCredentialsFile: join(directory, 'aws', 'credentials') }
}

export function writeAwsProfiles(directory: string, profiles: readonly AwsProfile[]): AwsProfileFiles {
  const files = awsProfileFiles(directory)
  mkdirSync(join(directory, 'aws'), { recursive: true, mode: 0o700 })
  const config = profiles.map(({ name, accountId, region, endpointUrl }) =>
    section(`profile ${name}`, { region, endpoint_url: endpointUrl, output: 'json', aws_account_id: accountId }),
  )
  const credentials = profiles.map(({ name, accessKeyId, secretAccessKey }) =>
    section(name, { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey }),
  )
  writeFileSync(files.awsConfigFile, config.join('\n'), { mode: 0o600 })
  writeFileSync(files.awsCredentialsFile, credentials.join('\n'), { mode: 0o600 })
  return files
}

/** Throws `UserError` when the folder has no profiles: no cloud was started there. */
export function readAwsProfiles(directory: string): readonly AwsProfile[] {
  const files = awsProfileFiles(directory)
  try {
    const config = sections(readFileSync(files.awsConfigFile, 'utf8'))
    const credentials = sections(readFileSync(files.awsCredentialsFile, 'utf8'))
    return [...credentials].map(([name, keys]) => {
      const settings = config.get(`profile ${name}`) ?? {}
      return {
        name,
        accountId: settings['aws_account_id'] ?? '',
        accessKeyId: keys['aws_access_key_id'] ?? '',
        secretAccessKey: keys['aws_secret_access_key'] ?? '',
        region: settings['region'] ?? '',
        endpointUrl: settings['endpoint_url'] ?? '',
      }
    })
  } catch (error) {
    throw new UserError(`\`${directory}\` holds no profiles of a running cloud`, {
      hint: 'Start one here with `isthmus up`, or name its folder with --state DIR',
      cause: error,
    })
  }
}

function section(title: string, settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}`)
  return `[${title}]\n${lines.join('\n')}\n`
}

function sections(text: string): Map<string, Readonly<Record<string, string>>> {
  const found = new Map<string, Record<string, string>>()
  let current: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const title = /^\[(.+)\]$/.exec(line)?.[1]
    const equals = line.indexOf(' = ')
    if (title !== undefined) found.set(title, (current = {}))
    else if (equals > 0) current[line.slice(0, equals)] = line.slice(equals + 3)
  }
  return found
}
