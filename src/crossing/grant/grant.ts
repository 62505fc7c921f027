/** The least privilege that a call between accounts needs: one statement on the caller's role, one on the callee's qualifier. */
import { createHash } from 'node:crypto'

import { parseArn } from '../../core/arn.ts'
import { isAccountId } from '../../core/account.ts'
import { UserError } from '../../core/user-error.ts'
import type { FunctionReference, InvocationType } from '../crossing.ts'

/** Who of the caller's side the callee admits. */
export const SCOPES = ['session', 'role', 'account', 'org'] as const
export type Scope = (typeof SCOPES)[number]

export interface RoleCaller {
  readonly kind: 'role'
  readonly account: string
  readonly roleArn: string
  readonly roleName: string
  /** Lambda names the sessions of an execution role after the function. */
  readonly sessionName?: string
  readonly organizationId?: string
}

/** An AWS service that invokes the callee for a resource: a bucket, a rule, a topic. */
export interface ServiceCaller {
  readonly kind: 'service'
  readonly service: string
  readonly sourceArn: string
  /** Only where the ARN has no account, as a bucket's: whoever gets the name next must not get the grant. */
  readonly sourceAccount?: string
}

export type Caller = RoleCaller | ServiceCaller

export interface GrantRequest {
  readonly caller: Caller
  readonly callee: FunctionReference
  /** Of a role's grant. */
  readonly scope: Scope
  readonly type: InvocationType
}

/** An inline policy of the caller's role. */
export interface IdentityGrant {
  readonly account: string
  readonly roleName: string
  readonly policyName: string
  readonly sid: string
  readonly action: string
  readonly resource: string
}

/** One statement of the callee's resource-based policy, as AddPermission takes it. */
export interface ResourceGrant {
  readonly callee: FunctionReference
  readonly statementId: string
  readonly action: string
  readonly principal: string
  readonly principalOrgId?: string
  readonly sourceArn?: string
  readonly sourceAccount?: string
}

export interface Grant {
  readonly request: GrantRequest
  readonly identity?: IdentityGrant
  readonly resource?: ResourceGrant
  /** What else the grant lets happen, in words. */
  readonly opens: readonly string[]
}

/**
 * Both invocation types are the API `Invoke`. `lambda:InvokeAsync` governs the deprecated API of that name and nothing else.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
 */
export const ACTION_NEEDED = 'lambda:InvokeFunction'
const STATEMENT_ID_LENGTH_MAX = 100
const POLICY_NAME_LENGTH_MAX = 128

/** Throws `UserError` for a grant that AWS would not take, or that would open what nobody asked for. */
export function planGrant(request: GrantRequest): Grant {
  const { caller, callee } = request
  if (callee.qualifier === '$LATEST') {
    throw new UserError('AWS attaches no policy to $LATEST', {
      hint: 'Grant an alias, a version, or the function itself',
    })
  }
  if (caller.kind === 'service') return { request, resource: toService(caller, callee), opens: opensToService(caller) }
  return caller.account === callee.account ? withinAccount(request, caller) : acrossAccounts(request, caller)
}

function acrossAccounts(request: GrantRequest, caller: RoleCaller): Grant {
  return {
    request,
    identity: toRole(caller, request.callee),
    resource: toScope(request, caller),
    opens: opensTo(request, caller),
  }
}

/** Within one account either side suffices. */
function withinAccount(request: GrantRequest, caller: RoleCaller): Grant {
  const { scope, callee } = request
  if (scope === 'role') return { request, identity: toRole(caller, callee), opens: opensTo(request, caller) }
  if (scope === 'session') return { request, resource: toScope(request, caller), opens: opensTo(request, caller) }
  throw new UserError(
    `Caller and callee are both in ${callee.account}, where the scope \`${scope}\` would admit others`,
    {
      hint: 'Use --scope role, or --scope session',
    },
  )
}

function toRole(caller: RoleCaller, callee: FunctionReference): IdentityGrant {
  const target = [callee.name, callee.qualifier].filter((part) => part !== undefined)
  return {
    account: caller.account,
    roleName: caller.roleName,
    policyName: shortened(`invoke-${target.join('-')}-in-${callee.account}`, POLICY_NAME_LENGTH_MAX),
    // Statement ids of identity policies are letters and digits.
    sid: `Invoke${target.map(capitalised).join('')}`,
    action: ACTION_NEEDED,
    resource: callee.arn,
  }
}

function toScope({ scope, callee }: GrantRequest, caller: RoleCaller): ResourceGrant {
  const statement = (id: string, principal: string): ResourceGrant => ({
    callee,
    statementId: shortened(id, STATEMENT_ID_LENGTH_MAX),
    action: ACTION_NEEDED,
    principal,
  })
  switch (scope) {
    case 'session': {
      if (caller.sessionName === undefined) {
        throw new UserError(`The sessions of \`${caller.roleArn}\` have no known name`, {
          hint: 'Name a function with --from: Lambda names its sessions after it',
        })
      }
      return statement(`${caller.sessionName}-as-${caller.roleName}-of-${caller.account}`, sessionArn(caller))
    }
    case 'role':
      return statement(`${caller.roleName}-of-${caller.account}`, caller.roleArn)
    case 'account':
      return statement(`account-${caller.account}`, caller.account)
    case 'org': {
      const { organizationId } = caller
      if (organizationId === undefined) {
        throw new UserError(`The organization of ${caller.account} is not known`, { hint: 'Name it with --org-id' })
      }
      return { ...statement(`organization-${organizationId}`, '*'), principalOrgId: organizationId }
    }
  }
}

function toService({ service, sourceArn, sourceAccount }: ServiceCaller, callee: FunctionReference): ResourceGrant {
  return {
    callee,
    statementId: shortened(`${service}-${parseArn(sourceArn)?.resource ?? sourceArn}`, STATEMENT_ID_LENGTH_MAX),
    action: ACTION_NEEDED,
    principal: service,
    sourceArn,
    ...(sourceAccount !== undefined && { sourceAccount }),
  }
}

/** Throws `UserError` where AWS would let anyone else's resource use the grant. */
export function parseServiceCaller(parts: {
  readonly service: string
  readonly sourceArn: string | undefined
  readonly sourceAccount: string | undefined
}): ServiceCaller {
  const { service, sourceArn, sourceAccount } = parts
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$/.test(service)) {
    throw new UserError(`\`${service}\` is not a service principal, expected one such as s3.amazonaws.com`)
  }
  const arn = sourceArn === undefined ? undefined : parseArn(sourceArn)
  if (sourceArn === undefined || !arn) {
    throw new UserError(`A grant to ${service} needs the ARN of the resource it acts for`, {
      hint: 'Give it with --source-arn: without it anyone may have the service call your function',
    })
  }
  if (sourceAccount !== undefined && !isAccountId(sourceAccount)) {
    throw new UserError(`\`${sourceAccount}\` is not an account id, expected twelve digits`)
  }
  if (isAccountId(arn.account)) {
    if (sourceAccount !== undefined && sourceAccount !== arn.account) {
      throw new UserError(`\`${sourceArn}\` is a resource of ${arn.account}, not of --source-account ${sourceAccount}`)
    }
    return { kind: 'service', service, sourceArn }
  }
  if (sourceAccount === undefined) {
    throw new UserError(`\`${sourceArn}\` does not say whose it is`, {
      hint: 'Give its account with --source-account: names such as a bucket’s can pass to another account',
    })
  }
  return { kind: 'service', service, sourceArn, sourceAccount }
}

export function sessionArn({ account, roleName, sessionName = '' }: RoleCaller): string {
  return `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`
}

function opensTo({ scope, callee }: GrantRequest, caller: RoleCaller): readonly string[] {
  const crosses = caller.account !== callee.account
  const sessions = `every session of ${caller.roleName}, whoever may assume that role`
  if (scope === 'session' || scope === 'role') return scope === 'role' ? [sessions] : []
  if (!crosses) return []
  const allowed = 'that has an identity policy allowing the call'
  return scope === 'account'
    ? [`every principal of ${caller.account} ${allowed}`]
    : [`every principal of every account of ${caller.organizationId ?? 'the organization'} ${allowed}`]
}

function opensToService({ service, sourceArn }: ServiceCaller): readonly string[] {
  return [`whoever may have ${service} act for ${sourceArn}`]
}

export function identityDocument({ sid, action, resource }: IdentityGrant): object {
  return { Version: '2012-10-17', Statement: [{ Sid: sid, Effect: 'Allow', Action: action, Resource: resource }] }
}

/** The statement that Lambda makes of AddPermission's parameters. */
export function resourceStatement(grant: ResourceGrant): object {
  const { principal, principalOrgId, sourceArn, sourceAccount } = grant
  const equals = {
    ...(sourceAccount !== undefined && { 'AWS:SourceAccount': sourceAccount }),
    ...(principalOrgId !== undefined && { 'aws:PrincipalOrgID': principalOrgId }),
  }
  const condition = {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(sourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': sourceArn } }),
  }
  return {
    Sid: grant.statementId,
    Effect: 'Allow',
    Principal: principalElement(principal),
    Action: grant.action,
    Resource: grant.callee.arn,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  }
}

function principalElement(principal: string): object | string {
  if (principal === '*') return principal
  if (isAccountId(principal)) return { AWS: `arn:aws:iam::${principal}:root` }
  return principal.startsWith('arn:') ? { AWS: principal } : { Service: principal }
}

function capitalised(text: string): string {
  return text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}

/** Letters, digits, `-` and `_`; what does not fit is told apart by a digest. */
function shortened(text: string, lengthMax: number): string {
  const plain = text.replaceAll(/[^A-Za-z0-9_-]+/g, '-')
  if (plain.length <= lengthMax && plain.replaceAll('-', '') === text.replaceAll(/[.\-:/]/g, '')) return plain
  const digest = createHash('sha256').update(text).digest('hex').slice(0, DIGEST_LENGTH)
  return `${plain.slice(0, lengthMax - DIGEST_LENGTH - 1).replace(/-$/, '')}-${digest}`
}

const DIGEST_LENGTH = 8
