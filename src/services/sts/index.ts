/** STS: temporary credentials, as a service and as the directory the rest of the cloud asks. */
import { AwsError } from '../../core/aws-error.ts'
import { loadPackage } from '../../core/load-package.ts'
import { serviceDescriptions } from '../../wire/service-model.ts'
import type { CloudService, Foundations } from '../cloud-service.ts'
import type { AuthorizationMessages, CredentialDirectory, SessionDirectory } from '../directories.ts'
import type { IamDirectory } from '../iam/directory.ts'
import { bindOperations } from '../operation.ts'
import { assumeRole } from './assume-role.ts'
import { callerIdentity } from './caller-identity.ts'
import { decodeMessage } from './decode-message.ts'
import { EncodedMessages } from './encoded-messages.ts'
import { createSessionDirectory } from './role-session.ts'
import { SessionStore } from './session-store.ts'
import { userSessions } from './user-sessions.ts'

export interface Sts {
  /** Temporary access keys. */
  readonly credentials: CredentialDirectory
  readonly sessions: SessionDirectory
  /** For denials that carry what only an administrator may read. */
  readonly messages: AuthorizationMessages
  readonly service: CloudService
}

export function createSts(foundations: Foundations & { readonly identities: IamDirectory }): Sts {
  const { identities } = foundations
  const store = new SessionStore(foundations)
  const messages = new EncodedMessages(foundations)
  return {
    credentials: store,
    sessions: createSessionDirectory(store),
    messages,
    service: {
      description: serviceDescriptions.sts,
      operations: bindOperations({ identities, store, messages }, [
        assumeRole,
        callerIdentity,
        decodeMessage,
        userSessions,
      ]),
      loadSdk: () => loadPackage('@aws-sdk/client-sts'),
      loadConstraints: async () => (await import('../../wire/constraints/sts.ts')).constraints,
      accessDenied: (message) => new AwsError('AccessDenied', message, { status: 403 }),
    },
  }
}
