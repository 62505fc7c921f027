/** Policy documents that tests write again and again, and the form in which IAM answers one. */

export function allowing(action: string | readonly string[], resource: string | readonly string[] = '*'): string {
  return policy({ Effect: 'Allow', Action: action, Resource: resource })
}

export function denying(action: string, resource = '*'): string {
  return policy({ Effect: 'Deny', Action: action, Resource: resource })
}

export function trusting(principal: unknown, action: string | readonly string[] = 'sts:AssumeRole'): string {
  return policy({ Effect: 'Allow', Principal: principal, Action: action })
}

export function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}

export function decoded(document: string | undefined): unknown {
  return JSON.parse(decodeURIComponent(document ?? ''))
}
