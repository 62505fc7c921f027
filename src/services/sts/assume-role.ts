/** AssumeRole: a session of a role. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
import { isAccountId } from '../../core/account.ts'
import { parseArn, type Arn } from '../../core/arn.ts'
import { AwsError } from '../../core/aws-error.ts'
import { callerArn } from '../../policy/principal-text.ts'
import type { Caller, Session } from '../caller.ts'
import type { RoleFacts } from '../directories.ts'
import type { Permission } from '../operation.ts'
import { rolePrincipal } from './role-session.ts'
import { credentialsShape, type StsOperations } from './service.ts'
import { packedSize, sessionPolicies } from './session-policies.ts'
import { inheritedTags, requestedTags, sessionTags } from './session-tags.ts'

const DURATION_SECONDS_DEFAULT = 3600
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining */
const CHAINED_SECONDS_MAX = 3600

export const assumeRole: StsOperations = {
  AssumeRole: {
    // There are no MFA devices and no context providers to check these against.
    refuses: ['SerialNumber', 'TokenCode', 'ProvidedContexts', 'MinimumSessionTokenSize'],

    permissions(input, caller, sts) {
      const arn = roleArn(input.RoleArn)
      refuseCaller(caller)
      const role = sts.identities.role(input.RoleArn)
      const sourceIdentity = input.SourceIdentity ?? caller.session?.sourceIdentity
      const tags = requestedTags(input.Tags)
      const common: Omit<Permission, 'action'> = {
        resource: input.RoleArn,
        resourceAccount: arn.account,
        resourcePolicy: role?.trustPolicy,
        resourceKind: 'trust',
        resourceTags: role?.tags,
        requestTags: tags,
        denialReason: false,
        context: {
          'sts:rolesessionname': input.RoleSessionName,
          ...(input.ExternalId !== undefined && { 'sts:externalid': input.ExternalId }),
          ...(sourceIdentity !== undefined && { 'sts:sourceidentity': sourceIdentity }),
          ...(input.TransitiveTagKeys && { 'sts:transitivetagkeys': input.TransitiveTagKeys }),
          ...roleTagContext(role),
        },
      }
      const passesTags = input.Tags?.length || Object.keys(inheritedTags(caller.session)).length > 0
      return [
        { action: 'sts:AssumeRole', ...common },
        ...(passesTags ? [{ action: 'sts:TagSession', ...common }] : []),
        ...(sourceIdentity === undefined ? [] : [{ action: 'sts:SetSourceIdentity', ...common }]),
      ]
    },

    handle(input, caller, sts) {
      const role = sts.identities.role(input.RoleArn)
      // Nothing but a trust policy lets a call come this far, unless authorization is switched off.
      if (!role) {
        throw new AwsError(
          'AccessDenied',
          `User: ${callerArn(caller.principal)} is not authorized to perform: sts:AssumeRole on resource: ${input.RoleArn}`,
          { status: 403 },
        )
      }
      const durationSeconds = duration(input.DurationSeconds, role, caller)
      const policies = sessionPolicies(input, role.account, sts.identities)
      const tags = sessionTags(input.Tags, input.TransitiveTagKeys, caller.session)
      const packed = packedSize(input, input.Tags)
      const sourceIdentity = sourceIdentityOf(input.SourceIdentity, caller.session)
      const nowMs = sts.store.nowMs()
      const session: Session = {
        issuedAtMs: nowMs,
        expiresAtMs: nowMs + durationSeconds * 1000,
        policies,
        ...tags,
        ...(sourceIdentity !== undefined && { sourceIdentity }),
        chained: isRoleSession(caller),
      }
      const principal = rolePrincipal(role, input.RoleSessionName)
      const credentials = sts.store.create(role.account, principal, session, { durable: true })
      return {
        Credentials: credentialsShape(credentials),
        AssumedRoleUser: { AssumedRoleId: `${role.roleId}:${input.RoleSessionName}`, Arn: principal.arn },
        ...(packed !== undefined && { PackedPolicySize: packed }),
        ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
      }
    },
  },
}

/** Throws AWS's ValidationError for anything that cannot be the ARN of a role. */
function roleArn(text: string): Arn {
  const arn = parseArn(text)
  const whole =
    arn?.service === 'iam' && arn.region === '' && isAccountId(arn.account) && arn.resource.startsWith('role/')
  if (!arn || !whole) throw new AwsError('ValidationError', `${text} is invalid`, { status: 400 })
  return arn
}

function refuseCaller({ principal }: Caller): void {
  if (principal.kind === 'root') {
    throw new AwsError('AccessDenied', 'Roles may not be assumed by root accounts.', { status: 403 })
  }
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html: no STS operation but GetCallerIdentity.
  if (principal.kind === 'federated-user') {
    throw new AwsError('AccessDenied', 'Cannot call AssumeRole with federation credentials', { status: 403 })
  }
}

function duration(seconds: number | undefined, role: RoleFacts, caller: Caller): number {
  const wanted = seconds ?? DURATION_SECONDS_DEFAULT
  if (isRoleSession(caller) && wanted > CHAINED_SECONDS_MAX) {
    throw new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
      { status: 400 },
    )
  }
  if (wanted > role.maxSessionSeconds) {
    throw new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      {
        status: 400,
      },
    )
  }
  return wanted
}

/** Once set, the source identity stays through every further session. */
function sourceIdentityOf(requested: string | undefined, session: Session | undefined): string | undefined {
  const current = session?.sourceIdentity
  if (current === undefined || requested === undefined || requested === current) return current ?? requested
  throw new AwsError('AccessDenied', 'SourceIdentity cannot be changed once it is set on a session', { status: 403 })
}

function isRoleSession({ principal }: Caller): boolean {
  return principal.kind === 'role-session'
}

function roleTagContext(role: RoleFacts | undefined): Readonly<Record<string, string>> {
  const tags = Object.entries(role?.tags ?? {})
  return Object.fromEntries(tags.map(([key, value]) => [`iam:resourcetag/${key.toLowerCase()}`, value]))
}
