/** A denial in AWS's words. https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
import type { AuthorizationRequest, Decision, Layer } from './model.ts'
import { callerArn } from './principal-text.ts'

export interface Denial {
  readonly request: AuthorizationRequest
  readonly decision: Decision
  /** In place of the request's resource: IAM writes `role Name`. Null leaves `on resource:` out. */
  readonly resourceText?: string | null
  /** In place of the request's action: SQS writes it in lower case. */
  readonly actionText?: string
  /** STS stops after the resource and gives no reason. */
  readonly form?: 'with-reason' | 'without-reason'
}

export function denialMessage({ request, decision, resourceText, actionText, form }: Denial): string {
  const action = actionText ?? request.action
  const resource = resourceText === undefined ? request.resource : resourceText
  const sentence = `User: ${callerArn(request.principal)} is not authorized to perform: ${action}`
  const onResource = resource === null ? '' : ` on resource: ${resource}`
  const reason = form === 'without-reason' ? '' : ` ${reasonFor(request, decision, action)}`
  return sentence + onResource + reason
}

interface LayerWords {
  readonly noun: string
  readonly explicit: string
  /** AWS quotes the ARN of a managed policy of this type since January 2026. */
  readonly quotesArn: boolean
}

const WORDS: Readonly<Record<Layer, LayerWords>> = {
  identity: { noun: 'identity-based policy', explicit: 'an identity-based policy', quotesArn: true },
  resource: { noun: 'resource-based policy', explicit: 'a resource-based policy', quotesArn: false },
  boundary: { noun: 'permissions boundary', explicit: 'a permissions boundary', quotesArn: true },
  session: { noun: 'session policy', explicit: 'a session policy', quotesArn: true },
  scp: { noun: 'service control policy', explicit: 'a service control policy', quotesArn: true },
  rcp: { noun: 'resource control policy', explicit: 'a resource control policy', quotesArn: true },
  endpoint: { noun: 'VPC endpoint policy', explicit: 'a VPC endpoint policy', quotesArn: false },
  trust: { noun: 'role trust policy', explicit: 'the role trust policy', quotesArn: false },
}

function reasonFor(request: AuthorizationRequest, decision: Decision, action: string): string {
  const layer = decision.blockedBy ?? 'identity'
  const words = WORDS[layer]
  if (decision.outcome !== 'explicit_deny') return `because no ${words.noun} allows the ${action} action`
  const arn = decision.statement?.policyArn
  const isQuoted = words.quotesArn && arn !== undefined && (layer !== 'rcp' || sharesOrganization(request))
  return `with an explicit deny in ${words.explicit}${isQuoted ? `: ${arn}` : ''}`
}

/** AWS tells a policy's ARN only to callers of the same account or organization; only an RCP can belong to another. */
function sharesOrganization({ principal, resourceAccount, context }: AuthorizationRequest): boolean {
  if ('account' in principal && principal.account === resourceAccount) return true
  const organization = context.get('aws:principalorgid')
  return organization !== undefined && organization === context.get('aws:resourceorgid')
}
