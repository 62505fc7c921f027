/**
 * The condition keys of one request, computed when a policy reads them and not before.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
import { formatArn } from '../core/arn.ts'
import { isoTime, type Clock } from '../core/clock.ts'
import type { ContextValue, RequestContext } from '../policy/model.ts'
import { principalArn, principalType } from '../policy/principal-text.ts'
import { callerUserId, type Caller, type CallerEndpoint } from './caller.ts'
import type {
  EndpointDirectory,
  EndpointFacts,
  IdentityDirectory,
  OrganizationDirectory,
  OrganizationFacts,
} from './directories.ts'
import type { Permission } from './operation.ts'

export interface ContextSources {
  readonly identities: IdentityDirectory
  readonly organizations: OrganizationDirectory
  /** Absent where no request can have come through one. */
  readonly endpoints?: EndpointDirectory
  readonly clock: Clock
}

export function createRequestContext(caller: Caller, permission: Permission, sources: ContextSources): RequestContext {
  return {
    get(key) {
      // A policy may ask for any key, so that `constructor` must not find what every object has.
      const { context } = permission
      if (context && Object.hasOwn(context, key)) return context[key]
      const slash = key.indexOf('/')
      if (slash > 0) return tagValue(key.slice(0, slash), key.slice(slash + 1), caller, permission, sources)
      return Object.hasOwn(GLOBAL_KEYS, key) ? GLOBAL_KEYS[key]?.(caller, permission, sources) : undefined
    },
  }
}

type KeyReader = (caller: Caller, permission: Permission, sources: ContextSources) => ContextValue | undefined

const GLOBAL_KEYS: Readonly<Record<string, KeyReader | undefined>> = {
  'aws:principalarn': ({ principal }) => principalArn(principal),
  'aws:principalaccount': ({ principal }) => ('account' in principal ? principal.account : undefined),
  'aws:principaltype': ({ principal }) => principalType(principal),
  'aws:principalorgid': ({ principal }, _, { organizations }) =>
    'account' in principal ? organizations.organizationOf(principal.account)?.id : undefined,
  'aws:principalorgpaths': ({ principal }, _, { organizations }) =>
    'account' in principal ? asList(organizations.organizationOf(principal.account)?.path) : undefined,
  'aws:principalisawsservice': ({ principal }) => String(principal.kind === 'service'),
  'aws:principalservicename': ({ principal }) => (principal.kind === 'service' ? principal.service : undefined),
  'aws:principalservicenameslist': ({ principal }) =>
    principal.kind === 'service' ? (principal.names ?? [principal.service]) : undefined,
  'aws:userid': ({ principal }) => callerUserId(principal),
  'aws:username': ({ principal }) => (principal.kind === 'user' ? principal.name : undefined),
  'aws:requestedregion': ({ region }, { action }) => (isGlobal(action) ? GLOBAL_SERVICES_REGION : region),
  'aws:resourceaccount': (caller, { resourceAccount }) => resourceAccount ?? caller.account,
  'aws:resourceorgid': (caller, { resourceAccount }, { organizations }) =>
    organizations.organizationOf(resourceAccount ?? caller.account)?.id,
  'aws:resourceorgpaths': (caller, { resourceAccount }, { organizations }) =>
    asList(organizations.organizationOf(resourceAccount ?? caller.account)?.path),
  'aws:sourceip': ({ sourceIp, principal }) => (principal.kind === 'service' ? undefined : sourceIp),
  'aws:sourcevpce': (caller) => endpointOf(caller)?.vpcEndpointId,
  'aws:sourcevpc': (caller) => endpointOf(caller)?.vpcId,
  'aws:vpcsourceip': (caller) => endpointOf(caller)?.sourceIp,
  'aws:sourcevpcarn': (caller, _, sources) => {
    const facts = endpointFacts(caller, sources)
    const vpcId = endpointOf(caller)?.vpcId
    return (
      facts && formatArn({ service: 'ec2', region: facts.region, account: facts.account, resource: `vpc/${vpcId}` })
    )
  },
  'aws:vpceaccount': (caller, _, sources) => endpointFacts(caller, sources)?.account,
  'aws:vpceorgid': (caller, _, sources) => endpointOrganization(caller, sources)?.id,
  'aws:vpceorgpaths': (caller, _, sources) => asList(endpointOrganization(caller, sources)?.path),
  'aws:useragent': ({ userAgent }) => userAgent,
  // FIDELITY: the loopback endpoint is plain HTTP; the same call on AWS is over TLS, so policies see `true`.
  'aws:securetransport': () => 'true',
  'aws:currenttime': (_caller, _permission, { clock }) => isoTime(clock.now()),
  'aws:epochtime': (_caller, _permission, { clock }) => String(Math.floor(clock.now() / 1000)),
  'aws:tokenissuetime': ({ session }) => (session ? isoTime(session.issuedAtMs) : undefined),
  // Present only with temporary credentials.
  'aws:multifactorauthpresent': ({ session }) =>
    session ? String(session.multiFactorAuthenticated ?? false) : undefined,
  'aws:sourceidentity': ({ session }) => session?.sourceIdentity,
  'aws:viaawsservice': ({ calledVia }) => String(calledVia !== undefined && calledVia.length > 0),
  'aws:calledvia': ({ calledVia }) => calledVia,
  'aws:calledviafirst': ({ calledVia }) => calledVia?.[0],
  'aws:calledvialast': ({ calledVia }) => calledVia?.at(-1),
  'aws:sourcearn': ({ source }) => source?.arn,
  'aws:sourceaccount': ({ source }) => source?.account,
  // The older name of the key, which the policies of new topics still have.
  'aws:sourceowner': ({ source }) => source?.account,
  'aws:sourceorgid': ({ source }, _, { organizations }) =>
    source ? organizations.organizationOf(source.account)?.id : undefined,
  'aws:sourceorgpaths': ({ source }, _, { organizations }) =>
    source ? asList(organizations.organizationOf(source.account)?.path) : undefined,
  'aws:tagkeys': (_, { requestTags }) => (requestTags ? Object.keys(requestTags) : undefined),
  'lambda:sourcefunctionarn': ({ session }) => session?.sourceFunctionArn,
}

/** What a service asks on the caller's behalf does not come through the caller's endpoint. */
function endpointOf({ endpoint, calledVia = [] }: Caller): CallerEndpoint | undefined {
  return calledVia.length === 0 ? endpoint : undefined
}

function endpointFacts(caller: Caller, { endpoints }: ContextSources): EndpointFacts | undefined {
  const endpoint = endpointOf(caller)
  return endpoint && endpoints?.endpoint(endpoint.vpcEndpointId)
}

function endpointOrganization(caller: Caller, sources: ContextSources): OrganizationFacts | undefined {
  const facts = endpointFacts(caller, sources)
  return facts && sources.organizations.organizationOf(facts.account)
}

/**
 * IAM and Organizations have one endpoint, in Northern Virginia, wherever the request was signed for. Passing a role is checked by the service
 * that gets it. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html
 */
const GLOBAL_SERVICES_REGION = 'us-east-1'

function isGlobal(action: string): boolean {
  return action.startsWith('organizations:') || (action.startsWith('iam:') && action !== 'iam:PassRole')
}

/** Tag keys are compared without regard to case, as key names are. */
function tagValue(
  prefix: string,
  tagKey: string,
  caller: Caller,
  permission: Permission,
  { identities }: ContextSources,
): string | undefined {
  switch (prefix) {
    case 'aws:principaltag':
      return tagOf(caller.session?.tags, tagKey) ?? tagOf(identities.tagsOf(caller.principal), tagKey)
    case 'aws:resourcetag':
    case 'ec2:resourcetag':
      return tagOf(permission.resourceTags, tagKey)
    case 'aws:requesttag':
      return tagOf(permission.requestTags, tagKey)
    default:
      return undefined
  }
}

function tagOf(tags: Readonly<Record<string, string>> | undefined, lowerCaseKey: string): string | undefined {
  if (!tags) return undefined
  for (const key in tags) if (key.toLowerCase() === lowerCaseKey) return tags[key]
  return undefined
}

function asList(value: string | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : [value]
}
