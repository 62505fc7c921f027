/** Buses, rules and targets: made, shown, changed and removed; policies of buses; what is refused. */
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  TestEventPatternCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-eventbridge'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { failureOf } from '../lambda/support.ts'

let cloud: TestCloud
let owner: EventBridgeClient
let stranger: EventBridgeClient

beforeAll(async () => {
  cloud = await startCloud()
  owner = cloud.client(EventBridgeClient, 'target')
  stranger = cloud.client(EventBridgeClient, 'source')
})
afterAll(() => cloud.close())

const busArn = (name: string) => `arn:aws:events:us-east-1:${ACCOUNTS.target}:event-bus/${name}`
const ruleArn = (path: string) => `arn:aws:events:us-east-1:${ACCOUNTS.target}:rule/${path}`
const queueArn = (name: string, account: string = ACCOUNTS.target) => `arn:aws:sqs:us-east-1:${account}:${name}`
const EventPattern = JSON.stringify({ source: ['shop'] })

test('every account has a default bus, and makes others', async () => {
  const listed = async () =>
    ((await owner.send(new ListEventBusesCommand({}))).EventBuses ?? []).map(({ Name }) => Name)
  expect(await listed()).toEqual(['default'])
  const Name = 'orders'
  expect((await owner.send(new CreateEventBusCommand({ Name, Description: 'all' }))).EventBusArn).toBe(busArn(Name))
  expect(await listed()).toEqual(['default', 'orders'])
  expect(await owner.send(new DescribeEventBusCommand({ Name }))).toMatchObject({
    Name,
    Arn: busArn(Name),
    Description: 'all',
  })
  expect(await failureOf(owner.send(new CreateEventBusCommand({ Name })))).toMatchObject({
    name: 'ResourceAlreadyExistsException',
    message: 'Event bus orders already exists.',
  })
  await owner.send(new DeleteEventBusCommand({ Name }))
  expect(await failureOf(owner.send(new DescribeEventBusCommand({ Name })))).toMatchObject({
    name: 'ResourceNotFoundException',
    status: 400,
    message: 'Event bus orders does not exist.',
  })
  expect(await failureOf(owner.send(new DeleteEventBusCommand({ Name: 'default' })))).toMatchObject({
    name: 'ValidationException',
    message: 'Cannot delete event bus default.',
  })
})

test('a rule is made, disabled, enabled, replaced and deleted', async () => {
  const Name = 'life'
  expect((await owner.send(new PutRuleCommand({ Name, EventPattern, Description: 'd' }))).RuleArn).toBe(ruleArn('life'))
  await owner.send(new DisableRuleCommand({ Name }))
  expect(await owner.send(new DescribeRuleCommand({ Name }))).toMatchObject({
    Name,
    Arn: ruleArn('life'),
    EventPattern,
    State: 'DISABLED',
    Description: 'd',
    EventBusName: 'default',
    CreatedBy: ACCOUNTS.target,
  })
  await owner.send(new EnableRuleCommand({ Name }))
  await owner.send(new PutRuleCommand({ Name, EventPattern }))
  const replaced = await owner.send(new DescribeRuleCommand({ Name }))
  expect(replaced).toMatchObject({ State: 'ENABLED' })
  expect(replaced.Description).toBeUndefined()
  expect(((await owner.send(new ListRulesCommand({ NamePrefix: 'li' }))).Rules ?? []).map((rule) => rule.Name)).toEqual(
    ['life'],
  )
  await owner.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: '1', Arn: queueArn('q') }] }))
  expect(await failureOf(owner.send(new DeleteRuleCommand({ Name })))).toMatchObject({
    message: "Rule can't be deleted since it has targets.",
  })
  await owner.send(new RemoveTargetsCommand({ Rule: Name, Ids: ['1'] }))
  await owner.send(new DeleteRuleCommand({ Name }))
  expect(await failureOf(owner.send(new DescribeRuleCommand({ Name })))).toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Rule life does not exist on EventBus default.',
  })
})

test('targets are put, replaced, listed and found', async () => {
  await owner.send(new PutRuleCommand({ Name: 'aimed', EventPattern }))
  const target = {
    Id: 'one',
    Arn: queueArn('jobs'),
    InputTransformer: { InputPathsMap: { id: '$.detail.id' }, InputTemplate: '{"id": <id>}' },
    DeadLetterConfig: { Arn: queueArn('dead') },
    RetryPolicy: { MaximumRetryAttempts: 3 },
  }
  await owner.send(new PutTargetsCommand({ Rule: 'aimed', Targets: [{ Id: 'one', Arn: queueArn('other') }] }))
  expect(await owner.send(new PutTargetsCommand({ Rule: 'aimed', Targets: [target] }))).toMatchObject({
    FailedEntryCount: 0,
  })
  expect((await owner.send(new ListTargetsByRuleCommand({ Rule: 'aimed' }))).Targets).toEqual([target])
  expect((await owner.send(new ListRuleNamesByTargetCommand({ TargetArn: queueArn('jobs') }))).RuleNames).toEqual([
    'aimed',
  ])
  const refused = await owner.send(
    new PutTargetsCommand({
      Rule: 'aimed',
      Targets: [
        { Id: 'input', Arn: queueArn('jobs'), Input: '{' },
        { Id: 'both', Arn: queueArn('jobs'), Input: '{}', InputPath: '$' },
        { Id: 'bus', Arn: `arn:aws:events:us-east-1:${ACCOUNTS.source}:event-bus/default` },
        { Id: 'foreign', Arn: queueArn('jobs', ACCOUNTS.source) },
      ],
    }),
  )
  expect(refused.FailedEntryCount).toBe(4)
  expect(refused.FailedEntries?.map(({ TargetId, ErrorCode }) => [TargetId, ErrorCode])).toEqual(
    ['input', 'both', 'bus', 'foreign'].map((id) => [id, 'ValidationException']),
  )
  const Targets = Array.from({ length: 6 }, (_, index) => ({ Id: `t${index}`, Arn: queueArn('jobs') }))
  expect(await failureOf(owner.send(new PutTargetsCommand({ Rule: 'aimed', Targets })))).toMatchObject({
    name: 'LimitExceededException',
  })
})

test('rules and buses are tagged', async () => {
  await owner.send(new PutRuleCommand({ Name: 'tagged', EventPattern, Tags: [{ Key: 'a', Value: '1' }] }))
  const ResourceARN = ruleArn('tagged')
  await owner.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'b', Value: '2' }] }))
  await owner.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['a'] }))
  expect((await owner.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags).toEqual([{ Key: 'b', Value: '2' }])
})

test('a permission opens a bus to another account, and its removal shuts it', async () => {
  await owner.send(new CreateEventBusCommand({ Name: 'open' }))
  const entry = { EventBusName: busArn('open'), Source: 's', DetailType: 't', Detail: '{}' }
  const put = () => stranger.send(new PutEventsCommand({ Entries: [entry] }))
  expect(await failureOf(put())).toMatchObject({
    name: 'AccessDeniedException',
    status: 400,
    message: `User: arn:aws:iam::${ACCOUNTS.source}:user/administrator is not authorized to perform: events:PutEvents on resource: ${busArn('open')} because no resource-based policy allows the events:PutEvents action`,
  })
  const permission = { EventBusName: 'open', StatementId: 'them', Action: 'events:PutEvents' }
  await owner.send(new PutPermissionCommand({ ...permission, Principal: ACCOUNTS.source }))
  expect(await put()).toMatchObject({ FailedEntryCount: 0 })
  const { Policy } = await owner.send(new DescribeEventBusCommand({ Name: 'open' }))
  expect(JSON.parse(Policy ?? '')).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'them',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${ACCOUNTS.source}:root` },
        Action: 'events:PutEvents',
        Resource: busArn('open'),
      },
    ],
  })
  const remove = () => owner.send(new RemovePermissionCommand({ EventBusName: 'open', StatementId: 'them' }))
  await remove()
  expect((await failureOf(put())).name).toBe('AccessDeniedException')
  expect(await failureOf(remove())).toMatchObject({ message: 'EventBus does not have a policy.' })
})

test('the policy of a bus may tell sources apart', async () => {
  await owner.send(new CreateEventBusCommand({ Name: 'picky' }))
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Sid: 'shop',
      Effect: 'Allow',
      Principal: { AWS: ACCOUNTS.source },
      Action: 'events:PutEvents',
      Resource: busArn('picky'),
      Condition: { 'ForAllValues:StringEquals': { 'events:source': 'shop' } },
    },
  })
  await owner.send(new PutPermissionCommand({ EventBusName: 'picky', Policy }))
  const put = (Source: string) =>
    stranger.send(
      new PutEventsCommand({ Entries: [{ EventBusName: busArn('picky'), Source, DetailType: 't', Detail: '{}' }] }),
    )
  await put('shop')
  expect((await failureOf(put('bank'))).name).toBe('AccessDeniedException')
})

test('another account puts a rule on a bus that lets it', async () => {
  await owner.send(new CreateEventBusCommand({ Name: 'lent' }))
  const put = () => stranger.send(new PutRuleCommand({ EventBusName: busArn('lent'), Name: 'theirs', EventPattern }))
  expect((await failureOf(put())).name).toBe('AccessDeniedException')
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Sid: 'rules',
      Effect: 'Allow',
      Principal: { AWS: ACCOUNTS.source },
      Action: 'events:*Rule',
      Resource: ruleArn('lent/*'),
      Condition: { StringEqualsIfExists: { 'events:creatorAccount': ACCOUNTS.source } },
    },
  })
  await owner.send(new PutPermissionCommand({ EventBusName: 'lent', Policy }))
  expect((await put()).RuleArn).toBe(ruleArn('lent/theirs'))
  expect((await owner.send(new DescribeRuleCommand({ EventBusName: 'lent', Name: 'theirs' }))).CreatedBy).toBe(
    ACCOUNTS.source,
  )
})

test('patterns are tested, and bad ones refused', async () => {
  const Event = JSON.stringify({
    id: '1',
    account: ACCOUNTS.target,
    source: 'shop',
    time: '2026-01-01T00:00:00Z',
    region: 'us-east-1',
    resources: [],
    'detail-type': 't',
    detail: { price: 5 },
  })
  const result = async (pattern: object) =>
    (await owner.send(new TestEventPatternCommand({ Event, EventPattern: JSON.stringify(pattern) }))).Result
  expect(await result({ detail: { price: [{ numeric: ['>', 4] }] } })).toBe(true)
  expect(await result({ detail: { price: [{ numeric: ['>', 5] }] } })).toBe(false)
  expect(
    await failureOf(owner.send(new PutRuleCommand({ Name: 'bad', EventPattern: '{"source":"shop"}' }))),
  ).toMatchObject({
    name: 'InvalidEventPatternException',
    status: 400,
    message: 'Event pattern is not valid. Reason: "source" must be an object or an array',
  })
})

test('what there is not is refused by name', async () => {
  expect(
    await failureOf(owner.send(new PutRuleCommand({ Name: 'x', ScheduleExpression: 'rate(1 minute)' }))),
  ).toMatchObject({ status: 501, message: 'Isthmus does not implement the parameter ScheduleExpression of PutRule' })
  await owner.send(new PutRuleCommand({ Name: 'x', EventPattern }))
  const Arn = `arn:aws:ecs:us-east-1:${ACCOUNTS.target}:cluster/c`
  expect(await failureOf(owner.send(new PutTargetsCommand({ Rule: 'x', Targets: [{ Id: '1', Arn }] })))).toMatchObject({
    status: 501,
    message: 'Isthmus does not implement targets of ecs',
  })
})
