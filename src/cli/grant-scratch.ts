/** A cloud for a grant to be proved in: the caller's, the callee's and another account, and nothing of anyone's. */

import { loadPackage } from '../core/load-package.ts'
import { createClients, type AwsAccess } from '../crossing/access.ts'
import type { Grant } from '../crossing/grant/grant.ts'
import { otherAccount } from '../crossing/grant/situations.ts'
import { parseProjectFile } from '../core/project-file.ts'

const { DescribeOrganizationCommand } = loadPackage('@aws-sdk/client-organizations')

export interface ScratchCloud {
  readonly access: AwsAccess
  readonly organizationId: string
  close(): Promise<void>
}

export async function startScratchCloud({ request: { caller, callee } }: Grant): Promise<ScratchCloud> {
  const callers = caller.kind === 'role' ? [caller.account] : []
  const wanted = [...callers, callee.account, otherAccount(...callers, callee.account)]
  const { startCloud } = await import('../start-cloud.ts')
  const cloud = await startCloud({
    host: '127.0.0.1',
    port: 0,
    auth: 'strict',
    // Permissions need no packets.
    vpc: 'modelled',
    project: parseProjectFile(projectText(callee.region, wanted), 'the scratch cloud'),
    // Which interpreter serves its function is of no interest to a permission.
    notice: () => undefined,
  })
  try {
    const signers = new Map(
      cloud.accounts.map(({ id, accessKeyId, secretAccessKey }) => [id, { keys: { accessKeyId, secretAccessKey } }]),
    )
    const access: AwsAccess = { endpoint: cloud.endpoint, region: cloud.region, signers }
    const [management] = cloud.accounts
    const signer = management && signers.get(management.id)
    if (!signer) throw new Error('the scratch cloud has no management account')
    const { organizations } = createClients(access, signer)
    const { Organization } = await organizations.send(new DescribeOrganizationCommand({}))
    return { access, organizationId: Organization?.Id ?? '', close: () => cloud.close() }
  } catch (error) {
    await cloud.close()
    throw error
  }
}

/** Every cloud has this account, which manages its organization. */
const MANAGEMENT_ACCOUNT = '000000000001'

function projectText(region: string, accounts: readonly string[]): string {
  const members = [...new Set(accounts)].filter((id) => id !== MANAGEMENT_ACCOUNT)
  return JSON.stringify({ region, accounts: Object.fromEntries(members.map((id) => [`account-${id}`, id])) })
}
