/** A crossing: one call path from a caller function to a callee across an account border. */
import { parseArn } from '../core/arn.ts'
import { UserError } from '../core/user-error.ts'

export interface FunctionReference {
  readonly account: string
  readonly region: string
  readonly name: string
  /** An alias or a version; absent for the unqualified function. */
  readonly qualifier?: string
  /** With the qualifier, as a caller writes it. */
  readonly arn: string
  readonly unqualifiedArn: string
}

export type InvocationType = 'RequestResponse' | 'Event'

export interface Crossing {
  readonly from: FunctionReference
  readonly to: FunctionReference
  readonly type: InvocationType
  /** What the callee is sent. */
  readonly payload: unknown
  /** `code`: the caller's own code makes the call; `role`: a session of its execution role signs it here. */
  readonly by: 'code' | 'role'
}

/**
 * `arn:aws:lambda:…:function:name[:qualifier]`, or `account:name[:qualifier]` where the account is a name of `accounts` or an id.
 * Throws `UserError` naming the text.
 */
export function parseFunctionReference(
  text: string,
  context: { readonly region: string; readonly accounts: ReadonlyMap<string, string> },
): FunctionReference {
  const arn = parseArn(text)
  if (arn) {
    const [kind, name, qualifier, ...rest] = arn.resource.split(':')
    if (arn.service !== 'lambda' || kind !== 'function' || !name || rest.length > 0) throw notAFunction(text)
    return functionReference({ account: arn.account, region: arn.region, name, qualifier })
  }
  const [accountName = '', name, qualifier, ...rest] = text.split(':')
  const account = context.accounts.get(accountName) ?? (/^\d{12}$/.test(accountName) ? accountName : undefined)
  if (account === undefined || !name || rest.length > 0) throw notAFunction(text)
  return functionReference({ account, region: context.region, name, qualifier })
}

export function functionReference(parts: {
  readonly account: string
  readonly region: string
  readonly name: string
  readonly qualifier: string | undefined
}): FunctionReference {
  const { account, region, name, qualifier } = parts
  const unqualifiedArn = `arn:aws:lambda:${region}:${account}:function:${name}`
  return {
    account,
    region,
    name,
    ...(qualifier !== undefined && { qualifier }),
    arn: qualifier === undefined ? unqualifiedArn : `${unqualifiedArn}:${qualifier}`,
    unqualifiedArn,
  }
}

function notAFunction(text: string): UserError {
  return new UserError(`\`${text}\` is not a function, expected its ARN or account:name:qualifier`)
}
