/** What the STS operations share: where sessions are kept and whom to ask about roles and policies. */
import type * as sdk from '@aws-sdk/client-sts'

import type { TemporaryCredentials } from '../directories.ts'
import type { IamDirectory } from '../iam/directory.ts'
import type { Operations } from '../operation.ts'
import type { EncodedMessages } from './encoded-messages.ts'
import type { SessionStore } from './session-store.ts'

export interface StsService {
  readonly identities: IamDirectory
  readonly store: SessionStore
  readonly messages: EncodedMessages
}

export type StsOperations = Operations<typeof sdk, StsService>

export function credentialsShape(credentials: TemporaryCredentials): sdk.Credentials {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: new Date(credentials.expiresAtMs),
  }
}
