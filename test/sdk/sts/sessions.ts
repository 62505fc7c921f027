/** Temporary credentials in the form the test clients take. */
import type { Credentials } from '@aws-sdk/client-sts'

import type { TestCredentials } from '../cloud.ts'

export function sessionOf({ Credentials: given }: { Credentials?: Credentials | undefined }): TestCredentials {
  return {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
  }
}
