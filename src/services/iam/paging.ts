/** IAM's pages: `Marker`, `MaxItems`, `IsTruncated`. */
import { AwsError } from '../../core/aws-error.ts'
import { paginate, sortedBy } from '../pagination.ts'

export interface PageRequest {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

export interface PageEnd {
  readonly IsTruncated: boolean
  readonly Marker?: string
}

const PAGE_SIZE = 100

/** Sorted by `keyOf`, which must be unique and short enough for a marker (320 characters). */
export function pageOf<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { Marker, MaxItems }: PageRequest,
): { readonly items: readonly T[]; readonly end: PageEnd } {
  const { items, nextToken } = paginate(sortedBy(all, keyOf), {
    keyOf,
    token: Marker,
    limit: MaxItems ?? PAGE_SIZE,
    invalidToken: () => new AwsError('ValidationError', 'Invalid Marker.', { status: 400 }),
  })
  return { items, end: nextToken === undefined ? { IsTruncated: false } : { IsTruncated: true, Marker: nextToken } }
}
