/** Sessions of users: GetSessionToken (the user itself) and GetFederationToken (someone it vouches for, with fewer rights). */
import { AwsError } from '../../core/aws-error.ts'
import type { Principal } from '../../policy/model.ts'
import type { Caller, Session } from '../caller.ts'
import { credentialsShape, type StsOperations } from './service.ts'
import { packedSize, sessionPolicies } from './session-policies.ts'
import { requestedTags, sessionTags } from './session-tags.ts'

const DURATION_SECONDS_DEFAULT = 43_200

/** Allows nothing: `none:null` is an action that no service has. */
const NOTHING_ALLOWED = {
  document: JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'none:null', Resource: '*' }],
  }),
}

export const userSessions: StsOperations = {
  // Needs no permission. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
  GetSessionToken: {
    refuses: ['SerialNumber', 'TokenCode', 'MinimumSessionTokenSize'],
    permissions: () => [],
    handle({ DurationSeconds = DURATION_SECONDS_DEFAULT }, caller, sts) {
      const user = callingUser(caller, 'GetSessionToken')
      const session = newSession(sts.store.nowMs(), DurationSeconds, { policies: [], tags: {}, transitiveTagKeys: [] })
      return { Credentials: credentialsShape(sts.store.create(user.account, user, session, { durable: true })) }
    },
  },

  GetFederationToken: {
    refuses: ['MinimumSessionTokenSize'],
    permissions({ Name, Tags }, caller) {
      callingUser(caller, 'GetFederationToken')
      const common = {
        resource: federatedUserArn(caller.account, Name),
        requestTags: requestedTags(Tags),
        denialReason: false,
      } as const
      return [
        { action: 'sts:GetFederationToken', ...common },
        ...(Tags?.length ? [{ action: 'sts:TagSession', ...common }] : []),
      ]
    },
    handle(input, caller, sts) {
      const { Name, Tags, DurationSeconds = DURATION_SECONDS_DEFAULT } = input
      const user = callingUser(caller, 'GetFederationToken')
      const given = sessionPolicies(input, user.account, sts.identities)
      const packed = packedSize(input, Tags)
      const session = newSession(sts.store.nowMs(), DurationSeconds, {
        // Without a session policy the session has no permissions of its own.
        policies: given.length > 0 ? given : [NOTHING_ALLOWED],
        ...sessionTags(Tags, [], undefined),
      })
      const principal: Principal = {
        kind: 'federated-user',
        account: user.account,
        arn: federatedUserArn(user.account, Name),
        userArn: user.arn,
        userId: user.uniqueId,
        name: Name,
      }
      return {
        Credentials: credentialsShape(sts.store.create(user.account, principal, session, { durable: true })),
        FederatedUser: { FederatedUserId: `${user.account}:${Name}`, Arn: principal.arn },
        ...(packed !== undefined && { PackedPolicySize: packed }),
      }
    },
  },
}

/** FIDELITY: AWS also gives these sessions to the root user; there are no root access keys here to ask with. */
function callingUser({ principal, session }: Caller, operation: string): Extract<Principal, { kind: 'user' }> {
  if (session) throw new AwsError('AccessDenied', `Cannot call ${operation} with session credentials`, { status: 403 })
  if (principal.kind === 'user') return principal
  throw new AwsError('AccessDenied', `${operation} needs the access key of an IAM user`, { status: 403 })
}

function newSession(
  nowMs: number,
  durationSeconds: number,
  carried: Pick<Session, 'policies' | 'tags' | 'transitiveTagKeys'>,
): Session {
  return { issuedAtMs: nowMs, expiresAtMs: nowMs + durationSeconds * 1000, ...carried, chained: false }
}

function federatedUserArn(account: string, name: string): string {
  return `arn:aws:sts::${account}:federated-user/${name}`
}
