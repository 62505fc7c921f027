/** What IAM requires of a `Resource` when a policy is written, in IAM's words. */
import type { PolicyKind } from './document.ts'

const PARTITION = /^(\*|aws(-[a-z]+)*)$/
const SEGMENTS = 6

const IAM_PATHS = [
  'user/',
  'federated-user/',
  'role/',
  'group/',
  'instance-profile/',
  'mfa/',
  'server-certificate/',
  'policy/',
  'sms-mfa/',
  'saml-provider/',
  'oidc-provider/',
  'report/',
  'access-report/',
]

export function findResourceProblem(text: string, kind: PolicyKind): string | undefined {
  if (text === '*') return undefined
  const segments = text.split(':')
  const isComplete = segments.length >= SEGMENTS
  if (segments.length === 1) return mustBeArn(text)
  const [, partition = '', service = '*', region = ''] = segments
  const path = segments.slice(SEGMENTS - 1).join(':')
  if (!PARTITION.test(partition)) return badPartition(partition, segments)
  if (/[*?]/.test(service)) return 'Resource vendor must be fully qualified and cannot contain regexes.'
  if (service === 'iam' && region !== '' && region !== '*') {
    return `IAM resource ${text} cannot contain region information.`
  }
  if (service === 'iam' && isComplete && !path.startsWith('*') && !IAM_PATHS.some((start) => path.startsWith(start))) {
    return `IAM resource path must either be "*" or start with ${IAM_PATHS.join(', ')}.`
  }
  if (service === 's3' && region !== '' && region !== '*' && !path.startsWith('accesspoint/')) {
    return `Resource ${text} can not contain region information.`
  }
  // STS does not complete incomplete ARNs in session policies.
  return kind === 'session' && !isComplete ? mustBeArn(text) : undefined
}

/** An older parser of IAM's still has its say: an ARN with empty segments has to be complete, and needs a service. */
export function failsLegacyParsing(text: string): boolean {
  if (text === '*') return false
  const segments = text.split(':')
  return (segments.length < SEGMENTS && text.includes('::')) || segments[2] === ''
}

function mustBeArn(text: string): string {
  return `Resource ${text} must be in ARN format or "*".`
}

/** IAM shows the resource with what is missing filled in. */
function badPartition(partition: string, segments: readonly string[]): string {
  const shown = [2, 3, 4].map((index) => segments[index] ?? '*')
  const path = segments.slice(SEGMENTS - 1).join(':') || '*'
  return `Partition "${partition}" is not valid for resource "arn:${partition}:${shown.join(':')}:${path}".`
}
