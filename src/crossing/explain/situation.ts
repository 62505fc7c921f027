/** Everything that bears on one call, read from both accounts. */

import { loadPackage } from '../../core/load-package.ts'
import { parseArn } from '../../core/arn.ts'
import { UserError } from '../../core/user-error.ts'
import type { Principal } from '../../policy/model.ts'
import { isCoveredByRcp } from '../../policy/rcp-services.ts'
import type { AwsAccess } from '../access.ts'
import { parseFunctionReference, type FunctionReference } from '../crossing.ts'
import { isInvocation } from './lambda-state.ts'
import { parseCallerName, type CallerName } from './caller-name.ts'
import { createCallContext, type CallContext } from './context-keys.ts'
import { readNetworks, type CallNetworks, type Whereabouts } from './function-network.ts'
import { namedPolicy, type OptionalPolicies, type PolicySources } from './policy-sources.ts'
import type { Question } from './question.ts'
import { readCaller, type CallerEntity, type CallerPolicies } from './read-caller.ts'
import { placementOf, readFunction, type CalleeFunction } from './read-function.ts'
import { createOrganizationReader } from './read-organization.ts'
import { createReader, known, orMissing, UNKNOWN, type Read, type Reader } from './reading.ts'

const { GetRoleCommand } = loadPackage('@aws-sdk/client-iam')
const { GetFunctionConfigurationCommand } = loadPackage('@aws-sdk/client-lambda')

export interface Situation {
  readonly question: Question
  readonly access: AwsAccess
  /** Account id → the profile that signs for it in the AWS CLI. */
  readonly profiles: ReadonlyMap<string, string>
  readonly reader: Reader
  readonly caller: CallerName
  readonly entity: Read<CallerEntity | undefined>
  /** As likely as anything; where the role's path is not known, `alternativePrincipal` is it with one that a policy names. */
  readonly principal: Principal
  readonly alternativePrincipal?: Principal
  readonly callerAccount: string | undefined
  readonly resourceAccount: string
  readonly sources: PolicySources
  readonly context: CallContext
  /** The function that the call is about. */
  readonly callee?: CalleeFunction
  readonly networks: CallNetworks
}

export interface SituationOptions {
  readonly question: Question
  readonly access: AwsAccess
  readonly profiles: ReadonlyMap<string, string>
  readonly now: Date
}

export async function readSituation({ question, access, profiles, now }: SituationOptions): Promise<Situation> {
  const reader = createReader(access)
  const { caller, whereabouts } = await callerOf(question, reader)
  const callerAccount = 'account' in caller ? caller.account : undefined
  const resourceAccount = question.resourceAccount === '' ? (callerAccount ?? '') : question.resourceAccount
  const organizations = createOrganizationReader(reader)
  const reference = functionOf(question)
  const callerPolicies = await readCaller(caller, reader)
  const callee = reference && (await readFunction(reference, reader))
  const resource = await readResourcePolicy(question, { callee, callerAccount, resourceAccount, reader })
  const callerMembership =
    callerAccount === undefined ? known(undefined) : await organizations.membershipOf(callerAccount)
  const ownerMembership = await organizations.membershipOf(resourceAccount)
  const entity = callerPolicies.entity
  const principal = principalOf(caller, entity.known ? entity.value : undefined)
  const isServiceLinked = principal.kind === 'role-session' && principal.serviceLinked
  const sources: PolicySources = {
    identity: callerPolicies.identity,
    boundary: callerPolicies.boundary,
    session: sessionPolicies(question, caller, entity, reader),
    scps:
      callerAccount === undefined
        ? {
            status: 'not-applicable',
            why: `none reaches ${caller.kind === 'service' ? 'an AWS service' : 'an anonymous caller'}`,
          }
        : isServiceLinked
          ? { status: 'not-applicable', why: 'none reaches a service-linked role' }
          : await organizations.guardrailsOf(callerAccount, 'SERVICE_CONTROL_POLICY'),
    rcps: isCoveredByRcp(question.action)
      ? await organizations.guardrailsOf(resourceAccount, 'RESOURCE_CONTROL_POLICY')
      : { status: 'not-applicable', why: `they do not reach ${serviceOf(question.action)}` },
    resource: resource.policies,
    resourceKind: resource.kind,
  }
  const session = question.answered?.session
  const context = createCallContext({
    principal,
    principalTags: tagsOf(entity, session?.tags, hasPlainSession(question, caller, entity)),
    callerMembership,
    ownerMembership,
    resourceTags: callee ? callee.tags : UNKNOWN,
    resourceAccount,
    region: regionOf(question, access),
    ...('function' in question.caller && { callerFunctionArn: question.caller.function.unqualifiedArn }),
    isPathUnknown: caller.kind === 'role' && caller.roleArn === undefined && !entity.known,
    hasGlobalKeysOnly: isInvocation(question.action),
    given: question.context,
    isComplete: question.answered?.isContextComplete === true,
    now,
  })
  const networks = await readNetworks({
    caller: whereabouts,
    callee: callee && whereaboutsOf(callee),
    service: serviceOf(question.action),
    region: regionOf(question, access),
    reader,
  })
  const alternative = alternativePrincipal(principal, callerPolicies, resource.policies)
  return {
    question,
    access,
    profiles,
    reader,
    caller,
    entity,
    principal,
    ...(alternative && { alternativePrincipal: alternative }),
    callerAccount,
    resourceAccount,
    sources,
    context,
    ...(callee && { callee }),
    networks,
  }
}

function whereaboutsOf({ reference, state }: CalleeFunction): Whereabouts {
  const { name, account, region } = reference
  return { name, account, region, placement: state.known ? state.value?.placement : undefined }
}

/** With where the function that calls is, where a function does. */
async function callerOf(
  { caller }: Question,
  reader: Reader,
): Promise<{ readonly caller: CallerName; readonly whereabouts?: Whereabouts }> {
  if ('principal' in caller) return { caller: parseCallerName(caller.principal) }
  const { account, region, arn, name } = caller.function
  const role = await reader.read({ account, region, input: `function ${name}` }, async ({ lambda }) => {
    const configuration = await orMissing(lambda.send(new GetFunctionConfigurationCommand({ FunctionName: arn })))
    return configuration && { arn: configuration.Role, ...placementOf(configuration.VpcConfig) }
  })
  if (!role.known) {
    throw new UserError(`The execution role of \`${arn}\` cannot be read: ${reader.unread.at(-1)?.why ?? ''}`, {
      hint: 'Name the role itself with --principal, --action and --resource',
      exitCode: 1,
    })
  }
  if (role.value?.arn === undefined) {
    throw new UserError(`There is no function \`${arn}\``, { hint: 'Deploy it first, or correct --from' })
  }
  const parsed = parseCallerName(role.value.arn)
  // Lambda names the session of an execution environment after the function, and pads a name of one character.
  const sessionName = name.length === 1 ? `${name}@lambda_function` : name
  return {
    caller: parsed.kind === 'role' ? { ...parsed, sessionName } : parsed,
    whereabouts: { name, account, region, placement: role.value.placement },
  }
}

/** The function of a Lambda action, where it has one. */
function functionOf({ action, resource }: Question): FunctionReference | undefined {
  const arn = parseArn(resource)
  if (serviceOf(action) !== 'lambda' || arn?.service !== 'lambda' || !arn.resource.startsWith('function:')) {
    return undefined
  }
  return parseFunctionReference(resource, { region: arn.region, accounts: new Map() })
}

/** A function's policy cannot grant these to another account. */
const NOT_GRANTABLE: ReadonlySet<string> = new Set([
  'lambda:AddPermission',
  'lambda:RemovePermission',
  'lambda:PutResourcePolicy',
  'lambda:DeleteResourcePolicy',
  'lambda:UpdateFunctionConfiguration',
])
const WITHOUT_RESOURCE_POLICIES: ReadonlySet<string> = new Set(['iam', 'organizations', 'cloudformation', 'sts'])

async function readResourcePolicy(
  { action, resource }: Question,
  found: {
    readonly callee: CalleeFunction | undefined
    readonly callerAccount: string | undefined
    readonly resourceAccount: string
    readonly reader: Reader
  },
): Promise<{ readonly policies: OptionalPolicies; readonly kind: 'resource' | 'trust' }> {
  const { callee, callerAccount, resourceAccount, reader } = found
  const none = (why: string) => ({ policies: { status: 'none', why }, kind: 'resource' }) as const
  if (callee) {
    if (NOT_GRANTABLE.has(action) && callerAccount !== resourceAccount) {
      return none(`a function's policy cannot grant ${action} to another account`)
    }
    if (!callee.policy.known) return { policies: { status: 'unread' }, kind: 'resource' }
    return callee.policy.value
      ? { policies: { status: 'read', policies: [callee.policy.value] }, kind: 'resource' }
      : none('there is none')
  }
  const arn = parseArn(resource)
  if (serviceOf(action) === 'sts' && arn?.service === 'iam' && arn.resource.startsWith('role/')) {
    return { policies: await readTrust(arn.resource, resourceAccount, reader), kind: 'trust' }
  }
  if (resource === '*') return none('the action has no resource')
  if (WITHOUT_RESOURCE_POLICIES.has(serviceOf(action)) || serviceOf(action) === 'lambda') {
    return none('the resource has none')
  }
  reader.note({
    account: resourceAccount,
    input: `the policy of ${resource}`,
    why: 'only the policies of Lambda functions and of roles are read',
    leaves: 'whether it grants the call',
  })
  return { policies: { status: 'unread' }, kind: 'resource' }
}

async function readTrust(path: string, account: string, reader: Reader): Promise<OptionalPolicies> {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const read = await reader.read(
    { account, input: `the trust policy of role ${name}`, leaves: 'whether the role trusts the caller' },
    async ({ iam }) =>
      (await orMissing(iam.send(new GetRoleCommand({ RoleName: name }))))?.Role?.AssumeRolePolicyDocument,
  )
  if (!read.known) return { status: 'unread' }
  if (read.value === undefined) return { status: 'none', why: 'there is no such role' }
  const owner = { kind: 'trust', account, name } as const
  const named = { name: `the trust policy of ${name}`, owner }
  return { status: 'read', policies: [namedPolicy(decodeURIComponent(read.value), 'trust', named)] }
}

/**
 * No API tells the policies of a session that exists. Lambda's sessions have none, nor have those of a role that only AWS services may
 * assume; and a question about a role is about a session without any.
 */
function sessionPolicies(
  question: Question,
  caller: CallerName,
  entity: Read<CallerEntity | undefined>,
  reader: Reader,
): OptionalPolicies {
  const recorded = question.answered?.session
  if (recorded && caller.kind !== 'anonymous') {
    if (recorded.policies.length === 0) return { status: 'none', why: 'the session has none' }
    const account = 'account' in caller ? caller.account : ''
    const policies = recorded.policies.map(({ document, arn }, index) =>
      namedPolicy(document, 'session', {
        name: `session policy ${index + 1}`,
        arn,
        owner: { kind: 'session', account },
      }),
    )
    return { status: 'read', policies }
  }
  if (caller.kind !== 'role') return { status: 'none', why: 'the caller is no session' }
  if ('function' in question.caller) return { status: 'none', why: "Lambda's sessions have none" }
  if (hasPlainSession(question, caller, entity)) {
    const why =
      caller.sessionName === undefined ? 'a session without one is asked about' : 'only AWS services assume the role'
    return { status: 'none', why }
  }
  reader.note({
    account: caller.account,
    input: `the session policies of ${caller.name}/${caller.sessionName ?? ''}`,
    why: 'no API of AWS tells them',
    leaves: 'whether the session was limited when it was had; ask about the role itself to leave that out',
  })
  return { status: 'unread' }
}

/** Whether the session can have neither policies nor tags of its own. */
function hasPlainSession(question: Question, caller: CallerName, entity: Read<CallerEntity | undefined>): boolean {
  if (caller.kind !== 'role' || caller.sessionName === undefined || 'function' in question.caller) return true
  const trust = entity.known ? entity.value?.trust : undefined
  if (trust === undefined) return false
  const { document } = namedPolicy(trust, 'trust', { name: '', owner: { kind: 'trust', account: '', name: '' } })
  return document.statements.every(
    ({ effect, principal }) =>
      effect === 'Deny' ||
      (principal !== undefined &&
        !principal.negated &&
        !principal.anyone &&
        principal.aws.length === 0 &&
        principal.federated.length === 0),
  )
}

function tagsOf(
  entity: Read<CallerEntity | undefined>,
  sessionTags: Readonly<Record<string, string>> | undefined,
  isPlain: boolean,
): Read<Readonly<Record<string, string>>> {
  if (!entity.known || (!isPlain && sessionTags === undefined)) return UNKNOWN
  return known({ ...entity.value?.tags, ...sessionTags })
}

function principalOf(caller: CallerName, entity: CallerEntity | undefined): Principal {
  switch (caller.kind) {
    case 'anonymous':
    case 'service':
    case 'root':
      return caller
    case 'user':
      return { ...caller, uniqueId: entity?.id ?? '' }
    case 'role': {
      const { account, name } = caller
      const roleArn = entity?.arn ?? caller.roleArn ?? `arn:aws:iam::${account}:role/${name}`
      // No session is named `*`: what is granted to one session is not granted to any.
      const sessionName = caller.sessionName ?? '*'
      return {
        kind: 'role-session',
        account,
        arn: `arn:aws:sts::${account}:assumed-role/${name}/${sessionName}`,
        roleArn,
        roleId: entity?.id ?? '',
        roleName: name,
        sessionName,
        serviceLinked: roleArn.includes(':role/aws-service-role/'),
      }
    }
  }
}

/** A session's ARN has no path: a role of that name that the resource's policy names may be the one. */
function alternativePrincipal(
  principal: Principal,
  { entity }: CallerPolicies,
  resource: OptionalPolicies,
): Principal | undefined {
  if (principal.kind !== 'role-session' || entity.known || resource.status !== 'read') return undefined
  const named = resource.policies
    .flatMap(({ document }) => document.statements)
    .flatMap((statement) => statement.principal?.aws ?? [])
    .find(
      (arn) =>
        arn.startsWith(`arn:aws:iam::${principal.account}:role/`) &&
        arn.endsWith(`/${principal.roleName}`) &&
        arn !== principal.roleArn,
    )
  return named === undefined ? undefined : { ...principal, roleArn: named }
}

function regionOf({ resource }: Question, access: AwsAccess): string {
  const region = parseArn(resource)?.region
  return region === undefined || region === '' ? access.region : region
}

export function serviceOf(action: string): string {
  return action.slice(0, action.indexOf(':')).toLowerCase()
}
