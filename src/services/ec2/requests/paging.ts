/** How Describe calls answer: the asked ids or all, filtered, in pages. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html#api-pagination */

import { AwsError } from '../../../core/aws-error.ts'
import { paginate, sortedBy } from '../../pagination.ts'
import { invalidCombination } from '../errors.ts'

export interface PageRequest {
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

export interface Ec2Page<T> {
  readonly items: readonly T[]
  readonly NextToken?: string
}

/** Without MaxResults everything is on one page. `idsParameter` names the ids the request gave, which exclude pages. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { MaxResults, NextToken }: PageRequest,
  options: { readonly idsParameter?: string | undefined } = {},
): Ec2Page<T> {
  const { idsParameter } = options
  if (MaxResults !== undefined && idsParameter !== undefined) {
    throw invalidCombination(`The parameter ${idsParameter} cannot be used with the parameter maxResults`)
  }
  const page = paginate(sortedBy(items, keyOf), {
    keyOf,
    token: NextToken,
    limit: MaxResults ?? Number.MAX_SAFE_INTEGER,
    invalidToken: () => new AwsError('InvalidNextToken', `The token '${NextToken}' is invalid`),
  })
  return { items: page.items, ...(page.nextToken !== undefined && { NextToken: page.nextToken }) }
}
