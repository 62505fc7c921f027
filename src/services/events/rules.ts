/** PutRule, DescribeRule, ListRules, EnableRule, DisableRule, DeleteRule. */
import type { DescribeRuleResponse } from '@aws-sdk/client-eventbridge'

import type { Caller } from '../caller.ts'
import type { Permission } from '../operation.ts'
import { paginate, sortedBy } from '../pagination.ts'
import { limitExceeded, notImplemented, validation } from './errors.ts'
import { parseEventPattern } from './event-pattern.ts'
import { LIST_PAGE, RULES_PER_BUS_MAX } from './limits.ts'
import { locateBus, ruleArn, type RuleLocation } from './locations.ts'
import type { RuleRecord } from './records.ts'
import { passRole } from './roles.ts'
import type { EventsOperations, EventsService } from './service.ts'
import { tagsFrom } from './tags.ts'

export const rules: EventsOperations = {
  PutRule: {
    permissions(input, caller, events) {
      const location = locate(caller, input.EventBusName, input.Name)
      const requestTags = input.Tags && Object.fromEntries(input.Tags.map(({ Key = '', Value = '' }) => [Key, Value]))
      return [
        events.onRule('PutRule', location, {
          requestTags,
          context: { 'events:creatoraccount': caller.account, ...patternContext(input.EventPattern) },
        }),
        ...passRole(input.RoleArn, caller),
      ]
    },
    handle(input, caller, events) {
      const location = locate(caller, input.EventBusName, input.Name)
      if (input.ScheduleExpression !== undefined) throw notImplemented('the parameter ScheduleExpression of PutRule')
      if (input.EventPattern === undefined) {
        throw validation('Parameter(s) EventPattern or ScheduleExpression must be specified.')
      }
      if (input.State === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS') {
        throw notImplemented('the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS')
      }
      parseEventPattern(input.EventPattern)
      events.requireBus(location.bus)
      const existing = events.findRule(location)
      if (!existing && events.rulesOf(location.bus).length >= RULES_PER_BUS_MAX) throw limitExceeded()
      // Whatever a rule had before and is not given again is gone; its targets and tags stay.
      events.putRule({
        account: location.bus.account,
        region: location.bus.region,
        busName: location.bus.name,
        name: location.name,
        pattern: input.EventPattern,
        isEnabled: input.State !== 'DISABLED',
        ...(input.Description !== undefined && { description: input.Description }),
        ...(input.RoleArn !== undefined && { roleArn: input.RoleArn }),
        createdBy: existing?.createdBy ?? caller.account,
        tags: existing?.tags ?? tagsFrom(input.Tags ?? []),
        targets: existing?.targets ?? [],
      })
      return { RuleArn: ruleArn(location) }
    },
  },

  DescribeRule: {
    permissions: (input, caller, events) => onRule('DescribeRule', input, caller, events),
    handle(input, caller, events) {
      const rule = events.requireRule(locate(caller, input.EventBusName, input.Name))
      return { ...describe(rule), CreatedBy: rule.createdBy }
    },
  },

  ListRules: {
    permissions: () => [{ action: 'events:ListRules', resource: '*' }],
    handle(input, caller, events) {
      const bus = events.requireBus(locateBus(caller, input.EventBusName))
      const named = events.rulesOf(bus).filter(({ name }) => name.startsWith(input.NamePrefix ?? ''))
      const keyOf = ({ name }: RuleRecord) => name
      const page = paginate(sortedBy(named, keyOf), {
        keyOf,
        token: input.NextToken,
        limit: input.Limit ?? LIST_PAGE,
        invalidToken: () => validation('Invalid token.'),
      })
      return {
        Rules: page.items.map(describe),
        ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
      }
    },
  },

  EnableRule: {
    permissions: (input, caller, events) => onRule('EnableRule', input, caller, events),
    handle(input, caller, events) {
      const rule = events.requireRule(locate(caller, input.EventBusName, input.Name))
      events.putRule({ ...rule, isEnabled: true })
      return {}
    },
  },

  DisableRule: {
    permissions: (input, caller, events) => onRule('DisableRule', input, caller, events),
    handle(input, caller, events) {
      const rule = events.requireRule(locate(caller, input.EventBusName, input.Name))
      events.putRule({ ...rule, isEnabled: false })
      return {}
    },
  },

  DeleteRule: {
    permissions: (input, caller, events) => onRule('DeleteRule', input, caller, events),
    handle(input, caller, events) {
      const location = locate(caller, input.EventBusName, input.Name)
      const rule = events.findRule(location)
      // Deleting what is not there succeeds.
      if (!rule) return {}
      if (rule.targets.length > 0) throw validation("Rule can't be deleted since it has targets.")
      events.rules(rule).delete(`${rule.busName}/${rule.name}`)
      return {}
    },
  },
}

export function locate(caller: Caller, bus: string | undefined, name: string): RuleLocation {
  return { bus: locateBus(caller, bus), name }
}

function onRule(
  action: string,
  input: { readonly EventBusName?: string | undefined; readonly Name: string },
  caller: Caller,
  events: EventsService,
): readonly Permission[] {
  return [events.onRule(action, locate(caller, input.EventBusName, input.Name))]
}

/** What a rule listens to, as far as its pattern lists it; nothing for a pattern that will be refused. */
function patternContext(text: string | undefined): Readonly<Record<string, readonly string[]>> {
  if (text === undefined) return {}
  try {
    const pattern = parseEventPattern(text)
    return {
      'events:source': pattern.valuesOf('source'),
      'events:detail-type': pattern.valuesOf('detail-type'),
    }
  } catch {
    return {}
  }
}

function describe(rule: RuleRecord): DescribeRuleResponse {
  const { account, region, busName, name } = rule
  return {
    Name: name,
    Arn: ruleArn({ bus: { account, region, name: busName }, name }),
    EventPattern: rule.pattern,
    State: rule.isEnabled ? 'ENABLED' : 'DISABLED',
    ...(rule.description !== undefined && { Description: rule.description }),
    ...(rule.roleArn !== undefined && { RoleArn: rule.roleArn }),
    EventBusName: busName,
  }
}
