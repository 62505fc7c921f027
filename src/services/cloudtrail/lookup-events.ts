/** LookupEvents. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
import type * as sdk from '@aws-sdk/client-cloudtrail'

import { AwsError } from '../../core/aws-error.ts'
import type { Operations } from '../operation.ts'
import type { EventHistory, HistoryEvent } from './event-history.ts'
import type { EventRecord } from './event-record.ts'
import { resourceName } from './event-resources.ts'
import { LOOKUP_PAGE_MAX } from './limits.ts'
import type { Recorder } from './recorder.ts'

export interface CloudTrailService {
  readonly history: EventHistory
  readonly recorder: Recorder
}

export type CloudTrailOperations = Operations<typeof sdk, CloudTrailService>

export const lookupEvents: CloudTrailOperations = {
  LookupEvents: {
    permissions: () => [{ action: 'cloudtrail:LookupEvents', resource: '*' }],
    refuses: ['EventCategory'],
    handle(input, { account, region }, { history, recorder }) {
      const { StartTime, EndTime, MaxResults = LOOKUP_PAGE_MAX, NextToken } = input
      // FIDELITY: AWS's words of these two refusals have not been seen.
      if (StartTime && EndTime && StartTime > EndTime) {
        throw new AwsError('InvalidTimeRangeException', 'The start time must be before the end time.')
      }
      if ((input.LookupAttributes?.length ?? 0) > 1) {
        throw new AwsError('InvalidLookupAttributesException', 'You can specify one lookup attribute only.')
      }
      const [attribute] = input.LookupAttributes ?? []
      const isAsked = attribute ? matcher(attribute) : () => true
      const before = NextToken === undefined ? Number.POSITIVE_INFINITY : sequenceOf(NextToken)
      // FIDELITY: AWS takes minutes to show an event; here it is there at once.
      recorder.flush()
      const found: HistoryEvent[] = []
      for (const event of history.of(account)) {
        const isFound =
          event.sequence < before &&
          event.record.awsRegion === region &&
          (!StartTime || event.timeMs >= StartTime.getTime()) &&
          (!EndTime || event.timeMs <= EndTime.getTime()) &&
          isAsked(event.record)
        if (isFound) found.push(event)
        if (found.length > MaxResults) break
      }
      const page = found.slice(0, MaxResults)
      const last = page.at(-1)
      return {
        Events: page.map(shape),
        NextToken: found.length > page.length && last ? tokenOf(last.sequence) : undefined,
      }
    },
  },
}

type Matches = (record: EventRecord) => boolean

function matcher({ AttributeKey: key, AttributeValue: value }: sdk.LookupAttribute): Matches {
  switch (key) {
    case 'EventId':
      return ({ eventID }) => eventID === value
    case 'EventName':
      return ({ eventName }) => eventName === value
    case 'ReadOnly':
      return ({ readOnly }) => String(readOnly) === value
    case 'Username':
      return (record) => userName(record) === value
    case 'ResourceType':
      return ({ resources = [] }) => resources.some(({ type }) => type === value)
    case 'ResourceName':
      return ({ resources = [] }) => resources.some(({ ARN }) => ARN === value || resourceName(ARN) === value)
    case 'EventSource':
      return ({ eventSource }) => eventSource === value
    case 'AccessKeyId':
      return ({ userIdentity }) => identity(userIdentity).accessKeyId === value
    case undefined:
      return () => true
  }
}

interface Identity {
  readonly type?: string
  readonly principalId?: string
  readonly userName?: string
  readonly accessKeyId?: string
}

function identity(of: object): Identity {
  return of
}

/** A role's is the name of its session. */
function userName({ userIdentity }: EventRecord): string | undefined {
  const { type, principalId, userName: name } = identity(userIdentity)
  if (type === 'Root') return 'root'
  return name ?? principalId?.split(':')[1]
}

function shape({ record, text, timeMs }: HistoryEvent): sdk.Event {
  const { accessKeyId } = identity(record.userIdentity)
  const name = userName(record)
  return {
    EventId: record.eventID,
    EventName: record.eventName,
    ReadOnly: String(record.readOnly),
    ...(accessKeyId !== undefined && { AccessKeyId: accessKeyId }),
    EventTime: new Date(timeMs),
    EventSource: record.eventSource,
    ...(name !== undefined && { Username: name }),
    Resources: (record.resources ?? []).map(({ type, ARN }) => ({
      ...(type !== undefined && { ResourceType: type }),
      ResourceName: resourceName(ARN),
    })),
    CloudTrailEvent: text,
  }
}

function tokenOf(sequence: number): string {
  return Buffer.from(`events:${sequence}`).toString('base64url')
}

function sequenceOf(token: string): number {
  const [, sequence] = /^events:(\d{1,15})$/.exec(Buffer.from(token, 'base64url').toString()) ?? []
  if (sequence === undefined) throw new AwsError('InvalidNextTokenException', 'Invalid token.')
  return Number(sequence)
}
