/** The batch operations: each entry succeeds or fails by itself. */
import { AwsError } from '../../core/aws-error.ts'
import { queryCodeOf } from '../../wire/error-form.ts'
import { BATCH_ENTRIES_MAX } from './limits.ts'

const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/

interface Entry {
  readonly Id?: string | undefined
}

export interface FailedEntry {
  Id: string
  SenderFault: boolean
  Code: string
  Message: string
}

/** Throws `AwsError` for a batch that AWS refuses as a whole. `kind` is the entries' type in AWS's words. */
export function performEach<E extends Entry, Result extends object>(
  kind: string,
  entries: readonly E[],
  perform: (entry: E) => Result,
): { Successful: (Result & { Id: string })[]; Failed?: FailedEntry[] } {
  requireBatch(kind, entries)
  const Successful: (Result & { Id: string })[] = []
  const Failed: FailedEntry[] = []
  for (const entry of entries) {
    const Id = entry.Id ?? ''
    try {
      Successful.push({ Id, ...perform(entry) })
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      Failed.push({ Id, SenderFault: true, Code: queryCodeOf(error.name), Message: error.message })
    }
  }
  return { Successful, ...(Failed.length > 0 && { Failed }) }
}

function requireBatch(kind: string, entries: readonly Entry[]): void {
  if (entries.length === 0) {
    throw new AwsError('EmptyBatchRequest', `There should be at least one ${kind} in the request.`)
  }
  if (entries.length > BATCH_ENTRIES_MAX) {
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${BATCH_ENTRIES_MAX}. You have sent ${entries.length}.`,
    )
  }
  const seen = new Set<string>()
  for (const { Id = '' } of entries) {
    if (!ENTRY_ID.test(Id)) {
      throw new AwsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      )
    }
    if (seen.has(Id)) throw new AwsError('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`)
    seen.add(Id)
  }
}
