/** Whose keys sign the load: a function's execution role, a role, or a profile. */
import { GetFunctionConfigurationCommand, ResourceNotFoundException } from '@aws-sdk/client-lambda'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'

import { parseArn } from '../../core/arn.ts'
import { UserError } from '../../core/user-error.ts'
import { createClients, type AccessKeys, type AwsAccess, type Clients, type Signer } from '../access.ts'
import { parseFunctionReference } from '../crossing.ts'
import { roleSessionKeys } from '../prove/role-session.ts'

export interface LoadSigner {
  /** Fresh with every call. */
  readonly keys: () => Promise<AccessKeys>
  /** ARN of the principal that signs. */
  readonly principal: string
  /** False: the role could not be had, and the profile's own principal signs instead. */
  readonly isTheNamedOne: boolean
  /** What a person must know of it. */
  readonly note?: string
}

const SESSION_NAME = 'isthmus-load'
const SESSION_NAME_CHARACTERS_MAX = 64

/** `from`: ARN of a function or a role, `account:function`, or the name of an account or profile. Throws `UserError`. */
export async function findSigner(
  access: AwsAccess,
  from: string,
  accounts: ReadonlyMap<string, string>,
): Promise<LoadSigner> {
  const arn = parseArn(from)
  if (arn?.service === 'iam' && arn.resource.startsWith('role/')) {
    return roleSigner(access, { account: arn.account, roleArn: from, sessionName: SESSION_NAME })
  }
  if (arn || from.includes(':')) {
    const fn = parseFunctionReference(from, { region: access.region, accounts })
    const clients = clientsOf(access, fn.account)
    const roleArn = await executionRole(clients, fn.arn)
    const sessionName = fn.name.slice(0, SESSION_NAME_CHARACTERS_MAX)
    return roleSigner(access, { account: fn.account, roleArn, sessionName })
  }
  const account = accounts.get(from)
  const signer = account === undefined ? undefined : access.signers.get(account)
  if (!signer && access.endpoint !== undefined) {
    throw new UserError(`\`${from}\` is no account of this cloud, no function and no role`)
  }
  return signerOf(createClients(access, signer ?? { profile: from }))
}

interface RoleWanted {
  readonly account: string
  readonly roleArn: string
  readonly sessionName: string
}

async function roleSigner(access: AwsAccess, { account, roleArn, sessionName }: RoleWanted): Promise<LoadSigner> {
  const source = clientsOf(access, account)
  const keys = () => roleSessionKeys(access, { source, roleArn, sessionName })
  try {
    const first = await keys()
    return { ...(await signerOf(createClients(access, { keys: first }))), keys: fresh(first, keys) }
  } catch (error) {
    // AWS hands out an execution role's session only where its trust policy says so.
    if (!(error instanceof UserError) || access.endpoint !== undefined) throw error
    const substitute = await signerOf(source)
    return {
      ...substitute,
      isTheNamedOne: false,
      note: `${substitute.principal} signs in place of ${roleArn}: ${error.message}`,
    }
  }
}

/** The session that was made to find out whether one can be had is the first to be used. */
function fresh(first: AccessKeys, more: () => Promise<AccessKeys>): () => Promise<AccessKeys> {
  let unused: AccessKeys | undefined = first
  return () => {
    const keys = unused
    unused = undefined
    return keys ? Promise.resolve(keys) : more()
  }
}

async function signerOf({ sts }: Clients): Promise<LoadSigner> {
  const { Arn = '' } = await sts.send(new GetCallerIdentityCommand({}))
  return {
    keys: async () => {
      const { accessKeyId, secretAccessKey, sessionToken } = await sts.config.credentials()
      return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
    },
    principal: Arn,
    isTheNamedOne: true,
  }
}

async function executionRole({ lambda }: Clients, functionArn: string): Promise<string> {
  try {
    const { Role = '' } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionArn }))
    return Role
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error
    throw new UserError(`There is no function \`${functionArn}\``, {
      hint: 'Deploy it first, or correct --from',
      cause: error,
    })
  }
}

function clientsOf(access: AwsAccess, account: string): Clients {
  const signer: Signer | undefined = access.signers.get(account)
  if (!signer) throw new UserError(`The account \`${account}\` of the caller has no credentials`)
  return createClients(access, signer)
}
