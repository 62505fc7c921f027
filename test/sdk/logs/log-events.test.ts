/** Streams, the events written to them, and every way to read those back. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  paginateFilterLogEvents,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  type FilterLogEventsCommandInput,
  type GetLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { expectRefusal, NO_GROUP, NO_STREAM } from './errors.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

let cloud: TestCloud
let client: CloudWatchLogsClient
let logGroupName: string
let now: number
let made = 0

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(CloudWatchLogsClient, 'source')
})
afterAll(() => cloud.close())

beforeEach(async () => {
  logGroupName = `/test/${++made}`
  now = Date.now()
  await client.send(new CreateLogGroupCommand({ logGroupName }))
})

const createStream = (logStreamName: string) => client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }))

const put = (logStreamName: string, ...events: readonly (readonly [timestamp: number, message: string])[]) =>
  client.send(
    new PutLogEventsCommand({
      logGroupName,
      logStreamName,
      logEvents: events.map(([timestamp, message]) => ({ timestamp, message })),
    }),
  )

async function get(input: Partial<GetLogEventsCommandInput> = {}) {
  const page = await client.send(new GetLogEventsCommand({ logGroupName, logStreamName: 's', ...input }))
  return {
    messages: (page.events ?? []).map(({ message }) => message),
    forward: page.nextForwardToken,
    backward: page.nextBackwardToken,
  }
}

async function find(input: Partial<FilterLogEventsCommandInput> = {}): Promise<(string | undefined)[]> {
  const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName, ...input }))
  return events.map(({ message }) => message)
}

describe('streams', () => {
  it('are created once, described and deleted', async () => {
    await createStream('s')
    const { logStreams } = await client.send(new DescribeLogStreamsCommand({ logGroupName }))
    expect(logStreams).toEqual([
      {
        logStreamName: 's',
        creationTime: expect.any(Number),
        arn: `arn:aws:logs:us-east-1:111122223333:log-group:${logGroupName}:log-stream:s`,
        storedBytes: 0,
      },
    ])
    await expectRefusal(createStream('s'), 'ResourceAlreadyExistsException', 'The specified log stream already exists')
    await client.send(new DeleteLogStreamCommand({ logGroupName, logStreamName: 's' }))
    await expectRefusal(client.send(new DeleteLogStreamCommand({ logGroupName, logStreamName: 's' })), ...NO_STREAM)
  })

  it('tell when they were written to', async () => {
    await createStream('s')
    await put('s', [now - 1000, 'a'], [now - 500, 'b'])
    await put('s', [now - 2000, 'earlier'])
    const { logStreams } = await client.send(new DescribeLogStreamsCommand({ logGroupName }))
    expect(logStreams?.[0]).toMatchObject({
      firstEventTimestamp: now - 2000,
      lastEventTimestamp: now - 500,
      uploadSequenceToken: expect.stringMatching(/^\d{56}$/),
    })
    expect(logStreams?.[0]?.lastIngestionTime).toBeGreaterThanOrEqual(now)
  })

  it('are listed by name or by their last event, either way round, in pages', async () => {
    for (const name of ['b', 'a', 'c']) await createStream(name)
    await put('a', [now - 1, 'x'])
    await put('c', [now - 2, 'x'])
    const list = async (input: object) => {
      const all: (string | undefined)[] = []
      let nextToken: string | undefined
      do {
        const page = await client.send(new DescribeLogStreamsCommand({ logGroupName, limit: 2, nextToken, ...input }))
        all.push(...(page.logStreams ?? []).map(({ logStreamName }) => logStreamName))
        nextToken = page.nextToken
      } while (nextToken !== undefined)
      return all.join('')
    }
    expect(await list({})).toBe('abc')
    expect(await list({ descending: true })).toBe('cba')
    expect(await list({ orderBy: 'LastEventTime' })).toBe('bca')
    expect(await list({ orderBy: 'LastEventTime', descending: true })).toBe('acb')
    expect(await list({ logStreamNamePrefix: 'b' })).toBe('b')
  })

  it('are refused where AWS refuses them', async () => {
    const list = (input: object) => client.send(new DescribeLogStreamsCommand(input))
    await expectRefusal(
      list({ logGroupName, orderBy: 'LastEventTime', logStreamNamePrefix: 'a' }),
      'InvalidParameterException',
      'Cannot order by LastEventTime with a logStreamNamePrefix.',
    )
    await expectRefusal(
      list({ logGroupName, logGroupIdentifier: logGroupName }),
      'ValidationException',
      'LogGroup name and LogGroup ARN are mutually exclusive parameters.',
    )
    await expectRefusal(
      list({ logGroupName, nextToken: 'nonsense' }),
      'InvalidParameterException',
      'The specified nextToken is invalid.',
    )
    await expectRefusal(list({ logGroupName: 'missing' }), ...NO_GROUP)
    await expectRefusal(
      client.send(new CreateLogStreamCommand({ logGroupName: 'missing', logStreamName: 's' })),
      ...NO_GROUP,
    )
  })

  it('go with their group', async () => {
    await createStream('s')
    await put('s', [now, 'gone'])
    await client.send(new DeleteLogGroupCommand({ logGroupName }))
    await client.send(new CreateLogGroupCommand({ logGroupName }))
    expect((await client.send(new DescribeLogStreamsCommand({ logGroupName }))).logStreams).toEqual([])
    await createStream('s')
    expect((await get()).messages).toEqual([])
  })
})

describe('writing', () => {
  beforeEach(() => createStream('s'))

  it('takes any text', async () => {
    await put('s', [now, '🙀 - 参よ - 日本語\nsecond line\t"quoted"'])
    expect((await get()).messages).toEqual(['🙀 - 参よ - 日本語\nsecond line\t"quoted"'])
  })

  it('answers a token that nobody needs', async () => {
    const answer = await put('s', [now, 'x'])
    expect(answer.nextSequenceToken).toMatch(/^\d{56}$/)
    expect(answer.rejectedLogEventsInfo).toBeUndefined()
    const logEvents = [{ timestamp: now, message: 'x' }]
    await client.send(new PutLogEventsCommand({ logGroupName, logStreamName: 's', logEvents, sequenceToken: 'any' }))
  })

  it('needs a group and a stream', async () => {
    await expectRefusal(put('missing', [now, 'x']), ...NO_STREAM)
    const input = { logGroupName: 'missing', logStreamName: 's', logEvents: [{ timestamp: now, message: 'x' }] }
    await expectRefusal(client.send(new PutLogEventsCommand(input)), ...NO_GROUP)
  })

  it('refuses a batch out of order', async () => {
    await expectRefusal(
      put('s', [now, 'x'], [now - 1, 'y']),
      'InvalidParameterException',
      'Log events in a single PutLogEvents request must be in chronological order.',
    )
  })

  it('refuses a batch that spans more than a day', async () => {
    await put('s', [now - DAY, 'x'], [now, 'y'])
    await expectRefusal(
      put('s', [now - DAY - 1, 'x'], [now, 'y']),
      'InvalidParameterException',
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    )
  })

  it('refuses more than a megabyte, counting 26 bytes with each event', async () => {
    const half = 'x'.repeat(524_288 - 26)
    await put('s', [now, half], [now, half])
    await expectRefusal(
      put('s', [now, half], [now, `${half}x`]),
      'InvalidParameterException',
      'Upload too large: 1048577 bytes exceeds limit of 1048576',
    )
    await expectRefusal(
      put('s', [now, 'é'.repeat(524_288)]),
      'InvalidParameterException',
      'Log event too large: 1048602 bytes exceeds limit of 1048576',
    )
  })

  it('leaves out what is too old, too new or expired, and says which', async () => {
    const { rejectedLogEventsInfo: old } = await put(
      's',
      [now - 14 * DAY - 10 * HOUR, 'old'],
      [now - 14 * DAY - HOUR, 'old'],
      [now - 14 * DAY + HOUR, 'in'],
    )
    expect(old).toEqual({ tooOldLogEventEndIndex: 2 })
    const { rejectedLogEventsInfo: fresh } = await put('s', [now + HOUR, 'in'], [now + 3 * HOUR, 'new'])
    expect(fresh).toEqual({ tooNewLogEventStartIndex: 1 })
    await client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 3 }))
    const { rejectedLogEventsInfo: expired } = await put(
      's',
      [now - 3 * DAY - HOUR, 'out'],
      [now - 3 * DAY + HOUR, 'kept'],
    )
    expect(expired).toEqual({ expiredLogEventEndIndex: 1 })
    expect((await get()).messages).toEqual(['kept', 'in'])
    const { rejectedLogEventsInfo: all } = await put('s', [now - 30 * DAY, 'x'])
    expect(all).toMatchObject({ tooOldLogEventEndIndex: 1 })
  })
})

describe('reading one stream', () => {
  beforeEach(async () => {
    await createStream('s')
    await put('s', ...Array.from({ length: 5 }, (_, index) => [now - 100 + index, `m${index}`] as const))
  })

  it('starts with the newest page unless asked to start from the head', async () => {
    expect((await get({ limit: 2 })).messages).toEqual(['m3', 'm4'])
    expect((await get({ limit: 2, startFromHead: true })).messages).toEqual(['m0', 'm1'])
  })

  it('goes forward until the token stays the same, and sees what is written then', async () => {
    const first = await get({ limit: 3, startFromHead: true })
    const second = await get({ limit: 3, nextToken: first.forward })
    expect(second.messages).toEqual(['m3', 'm4'])
    const third = await get({ limit: 3, nextToken: second.forward })
    expect(third).toMatchObject({ messages: [], forward: second.forward })
    await put('s', [now, 'later'])
    expect((await get({ nextToken: third.forward })).messages).toEqual(['later'])
    expect((await get({ limit: 2, nextToken: third.backward })).messages).toEqual(['m3', 'm4'])
  })

  it('goes backward until the token stays the same, and forward again', async () => {
    const last = await get({ limit: 3 })
    const before = await get({ limit: 3, nextToken: last.backward })
    expect(before.messages).toEqual(['m0', 'm1'])
    const end = await get({ limit: 3, nextToken: before.backward })
    expect(end).toMatchObject({ messages: [], backward: before.backward })
    expect((await get({ limit: 3, nextToken: end.forward })).messages).toEqual(['m0', 'm1', 'm2'])
    expect((await get({ limit: 3, nextToken: before.forward })).messages).toEqual(['m2', 'm3', 'm4'])
  })

  it('follows a stream that was empty at first', async () => {
    await createStream('empty')
    const { forward, messages } = await get({ logStreamName: 'empty' })
    expect(messages).toEqual([])
    await put('empty', [now - 10, 'first'])
    expect((await get({ logStreamName: 'empty', nextToken: forward })).messages).toEqual(['first'])
  })

  it('takes the start of a time range in and leaves its end out', async () => {
    const range = { startTime: now - 99, endTime: now - 97 }
    expect((await get(range)).messages).toEqual(['m1', 'm2'])
    expect((await get({ ...range, startFromHead: true })).messages).toEqual(['m1', 'm2'])
    const page = await get({ ...range, startFromHead: true, limit: 1 })
    expect((await get({ ...range, nextToken: page.forward })).messages).toEqual(['m2'])
  })

  it('knows its group by name and by ARN', async () => {
    const arn = `arn:aws:logs:us-east-1:111122223333:log-group:${logGroupName}`
    for (const logGroupIdentifier of [logGroupName, arn]) {
      const { events } = await client.send(new GetLogEventsCommand({ logGroupIdentifier, logStreamName: 's' }))
      expect(events).toHaveLength(5)
      expect(events?.[0]).toEqual({ timestamp: now - 100, message: 'm0', ingestionTime: expect.any(Number) })
    }
    const elsewhere = arn.replace('us-east-1', 'eu-west-1')
    const other = new GetLogEventsCommand({ logGroupIdentifier: elsewhere, logStreamName: 's' })
    await expectRefusal(client.send(other), ...NO_GROUP)
  })

  it('stops at a megabyte', async () => {
    await createStream('big')
    for (const letter of ['a', 'b', 'c']) await put('big', [now, letter.repeat(400_000)])
    const first = await get({ logStreamName: 'big', startFromHead: true })
    expect(first.messages.map((message) => message?.charAt(0))).toEqual(['a', 'b'])
    const second = await get({ logStreamName: 'big', nextToken: first.forward })
    expect(second.messages.map((message) => message?.charAt(0))).toEqual(['c'])
  })

  it('is refused where AWS refuses it', async () => {
    await expectRefusal(get({ logStreamName: 'missing' }), ...NO_STREAM)
    await expectRefusal(get({ logGroupName: 'missing' }), ...NO_GROUP)
    await expectRefusal(
      get({ nextToken: 'invalid-token' }),
      'InvalidParameterException',
      'The specified nextToken is invalid.',
    )
    await expectRefusal(
      get({ limit: 10_001 }),
      'InvalidParameterException',
      "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
    )
    const rare = { logGroupName: `${logGroupName}/rare`, logGroupClass: 'INFREQUENT_ACCESS' } as const
    await client.send(new CreateLogGroupCommand(rare))
    await expect(get({ logGroupName: rare.logGroupName })).rejects.toMatchObject({ name: 'InvalidParameterException' })
  })
})

describe('searching a group', () => {
  beforeEach(async () => {
    for (const name of ['app/1', 'app/2', 'db']) await createStream(name)
    await put('app/1', [now - 50, 'hello'], [now - 30, 'goodbye world'])
    await put('app/2', [now - 40, 'hello world'], [now - 20, '{"level":"error","code":7}'])
    await put('db', [now - 10, 'goodbye cruel world'])
  })

  it('finds the events of all streams in the order of their times', async () => {
    const { events, searchedLogStreams } = await client.send(new FilterLogEventsCommand({ logGroupName }))
    expect(events?.map(({ logStreamName, timestamp }) => [logStreamName, timestamp])).toEqual([
      ['app/1', now - 50],
      ['app/2', now - 40],
      ['app/1', now - 30],
      ['app/2', now - 20],
      ['db', now - 10],
    ])
    expect(events?.[0]).toEqual({
      logStreamName: 'app/1',
      timestamp: now - 50,
      message: 'hello',
      ingestionTime: expect.any(Number),
      eventId: expect.stringMatching(/^\d{56}$/),
    })
    expect(new Set(events?.map(({ eventId }) => eventId)).size).toBe(5)
    expect(searchedLogStreams).toEqual([])
  })

  it('narrows by streams, by time and by pattern', async () => {
    expect(await find({ logStreamNames: ['db', 'app/1'] })).toEqual(['hello', 'goodbye world', 'goodbye cruel world'])
    expect(await find({ logStreamNamePrefix: 'app/' })).toHaveLength(4)
    expect(await find({ startTime: now - 40, endTime: now - 20 })).toHaveLength(3)
    expect(await find({ filterPattern: 'world -hello' })).toEqual(['goodbye world', 'goodbye cruel world'])
    expect(await find({ filterPattern: '"cruel world"' })).toEqual(['goodbye cruel world'])
    expect(await find({ filterPattern: '{ $.level = "error" && $.code > 5 }' })).toEqual(['{"level":"error","code":7}'])
  })

  it('comes in pages, in which no event is missing or twice', async () => {
    const seen: (string | undefined)[] = []
    for await (const { events } of paginateFilterLogEvents({ client, pageSize: 2 }, { logGroupName })) {
      expect(events?.length).toBeLessThanOrEqual(2)
      seen.push(...(events ?? []).map(({ eventId }) => eventId))
    }
    expect(seen).toHaveLength(5)
    expect(new Set(seen).size).toBe(5)
  })

  it('is refused where AWS refuses it', async () => {
    await expectRefusal(find({ logGroupName: 'missing' }), ...NO_GROUP)
    await expectRefusal(find({ logStreamNames: ['missing'] }), ...NO_STREAM)
    await expectRefusal(
      find({ logStreamNames: ['db'], logStreamNamePrefix: 'd' }),
      'InvalidParameterException',
      'logStreamNames and logStreamNamePrefix are mutually exclusive parameters.',
    )
    await expectRefusal(
      find({ nextToken: 'invalid-token' }),
      'InvalidParameterException',
      'The specified nextToken is invalid.',
    )
    await expectRefusal(
      find({ filterPattern: '{ $.a = "b"' }),
      'InvalidParameterException',
      "If a filter pattern starts with '{' it must end with '}'",
    )
  })
})
