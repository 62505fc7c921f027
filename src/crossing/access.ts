/** Which AWS is meant, and SDK clients signed as a principal of one of its accounts: the only difference between Isthmus and AWS. */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import type { EC2Client } from '@aws-sdk/client-ec2'
import type { IAMClient } from '@aws-sdk/client-iam'
import type { LambdaClient } from '@aws-sdk/client-lambda'
import type { OrganizationsClient } from '@aws-sdk/client-organizations'
import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas'
import type { STSClient } from '@aws-sdk/client-sts'

import { loadPackage } from '../core/load-package.ts'

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
  readonly cloudWatch: CloudWatchClient
  readonly cloudFormation: CloudFormationClient
  readonly organizations: OrganizationsClient
  readonly sts: STSClient
  readonly ec2: EC2Client
  readonly serviceQuotas: ServiceQuotasClient
}

/** Long enough for a function's whole 15 minutes. */
const REQUEST_TIMEOUT_MS = 910_000

/** Each client's package is loaded when it is first asked for. */
export function createClients(
  access: AwsAccess,
  signer: Signer,
  options: { readonly maxAttempts?: number } = {},
): Clients {
  const settings = {
    region: access.region,
    ...(access.endpoint !== undefined && { endpoint: access.endpoint }),
    ...('keys' in signer ? { credentials: signer.keys } : { profile: signer.profile }),
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS },
    ...options,
  }
  const lambda = once(() => new (loadPackage('@aws-sdk/client-lambda').LambdaClient)(settings))
  const iam = once(() => new (loadPackage('@aws-sdk/client-iam').IAMClient)(settings))
  const logs = once(() => new (loadPackage('@aws-sdk/client-cloudwatch-logs').CloudWatchLogsClient)(settings))
  const cloudWatch = once(() => new (loadPackage('@aws-sdk/client-cloudwatch').CloudWatchClient)(settings))
  const cloudFormation = once(() => new (loadPackage('@aws-sdk/client-cloudformation').CloudFormationClient)(settings))
  const organizations = once(() => new (loadPackage('@aws-sdk/client-organizations').OrganizationsClient)(settings))
  const ec2 = once(() => new (loadPackage('@aws-sdk/client-ec2').EC2Client)(settings))
  const serviceQuotas = once(() => new (loadPackage('@aws-sdk/client-service-quotas').ServiceQuotasClient)(settings))
  const sts = once(() => new (loadPackage('@aws-sdk/client-sts').STSClient)(settings))
  return {
    get lambda() {
      return lambda()
    },
    get iam() {
      return iam()
    },
    get logs() {
      return logs()
    },
    get cloudWatch() {
      return cloudWatch()
    },
    get cloudFormation() {
      return cloudFormation()
    },
    get organizations() {
      return organizations()
    },
    get ec2() {
      return ec2()
    },
    get serviceQuotas() {
      return serviceQuotas()
    },
    get sts() {
      return sts()
    },
  }
}

function once<Client>(create: () => Client): () => Client {
  let client: Client | undefined
  return () => (client ??= create())
}
