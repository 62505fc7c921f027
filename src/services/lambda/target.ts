/** Which function a request means: the account, the Region, the name and the qualifier. */
import { parseAccountId, type AccountId } from '../../core/account.ts'
import { AwsError } from '../../core/aws-error.ts'
import { parseRegion, type Region } from '../../core/region.ts'
import type { Caller } from '../caller.ts'
import { invalidParameter } from './errors.ts'
import { parseFunctionName } from './function-name.ts'

/** One function, or one qualifier of it. */
export interface Target {
  readonly account: AccountId
  readonly region: Region
  readonly name: string
  readonly qualifier?: string
}

/**
 * A bare name belongs to the caller's account. Throws `AwsError`: the text is no function name, the Region is another one, or there are two
 * qualifiers that differ.
 */
export function targetOf(caller: Caller, functionName: string, qualifier?: string): Target {
  const address = parseFunctionName(functionName)
  if (!address) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${functionName}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${NAMESPACED_FUNCTION_NAME}`,
    )
  }
  if (address.region !== undefined && address.region !== caller.region) {
    throw new AwsError(
      'ResourceNotFoundException',
      `Functions from '${address.region}' are not reachable in this region ('${caller.region}')`,
    )
  }
  if (address.qualifier !== undefined && qualifier !== undefined && address.qualifier !== qualifier) {
    throw invalidParameter('The derived qualifier from the function name does not match the specified qualifier.')
  }
  const given = qualifier ?? address.qualifier
  return {
    account: address.account === undefined ? caller.account : parseAccountId(address.account),
    region: caller.region,
    name: address.name,
    ...(given !== undefined && { qualifier: given }),
  }
}

/** The function, with its qualifier, that a whole ARN names. Throws `TypeError` for another text. */
export function targetOfArn(arn: string): Target {
  const { region = '', account = '', name = '', qualifier } = parseFunctionName(arn) ?? {}
  return {
    account: parseAccountId(account),
    region: parseRegion(region),
    name,
    ...(qualifier !== undefined && { qualifier }),
  }
}

/** As `targetOf`, for operations that concern the function as a whole. */
export function unqualifiedTarget(caller: Caller, functionName: string): Target {
  const target = targetOf(caller, functionName)
  if (target.qualifier === undefined) return target
  throw invalidParameter(
    'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.',
  )
}

export function withoutQualifier({ account, region, name }: Target): Target {
  return { account, region, name }
}

const NAMESPACED_FUNCTION_NAME =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?'
