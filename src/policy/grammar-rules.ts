/**
 * What AWS checks of a policy that is well-formed, in the order and the words in which AWS reports it; only the first problem counts.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { parseDate } from './conditions/date.ts'
import type { PolicyKind } from './document.ts'
import { findFirst } from './first-problem.ts'
import { findPrincipalProblem } from './principal-rules.ts'
import { failsLegacyParsing, findResourceProblem } from './resource-rules.ts'
import type { WrittenDocument, WrittenStatement } from './syntax.ts'

const VERSION = 'Policy document must be version 2012-10-17 or greater.'
const LEGACY = 'The policy failed legacy parsing'
const SID_ALPHABET =
  'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*'
const SID_UNIQUE = 'Statement IDs (SID) in a single policy must be unique.'
const NO_ACTION = 'Policy statement must contain actions.'
const NO_RESOURCE = 'Policy statement must contain resources.'
const TRUST_RESOURCE = 'Has prohibited field Resource'
const TRUST_ACTION = 'AssumeRole policy may only specify STS AssumeRole actions.'
const ACTION_PREFIX = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'
const ACTION_COLONS = 'Actions/Condition can contain only one colon.'

/** Undefined when AWS would take the document. */
export function findGrammarProblem(document: WrittenDocument): string | undefined {
  const { kind, statements } = document
  if (kind === 'managed' && document.version !== '2012-10-17') return VERSION
  const legacy = statements.some(hasLegacyProblem)
  if (legacy) return LEGACY
  const resourceProblem = findFirst(statements, (statement) => findProblemOfResources(statement, kind))
  if (resourceProblem === LEGACY) return LEGACY
  return (
    findPrincipalProblem(document) ??
    findSidProblem(document) ??
    findFirst(statements, (statement) => (isEmpty(statement.action?.values) ? NO_ACTION : undefined)) ??
    resourceProblem ??
    findFirst(statements, findActionProblem) ??
    findFirst(statements, (statement) => findKindProblem(statement, kind))
  )
}

function hasLegacyProblem({ effect, conditions }: WrittenStatement): boolean {
  if (effect !== 'Allow' && effect !== 'Deny') return true
  return conditions.some(
    ({ operator, values }) =>
      operator.replace(/^ForA(ll|ny)Values?:/, '').startsWith('Date') &&
      values.some((value) => parseDate(value) === undefined),
  )
}

function findProblemOfResources({ resource }: WrittenStatement, kind: PolicyKind): string | undefined {
  if (kind === 'trust' || resource === undefined) return undefined
  return (
    findFirst(resource.values, (value) => findResourceProblem(value, kind)) ??
    (resource.values.some(failsLegacyParsing) ? LEGACY : undefined)
  )
}

/** Only IAM limits a Sid's alphabet; other services store what they are given. */
function findSidProblem({ kind, statements }: WrittenDocument): string | undefined {
  const sids = statements.map(({ sid }) => sid).filter((sid) => sid !== undefined && sid !== '')
  const isIam = kind === 'identity' || kind === 'managed' || kind === 'trust' || kind === 'session'
  if (isIam && sids.some((sid) => sid !== undefined && !/^[0-9A-Za-z]*$/.test(sid))) return SID_ALPHABET
  return new Set(sids).size < sids.length ? SID_UNIQUE : undefined
}

function findActionProblem({ action }: WrittenStatement): string | undefined {
  return findFirst(action?.values ?? [], (value) => {
    const parts = value.split(':')
    const [vendor = ''] = parts
    if (parts.length === 1) return vendor === '*' ? undefined : ACTION_PREFIX
    if (parts.length > 2) return ACTION_COLONS
    return vendor === '*' || /^[a-zA-Z0-9\-.]*$/.test(vendor) ? undefined : `Vendor ${vendor} is not valid`
  })
}

function findKindProblem({ action, resource }: WrittenStatement, kind: PolicyKind): string | undefined {
  if (kind !== 'trust') return isEmpty(resource?.values) ? NO_RESOURCE : undefined
  if (action?.values.some((value) => !isTrustAction(value)) === true) return TRUST_ACTION
  return resource === undefined ? undefined : TRUST_RESOURCE
}

/** STS actions that a trust policy may speak of. */
const TRUST_ACTIONS = new Set([
  'sts:assumerole',
  'sts:assumerolewithsaml',
  'sts:assumerolewithwebidentity',
  'sts:setcontext',
  'sts:setsourceidentity',
  'sts:tagsession',
])

function isTrustAction(value: string): boolean {
  const lower = value.toLowerCase()
  return TRUST_ACTIONS.has(lower) || (lower.startsWith('sts:') && /[*?]/.test(lower))
}

function isEmpty(values: readonly string[] | undefined): boolean {
  return values === undefined || values.length === 0
}
