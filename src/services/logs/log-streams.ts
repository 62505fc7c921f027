/** Log streams. */
import type { LogStream as LogStreamShape } from '@aws-sdk/client-cloudwatch-logs'

import { AwsError } from '../../core/aws-error.ts'
import { locate, locateReference, streamArn, type GroupLocation } from './arns.ts'
import { deletionProtected, invalidNextToken, invalidParameter, requireNameLength } from './errors.ts'
import type { LogStream } from './group-log.ts'
import { DESCRIBE_PAGE_MAX } from './limits.ts'
import { sequenceToken } from './log-events.ts'
import { existingStream, onStream, openHere, type LogsOperations } from './service.ts'

function describe(
  location: GroupLocation,
  { name, createdAtMs, events, lastIngestionTime }: LogStream,
): LogStreamShape {
  return {
    logStreamName: name,
    creationTime: createdAtMs,
    ...(lastIngestionTime !== undefined && {
      firstEventTimestamp: events.oldest?.timestamp,
      lastEventTimestamp: events.newest?.timestamp,
      lastIngestionTime,
      uploadSequenceToken: sequenceToken(lastIngestionTime),
    }),
    arn: streamArn(location, name),
    // AWS stopped counting in 2019 and always answers 0.
    storedBytes: 0,
  }
}

/** One line of text per stream, unique, and ordered as the streams are to be listed. */
function keyBy(orderBy: 'LogStreamName' | 'LastEventTime'): (stream: LogStream) => string {
  if (orderBy === 'LogStreamName') return ({ name }) => name
  return ({ name, events }) => `${String(events.newest?.timestamp ?? 0).padStart(16, '0')} ${name}`
}

export const logStreams: LogsOperations = {
  CreateLogStream: {
    permissions: (input, caller, logs) => [
      onStream(logs, 'CreateLogStream', locate(caller, input.logGroupName), input.logStreamName),
    ],
    handle(input, caller, logs) {
      requireNameLength(input.logGroupName, input.logStreamName)
      const group = logs.open(locate(caller, input.logGroupName))
      if (group.log.stream(input.logStreamName)) {
        throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists')
      }
      logs.createStream(group, input.logStreamName)
      return {}
    },
  },

  DeleteLogStream: {
    permissions: (input, caller, logs) => [
      onStream(logs, 'DeleteLogStream', locate(caller, input.logGroupName), input.logStreamName),
    ],
    handle(input, caller, logs) {
      const group = logs.open(locate(caller, input.logGroupName))
      existingStream(group.log, input.logStreamName)
      if (group.record.deletionProtectionEnabled) throw deletionProtected()
      logs.deleteStream(group, input.logStreamName)
      return {}
    },
  },

  DescribeLogStreams: {
    permissions: (input, caller, logs) => [onStream(logs, 'DescribeLogStreams', locateReference(caller, input))],
    handle(input, caller, logs) {
      const location = locateReference(caller, input)
      const { log } = openHere(logs, caller, location)
      const { orderBy = 'LogStreamName', descending = false, logStreamNamePrefix: prefix } = input
      if (orderBy === 'LastEventTime' && prefix !== undefined) {
        throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.')
      }
      const streams = log.streams().filter(({ name }) => prefix === undefined || name.startsWith(prefix))
      const page = pageOf(streams, keyBy(orderBy), {
        descending,
        token: input.nextToken,
        limit: input.limit ?? DESCRIBE_PAGE_MAX,
      })
      return {
        logStreams: page.items.map((stream) => describe(location, stream)),
        nextToken: page.nextToken,
      }
    },
  },
}

const TOKEN_MARK = 'streams1:'

function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  options: { readonly descending: boolean; readonly token: string | undefined; readonly limit: number },
): { readonly items: readonly T[]; readonly nextToken?: string } {
  const sign = options.descending ? -1 : 1
  const compare = (a: string, b: string) => (a < b ? -sign : a > b ? sign : 0)
  let after: string | undefined
  if (options.token !== undefined) {
    const text = Buffer.from(options.token, 'base64url').toString()
    if (!text.startsWith(TOKEN_MARK)) throw invalidNextToken()
    after = text.slice(TOKEN_MARK.length)
  }
  const keyed = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => after === undefined || compare(key, after) > 0)
    .sort((a, b) => compare(a.key, b.key))
  const page = keyed.slice(0, options.limit)
  const last = page.at(-1)
  const nextToken =
    last && keyed.length > page.length ? Buffer.from(`${TOKEN_MARK}${last.key}`).toString('base64url') : undefined
  return { items: page.map(({ item }) => item), ...(nextToken !== undefined && { nextToken }) }
}
