/** What a policy simulation is given, checked and typed, with the simulator's errors. */
import type * as sdk from '@aws-sdk/client-iam'

import { isAccountId } from '../../core/account.ts'
import { parseArn } from '../../core/arn.ts'
import { AwsError } from '../../core/aws-error.ts'
import type { PolicyDocument, PolicyKind } from '../../policy/document.ts'
import type { ContextValue, RequestContext } from '../../policy/model.ts'
import { parsePolicy } from '../../policy/parse.ts'
import { missing, type IamService } from './service.ts'
import type { Entity, EntityKind } from './records.ts'

/** FIDELITY: AWS documents the code; only the sentences that were seen of it are AWS's, the others are ours. */
export function invalidInput(message: string): AwsError {
  return new AwsError('InvalidInputException', message)
}

/** `name` says which parameter the policy came in. */
export function parseInput(text: string, kind: PolicyKind, name: string): PolicyDocument {
  try {
    return parsePolicy(text, kind)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    throw invalidInput(`Invalid policy ${name}: ${error.message}`)
  }
}

/** The user, group or role of the caller's own account. */
export function policySource(iam: IamService, account: string, arn: string): Entity {
  const parsed = parseArn(arn)
  const [kind = '', ...path] = parsed?.resource.split('/') ?? []
  const name = path.at(-1)
  if (parsed?.service !== 'iam' || !isKind(kind) || name === undefined || name === '') {
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`)
  }
  if (parsed.account !== account) {
    throw invalidInput(
      `Invalid Policy Source Arn: caller's account ${account} does not have access to policies in account ${parsed.account}`,
    )
  }
  return iam.store.find(kind, account, name) ?? missing(kind, name)
}

function isKind(text: string): text is EntityKind {
  return text === 'user' || text === 'group' || text === 'role'
}

export function checkActions(names: readonly string[]): readonly string[] {
  for (const name of names) {
    if (!/^[a-zA-Z0-9-]+:[a-zA-Z0-9]+$/.test(name)) {
      throw invalidInput(`Invalid Action Name: ${name} is not service:Action; wildcards are not supported`)
    }
  }
  return names
}

/** The account that owns resources whose ARN does not say. */
export function resourceOwner(arn: string | undefined): string | undefined {
  if (arn === undefined) return undefined
  const parsed = parseArn(arn)
  if (parsed?.service !== 'iam' || parsed.resource !== 'root' || !isAccountId(parsed.account)) {
    throw invalidInput(`'${arn}' is not a valid as a Resource Owner.`)
  }
  return parsed.account
}

/** Exactly the keys that were given: the simulator knows of no others. */
export function contextFrom(entries: readonly sdk.ContextEntry[] = []): RequestContext {
  const values = new Map<string, ContextValue>()
  for (const { ContextKeyName, ContextKeyValues = [], ContextKeyType = 'string' } of entries) {
    if (ContextKeyName === undefined) throw invalidInput('Invalid context entry: it has no ContextKeyName')
    for (const value of ContextKeyValues) checkValue(ContextKeyName, ContextKeyType, value)
    const [only] = ContextKeyValues
    if (ContextKeyType.endsWith('List')) values.set(ContextKeyName.toLowerCase(), ContextKeyValues)
    else if (ContextKeyValues.length > 1) {
      throw invalidInput(
        `Invalid context entry ${ContextKeyName}: ${ContextKeyValues.length} values of type ${ContextKeyType}, expected one`,
      )
    } else if (only !== undefined) values.set(ContextKeyName.toLowerCase(), only)
  }
  return values
}

const FORMS: Readonly<Record<string, RegExp>> = {
  numeric: /^[+-]?\d+(?:\.\d+)?$/,
  boolean: /^(?:true|false)$/i,
  ip: /^[0-9a-fA-F.:]+(?:\/\d{1,3})?$/,
  binary: /^[A-Za-z0-9+/]*={0,2}$/,
  date: /^(?:\d+|\d{4}-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)$/,
}

function checkValue(name: string, type: string, value: string): void {
  const form = FORMS[type.replace(/List$/, '')]
  if (form && !form.test(value)) throw invalidInput(`Invalid context entry ${name}: '${value}' is not of type ${type}`)
}
