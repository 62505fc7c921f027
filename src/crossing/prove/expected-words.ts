/**
 * The sentences AWS answers a denied call with, written here independently of the engine that Isthmus denies with.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */

export function deniedSentence(parts: {
  readonly callerArn: string
  readonly action: string
  readonly resource: string
  readonly why: string
}): string {
  return `User: ${parts.callerArn} is not authorized to perform: ${parts.action} on resource: ${parts.resource} ${parts.why}`
}

export function noPolicyAllows(policyType: string, action: string): string {
  return `because no ${policyType} allows the ${action} action`
}

/** AWS adds the policy's ARN where it has one and the caller may know it. */
export function explicitDeny(policyType: string, policyArn?: string): string {
  return `with an explicit deny in ${policyType}${policyArn === undefined ? '' : `: ${policyArn}`}`
}
