/** The order of Lambda's lists, and the page marker. */
import { AwsError } from '../../core/aws-error.ts'
import { paginate, sortedBy } from '../pagination.ts'
import { LATEST } from './function-name.ts'
import { LIST_ITEMS_MAX } from './limits.ts'

/** Sorts `$LATEST` first and versions by number. */
export function versionOrder(version: string): string {
  return version === LATEST ? '' : version.padStart(VERSION_DIGITS, '0')
}

const VERSION_DIGITS = 12

/** One page of a list, in the order of `keyOf`, which must be unique. Throws InvalidParameterValueException. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  {
    Marker: token,
    MaxItems: wanted = LIST_ITEMS_MAX,
  }: { readonly Marker?: string | undefined; readonly MaxItems?: number | undefined },
): { readonly items: readonly T[]; readonly NextMarker: string | undefined } {
  const limit = Math.min(wanted, LIST_ITEMS_MAX)
  const page = paginate(sortedBy(items, keyOf), { keyOf, token, limit, invalidToken: invalidMarker })
  return { items: page.items, NextMarker: page.nextToken }
}

/** FIDELITY: AWS's words for a marker it did not make are not established. */
function invalidMarker(): AwsError {
  return new AwsError('InvalidParameterValueException', 'The provided Marker is invalid.')
}
