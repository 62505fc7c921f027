/** Credentials of a function's execution role, so that a call is made by the very principal that will make it. */

import { loadPackage } from '../../core/load-package.ts'
import { UserError } from '../../core/user-error.ts'
import type { AccessKeys, AwsAccess, Clients } from '../access.ts'
import { signedFetch } from './signed-fetch.ts'

const { AssumeRoleCommand } = loadPackage('@aws-sdk/client-sts')

export async function roleSessionKeys(
  access: AwsAccess,
  {
    source,
    roleArn,
    sessionName,
  }: { readonly source: Clients; readonly roleArn: string; readonly sessionName: string },
): Promise<AccessKeys> {
  return access.endpoint === undefined
    ? assumeRole(source, roleArn, sessionName)
    : askIsthmus(access.endpoint, access.region, source, roleArn, sessionName)
}

/** AWS hands out an execution role's session only where its trust policy lets this principal assume it. */
async function assumeRole({ sts }: Clients, roleArn: string, sessionName: string): Promise<AccessKeys> {
  try {
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: sessionName }))
    return {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    }
  } catch (error) {
    throw new UserError(
      `The role \`${roleArn}\` cannot be assumed: ${error instanceof Error ? error.message : String(error)}`,
      {
        hint: 'Let the role trust your principal (sts:AssumeRole), or prove a caller whose own code makes the call (by: code)',
        exitCode: 1,
        cause: error,
      },
    )
  }
}

function messageOf(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? body
  } catch {
    return body
  }
}

/** Isthmus answers a session as Lambda would make it to an administrator of the account. */
async function askIsthmus(
  endpoint: string,
  region: string,
  { sts }: Clients,
  roleArn: string,
  sessionName: string,
): Promise<AccessKeys> {
  const { accessKeyId, secretAccessKey, sessionToken } = await sts.config.credentials()
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
  const { status, body } = await signedFetch(
    `${endpoint}/_isthmus/credentials`,
    { keys, region, service: 'sts' },
    { roleArn, sessionName },
  )
  if (status !== 200) throw new UserError(`No session of \`${roleArn}\` was had: ${messageOf(body)}`)
  const answer = JSON.parse(body) as { accessKeyId: string; secretAccessKey: string; sessionToken: string }
  return { accessKeyId: answer.accessKeyId, secretAccessKey: answer.secretAccessKey, sessionToken: answer.sessionToken }
}
