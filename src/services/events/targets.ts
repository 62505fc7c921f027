/** PutTargets, RemoveTargets, ListTargetsByRule, ListRuleNamesByTarget. Targets are functions, queues, topics, log groups and other buses. */
import type { PutTargetsResultEntry, Target } from '@aws-sdk/client-eventbridge'

import { parseArn } from '../../core/arn.ts'
import { AwsError } from '../../core/aws-error.ts'
import type { Caller } from '../caller.ts'
import { paginate, sortedBy } from '../pagination.ts'
import { limitExceeded, notImplemented, validation } from './errors.ts'
import { parsePath } from './json-path.ts'
import { LIST_PAGE, TARGETS_PER_RULE_MAX } from './limits.ts'
import { busFromArn, locateBus, ruleArn, type RuleLocation } from './locations.ts'
import type { RuleRecord, TargetRecord } from './records.ts'
import { EVENTS, passRole } from './roles.ts'
import { locate } from './rules.ts'
import type { EventsOperations, EventsService } from './service.ts'

export const targets: EventsOperations = {
  PutTargets: {
    permissions(input, caller, events) {
      const location = locate(caller, input.EventBusName, input.Rule)
      const arns = input.Targets.flatMap(({ Arn }) => (Arn === undefined ? [] : [Arn]))
      const roles = new Set(input.Targets.map(({ RoleArn }) => RoleArn))
      return [
        events.onRule('PutTargets', location, { context: { 'events:targetarn': arns } }),
        ...[...roles].flatMap((role) => passRole(role, caller)),
      ]
    },
    handle(input, caller, events) {
      const location = locate(caller, input.EventBusName, input.Rule)
      const rule = events.requireRule(location)
      let kept = rule.targets
      const FailedEntries: PutTargetsResultEntry[] = []
      for (const target of input.Targets) {
        try {
          const record = targetFrom(target, location, caller, events)
          kept = [...kept.filter(({ id }) => id !== record.id), record]
        } catch (error) {
          // What we do not do is refused as a whole, so that nobody takes it for done.
          if (!(error instanceof AwsError) || error.name === 'NotImplemented') throw error
          FailedEntries.push({ TargetId: target.Id, ErrorCode: error.name, ErrorMessage: error.message })
        }
      }
      if (kept.length > TARGETS_PER_RULE_MAX) throw limitExceeded()
      events.putRule({ ...rule, targets: kept })
      return { FailedEntryCount: FailedEntries.length, FailedEntries }
    },
  },

  RemoveTargets: {
    permissions: (input, caller, events) => [
      events.onRule('RemoveTargets', locate(caller, input.EventBusName, input.Rule)),
    ],
    handle(input, caller, events) {
      const rule = events.requireRule(locate(caller, input.EventBusName, input.Rule))
      events.putRule({ ...rule, targets: rule.targets.filter(({ id }) => !input.Ids.includes(id)) })
      return { FailedEntryCount: 0, FailedEntries: [] }
    },
  },

  ListTargetsByRule: {
    permissions: (input, caller, events) => [
      events.onRule('ListTargetsByRule', locate(caller, input.EventBusName, input.Rule)),
    ],
    handle(input, caller, events) {
      const rule = events.requireRule(locate(caller, input.EventBusName, input.Rule))
      const keyOf = ({ id }: TargetRecord) => id
      const page = paginate(sortedBy(rule.targets, keyOf), {
        keyOf,
        token: input.NextToken,
        limit: input.Limit ?? LIST_PAGE,
        invalidToken: () => validation('Invalid token.'),
      })
      return {
        Targets: page.items.map(describe),
        ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
      }
    },
  },

  ListRuleNamesByTarget: {
    permissions: () => [{ action: 'events:ListRuleNamesByTarget', resource: '*' }],
    handle(input, caller, events) {
      const bus = events.requireBus(locateBus(caller, input.EventBusName))
      const aimed = events.rulesOf(bus).filter((rule) => rule.targets.some(({ arn }) => arn === input.TargetArn))
      const keyOf = ({ name }: RuleRecord) => name
      const page = paginate(sortedBy(aimed, keyOf), {
        keyOf,
        token: input.NextToken,
        limit: input.Limit ?? LIST_PAGE,
        invalidToken: () => validation('Invalid token.'),
      })
      return {
        RuleNames: page.items.map(({ name }) => name),
        ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
      }
    },
  },
}

const SERVICES = new Set(['lambda', 'sqs', 'sns', 'logs', 'events'])

const REFUSED = [
  'AppSyncParameters',
  'BatchParameters',
  'EcsParameters',
  'HttpParameters',
  'KinesisParameters',
  'RedshiftDataParameters',
  'RunCommandParameters',
  'SageMakerPipelineParameters',
  'SqsParameters',
] as const

/** Throws `AwsError`. */
function targetFrom(target: Target, location: RuleLocation, caller: Caller, events: EventsService): TargetRecord {
  for (const name of REFUSED) if (target[name] !== undefined) throw notImplemented(`the target parameter ${name}`)
  const { Id: id = '', Arn: arn = '', RoleArn: roleArn } = target
  const parsed = parseArn(arn)
  if (!parsed) {
    throw validation(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`)
  }
  if (!SERVICES.has(parsed.service)) throw notImplemented(`targets of ${parsed.service}`)
  if (parsed.service === 'events' && !busFromArn(arn)) throw notImplemented('targets other than event buses of events')
  if (parsed.resource.endsWith('.fifo')) throw notImplemented('FIFO queues and topics')
  if (parsed.service === 'events' && roleArn === undefined) throw validation(`RoleArn is required for target ${arn}.`)
  if (parsed.account !== location.bus.account && parsed.service !== 'events' && roleArn === undefined) {
    throw validation(`Adding a target in another account is not allowed without a RoleArn: ${arn}.`)
  }
  if (roleArn !== undefined) requireRole(roleArn, location, caller, events)
  const inputs = [target.Input, target.InputPath, target.InputTransformer].filter((input) => input !== undefined)
  if (inputs.length > 1)
    throw validation(`Only one of Input, InputPath, or InputTransformer must be provided for target ${id}.`)
  if (target.Input !== undefined) requireJson(target.Input, id)
  const paths = target.InputTransformer?.InputPathsMap ?? {}
  for (const path of [...Object.values(paths), ...(target.InputPath === undefined ? [] : [target.InputPath])]) {
    if (!parsePath(path)) throw validation(`Invalid InputPath for target ${id}.`)
  }
  const deadLetterArn = target.DeadLetterConfig?.Arn
  if (deadLetterArn !== undefined && parseArn(deadLetterArn)?.service !== 'sqs') {
    throw validation(
      `Parameter ${deadLetterArn} is not valid. Reason: DeadLetterConfig must be the Arn of an SQS queue.`,
    )
  }
  return {
    id,
    arn,
    ...(roleArn !== undefined && { roleArn }),
    ...(target.Input !== undefined && { input: target.Input }),
    ...(target.InputPath !== undefined && { inputPath: target.InputPath }),
    ...(target.InputTransformer && {
      inputTransformer: { paths, template: target.InputTransformer.InputTemplate ?? '' },
    }),
    ...(deadLetterArn !== undefined && { deadLetterArn }),
    ...(target.RetryPolicy && { retryPolicy: JSON.parse(JSON.stringify(target.RetryPolicy)) as object }),
  }
}

function requireRole(roleArn: string, location: RuleLocation, caller: Caller, events: EventsService): void {
  const role = events.identities.role(roleArn)
  const on = { region: caller.region, source: { arn: ruleArn(location), account: location.bus.account } }
  if (role?.account === caller.account && events.trusts(EVENTS, role, on)) return
  throw validation(`Provided role '${roleArn}' cannot be assumed by principal '${EVENTS}'.`)
}

function requireJson(text: string, id: string): void {
  try {
    JSON.parse(text)
  } catch {
    throw validation(`JSON syntax error in input for target ${id}.`)
  }
}

function describe(target: TargetRecord): Target {
  const { inputTransformer: transformer } = target
  return {
    Id: target.id,
    Arn: target.arn,
    ...(target.roleArn !== undefined && { RoleArn: target.roleArn }),
    ...(target.input !== undefined && { Input: target.input }),
    ...(target.inputPath !== undefined && { InputPath: target.inputPath }),
    ...(transformer && {
      InputTransformer: { InputPathsMap: { ...transformer.paths }, InputTemplate: transformer.template },
    }),
    ...(target.deadLetterArn !== undefined && { DeadLetterConfig: { Arn: target.deadLetterArn } }),
    ...(target.retryPolicy && { RetryPolicy: { ...target.retryPolicy } }),
  }
}
