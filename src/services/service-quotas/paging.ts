/** Service Quotas' way of paging: at most 100 results, and a NextToken until there is no more. */
import { AwsError } from '../../core/aws-error.ts'
import { paginate, sortedBy } from '../pagination.ts'

const PAGE_SIZE_MAX = 100

export interface PageInput {
  readonly NextToken?: string | undefined
  readonly MaxResults?: number | undefined
}

/** `keyOf` must be unique; it decides the order. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { NextToken: token, MaxResults: limit = PAGE_SIZE_MAX }: PageInput,
): { readonly items: readonly T[]; readonly NextToken: string | undefined } {
  const invalidToken = () => new AwsError('InvalidPaginationTokenException', 'Invalid NextToken')
  const page = paginate(sortedBy(items, keyOf), { keyOf, token, limit, invalidToken })
  return { items: page.items, NextToken: page.nextToken }
}
