/**
 * Session tags and the ones that pass on from session to session.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
import { AwsError } from '../../core/aws-error.ts'
import type { Session } from '../caller.ts'

export interface TagInput {
  readonly Key: string | undefined
  readonly Value: string | undefined
}

export interface SessionTags {
  readonly tags: Readonly<Record<string, string>>
  readonly transitiveTagKeys: readonly string[]
}

/** As given, for the condition keys: nothing is refused here. */
export function requestedTags(tags: readonly TagInput[] | undefined): Readonly<Record<string, string>> | undefined {
  return tags && Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
}

/** Tags of the calling session that its sessions inherit. */
export function inheritedTags(session: Session | undefined): Readonly<Record<string, string>> {
  if (!session) return {}
  const transitive = new Set(session.transitiveTagKeys.map((key) => key.toLowerCase()))
  return Object.fromEntries(Object.entries(session.tags).filter(([key]) => transitive.has(key.toLowerCase())))
}

/** Throws `InvalidParameterValue` as AWS does for tags that repeat, are not there or would override an inherited one. */
export function sessionTags(
  tags: readonly TagInput[] = [],
  transitiveTagKeys: readonly string[] = [],
  session: Session | undefined,
): SessionTags {
  const keys = new Set(tags.map(({ Key = '' }) => Key.toLowerCase()))
  if (keys.size < tags.length) {
    throw invalid('Duplicate tag keys found. Please note that Tag keys are case insensitive.')
  }
  if (transitiveTagKeys.some((key) => !keys.has(key.toLowerCase()))) {
    throw invalid('The specified transitive tag key must be included in the requested tags.')
  }
  const inherited = inheritedTags(session)
  if (Object.keys(inherited).some((key) => keys.has(key.toLowerCase()))) {
    throw invalid(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    )
  }
  return {
    tags: { ...inherited, ...requestedTags(tags) },
    transitiveTagKeys: [...Object.keys(inherited), ...transitiveTagKeys],
  }
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message, { status: 400 })
}
