/**
 * The forms in which a request names a function: a bare name, a partial ARN or an ARN, each with or without a qualifier.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html#API_GetFunction_RequestSyntax
 */

export interface FunctionAddress {
  readonly region?: string
  readonly account?: string
  readonly name: string
  /** `$LATEST`, a version number or an alias. */
  readonly qualifier?: string
}

export const LATEST = '$LATEST'

/**
 * Lambda's own pattern. Every part before the name is optional, so `function:function` is the function named `function`, and
 * `111122223333:echo` is `echo` of that account, not the qualifier `echo` of a function with a numeric name.
 */
const ADDRESS =
  /^(?:arn:aws[a-zA-Z-]*:lambda:)?(?:((?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9-_.]+)(?::(\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?$/

/** Undefined when the text has none of Lambda's forms. */
export function parseFunctionName(text: string): FunctionAddress | undefined {
  if (!text.includes(':')) return BARE_NAME.test(text) ? { name: text } : undefined
  const match = ADDRESS.exec(text)
  if (!match) return undefined
  const [, region, account, name = '', qualifier] = match
  return {
    ...(region !== undefined && { region }),
    ...(account !== undefined && { account }),
    name,
    ...(qualifier !== undefined && { qualifier }),
  }
}

const BARE_NAME = /^[a-zA-Z0-9-_.]+$/

export function isVersionNumber(qualifier: string): boolean {
  return /^\d+$/.test(qualifier)
}

/** `arn:aws:lambda:<region>:<account>:function:<name>[:<qualifier>]` */
export function functionArn(of: {
  readonly region: string
  readonly account: string
  readonly name: string
  readonly qualifier?: string | undefined
}): string {
  const unqualified = `arn:aws:lambda:${of.region}:${of.account}:function:${of.name}`
  return of.qualifier === undefined ? unqualified : `${unqualified}:${of.qualifier}`
}
