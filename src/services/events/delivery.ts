/**
 * Takes events to the targets of the rules that match, as `events.amazonaws.com` for the rule or as the target's role.
 * FIDELITY: before PutEvents answers, so that an acknowledged event is where it belongs; AWS delivers afterwards and retries for a day.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
import { parseArn } from '../../core/arn.ts'
import { AwsError } from '../../core/aws-error.ts'
import { parseRegion } from '../../core/region.ts'
import type { Caller } from '../caller.ts'
import { serviceCaller } from '../service-caller.ts'
import { forwardedEntry, type BusEvent } from './bus-event.ts'
import { ruleArn, type BusLocation } from './locations.ts'
import type { Json } from './pattern-matchers.ts'
import type { RuleRecord, TargetRecord } from './records.ts'
import { EVENTS } from './roles.ts'
import type { EventsService } from './service.ts'
import { targetInput } from './target-input.ts'

interface Journey {
  /** It came from another bus: it goes to no third one. */
  readonly isForwarded: boolean
  readonly traceHeader: string | undefined
}

export async function deliver(
  event: BusEvent,
  bus: BusLocation,
  journey: Journey,
  events: EventsService,
): Promise<void> {
  const matching = events
    .rulesOf(bus)
    .filter((rule) => rule.isEnabled && events.patternOf(rule).matches(event as unknown as Json))
  await Promise.all(
    matching.flatMap((rule) => rule.targets.map((target) => deliverTo(target, rule, event, journey, events))),
  )
}

async function deliverTo(
  target: TargetRecord,
  rule: RuleRecord,
  event: BusEvent,
  journey: Journey,
  events: EventsService,
): Promise<void> {
  try {
    await send(target, rule, event, journey, events)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    events.notice(`${arnOf(rule)} could not deliver to ${target.arn}: ${error.message}`)
    if (target.deadLetterArn !== undefined)
      await sendDeadLetter(target.deadLetterArn, target, rule, event, error, events)
  }
}

async function send(
  target: TargetRecord,
  rule: RuleRecord,
  event: BusEvent,
  { isForwarded, traceHeader }: Journey,
  events: EventsService,
): Promise<void> {
  const arn = parseArn(target.arn)
  const input = () =>
    targetInput(event, target, { ruleArn: arnOf(rule), ruleName: rule.name, receivedAtMs: events.clock.now() })
  const call = (service: string, operation: string, parameters: object) =>
    events.call(callerFor(target, rule, traceHeader, events), service, operation, parameters)
  switch (arn?.service) {
    case 'lambda':
      await call('lambda', 'Invoke', {
        FunctionName: target.arn,
        InvocationType: 'Event',
        Payload: Buffer.from(input()),
      })
      return
    case 'sqs':
      await call('sqs', 'SendMessage', { QueueUrl: queueUrl(target.arn, events), MessageBody: input() })
      return
    case 'sns':
      await call('sns', 'Publish', { TopicArn: target.arn, Message: input() })
      return
    case 'logs':
      await writeLog(arn.resource, input(), call, events)
      return
    case 'events':
      if (isForwarded) return
      await call('events', 'PutEvents', { Entries: [forwardedEntry(entryOf(event, target), event)] })
      return
    case undefined:
    default:
      throw new Error(`no delivery to ${target.arn}`)
  }
}

function entryOf(event: BusEvent, target: TargetRecord) {
  return {
    EventBusName: target.arn,
    Source: event.source,
    DetailType: event['detail-type'],
    Detail: JSON.stringify(event.detail),
    Resources: [...event.resources],
  }
}

/** Into a stream of its own, as EventBridge makes them. */
async function writeLog(
  resource: string,
  message: string,
  call: (service: string, operation: string, input: object) => Promise<unknown>,
  { ids, clock }: EventsService,
): Promise<void> {
  const logGroupName = resource.replace(/^log-group:/, '').replace(/:\*$/, '')
  const logStreamName = ids.uuid()
  await call('logs', 'CreateLogStream', { logGroupName, logStreamName })
  await call('logs', 'PutLogEvents', { logGroupName, logStreamName, logEvents: [{ timestamp: clock.now(), message }] })
}

/** What could not be delivered, with the reason. */
async function sendDeadLetter(
  queueArn: string,
  target: TargetRecord,
  rule: RuleRecord,
  event: BusEvent,
  error: AwsError,
  events: EventsService,
): Promise<void> {
  const denied = /AccessDenied|AuthorizationError/.test(error.name)
  const attributes = {
    RULE_ARN: arnOf(rule),
    TARGET_ARN: target.arn,
    ERROR_CODE: denied ? 'NO_PERMISSIONS' : 'SDK_CLIENT_ERROR',
    ERROR_MESSAGE: error.message,
  }
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  )
  const caller = callerFor({ ...target, arn: queueArn }, rule, undefined, events, false)
  try {
    await events.call(caller, 'sqs', 'SendMessage', {
      QueueUrl: queueUrl(queueArn, events),
      MessageBody: JSON.stringify(event),
      MessageAttributes,
    })
  } catch (problem) {
    if (!(problem instanceof AwsError)) throw problem
    events.notice(`${arnOf(rule)} could not deliver to ${queueArn}: ${problem.message}`)
  }
}

/** Throws `AwsError` when the target's role is gone or no longer trusts EventBridge. */
function callerFor(
  target: TargetRecord,
  rule: RuleRecord,
  traceHeader: string | undefined,
  events: EventsService,
  asRole = true,
): Caller {
  const source = { arn: arnOf(rule), account: rule.account }
  const region = parseRegion(parseArn(target.arn)?.region ?? rule.region)
  const caller = serviceCaller('events', source, { region, ids: events.ids, traceHeader })
  if (target.roleArn === undefined || !asRole) return caller
  const role = events.identities.role(target.roleArn)
  if (!role || !events.trusts(EVENTS, role, { region, source })) {
    throw new AwsError('AccessDeniedException', `${EVENTS} cannot assume the role ${target.roleArn}`)
  }
  const { source: _, ...rest } = caller
  const principal = events.sessions.rolePrincipal(role, events.ids.hex(32))
  return { ...rest, principal, account: role.account }
}

function queueUrl(queueArn: string, { endpointUrl }: EventsService): string {
  const arn = parseArn(queueArn)
  return `${endpointUrl()}/${arn?.account}/${arn?.resource}`
}

function arnOf({ account, region, busName, name }: RuleRecord): string {
  return ruleArn({ bus: { account, region, name: busName }, name })
}
