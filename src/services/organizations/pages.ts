/** Organizations' way of paging: MaxResults of at most 20, and a NextToken until there is no more. */
import { paginate, sortedBy } from '../pagination.ts'
import { invalidInput } from './errors.ts'
import { PAGE_SIZE_MAX } from './limits.ts'

export interface PageInput {
  readonly NextToken?: string | undefined
  readonly MaxResults?: number | undefined
}

/** `keyOf` must be unique; it decides the order. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  input: PageInput,
): { readonly items: readonly T[]; readonly NextToken: string | undefined } {
  const page = paginate(sortedBy(items, keyOf), {
    keyOf,
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE_SIZE_MAX,
    invalidToken: () => invalidInput('INVALID_NEXT_TOKEN', 'You specified an invalid value.'),
  })
  return { items: page.items, NextToken: page.nextToken }
}
