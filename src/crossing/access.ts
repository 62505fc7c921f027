/** Which AWS is meant, and SDK clients signed as a principal of one of its accounts: the only difference between Isthmus and AWS. */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import type { EC2Client } from '@aws-sdk/client-ec2'
import type { IAMClient } from '@aws-sdk/client-iam'
import type { LambdaClient } from '@aws-sdk/client-lambda'
import type { OrganizationsClient } from '@aws-sdk/client-organizations'
import type { STSClient } from '@aws-sdk/client-sts'

export interface AccessKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** A profile of the AWS configuration files, or keys. */
export type Signer = { readonly profile: string } | { readonly keys: AccessKeys }

export interface AwsAccess {
  /** Absent: AWS itself. */
  readonly endpoint?: string
  readonly region: string
  /** Account id → who acts as its administrator. */
  readonly signers: ReadonlyMap<string, Signer>
  /** The account that manages the organization, when it can be reached. */
  readonly managementAccount?: string
}

export interface Clients {
  readonly lambda: LambdaClient
  readonly iam: IAMClient
  readonly logs: CloudWatchLogsClient
  readonly cloudFormation: CloudFormationClient
  readonly organizations: OrganizationsClient
  readonly sts: STSClient
  /** Its 800 operations take a while to load, so only who asks about networks waits for them. */
  readonly ec2: () => Promise<EC2Client>
}

/** Long enough for a function's whole 15 minutes. */
const REQUEST_TIMEOUT_MS = 910_000

export async function createClients(access: AwsAccess, signer: Signer): Promise<Clients> {
  const [lambda, iam, logs, cloudFormation, organizations, sts] = await Promise.all([
    import('@aws-sdk/client-lambda'),
    import('@aws-sdk/client-iam'),
    import('@aws-sdk/client-cloudwatch-logs'),
    import('@aws-sdk/client-cloudformation'),
    import('@aws-sdk/client-organizations'),
    import('@aws-sdk/client-sts'),
  ])
  const settings = {
    region: access.region,
    ...(access.endpoint !== undefined && { endpoint: access.endpoint }),
    ...('keys' in signer ? { credentials: signer.keys } : { profile: signer.profile }),
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS },
  }
  let ec2: Promise<EC2Client> | undefined
  return {
    ec2: () => (ec2 ??= import('@aws-sdk/client-ec2').then(({ EC2Client }) => new EC2Client(settings))),
    lambda: new lambda.LambdaClient(settings),
    iam: new iam.IAMClient(settings),
    logs: new logs.CloudWatchLogsClient(settings),
    cloudFormation: new cloudFormation.CloudFormationClient(settings),
    organizations: new organizations.OrganizationsClient(settings),
    sts: new sts.STSClient(settings),
  }
}
