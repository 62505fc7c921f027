/** What EventBridge's operations work with, and the permissions they ask for. */
import { scopeOf, type Shelf, type State } from '../../state/state.ts'
import { createPolicyCompiler } from '../attached-policy.ts'
import { DeliveringService, type DeliveringOptions } from '../delivering-service.ts'
import type { OrganizationDirectory, SessionDirectory } from '../directories.ts'
import type { Operations, Permission } from '../operation.ts'
import { createTrustsService, type TrustsService } from '../service-trust.ts'
import { busNotFound, ruleNotFound } from './errors.ts'
import { parseEventPattern, type EventPattern } from './event-pattern.ts'
import { busArn, DEFAULT_BUS, ruleArn, type BusLocation, type RuleLocation } from './locations.ts'
import type { BusRecord, RuleRecord } from './records.ts'

export type EventsOperations = Operations<typeof import('@aws-sdk/client-eventbridge'), EventsService>

export interface EventsOptions extends DeliveringOptions {
  readonly organizations: OrganizationDirectory
  readonly sessions: SessionDirectory
}

type Place = Pick<BusLocation, 'account' | 'region'>

export class EventsService extends DeliveringService {
  readonly sessions: SessionDirectory
  readonly trusts: TrustsService
  readonly #state: State
  readonly #compile = createPolicyCompiler('event bus policy')
  readonly #patterns = new WeakMap<RuleRecord, EventPattern>()

  constructor(options: EventsOptions) {
    super(options)
    this.sessions = options.sessions
    this.trusts = createTrustsService(options)
    this.#state = options.state
  }

  buses({ account, region }: Place): Shelf<BusRecord> {
    return this.#state.collection<BusRecord>('events.buses').in(scopeOf(account, region))
  }

  /** Keyed by `<bus>/<rule>`. */
  rules({ account, region }: Place): Shelf<RuleRecord> {
    return this.#state.collection<RuleRecord>('events.rules').in(scopeOf(account, region))
  }

  /** Every account has a default bus, which nobody has to make. */
  findBus(location: BusLocation): BusRecord | undefined {
    const bus = this.buses(location).get(location.name)
    if (bus || location.name !== DEFAULT_BUS) return bus
    return { ...location, tags: {}, createdAtMs: 0, modifiedAtMs: 0 }
  }

  /** Throws ResourceNotFoundException. */
  requireBus(location: BusLocation): BusRecord {
    const bus = this.findBus(location)
    if (!bus) throw busNotFound(location.name)
    return bus
  }

  findRule({ bus, name }: RuleLocation): RuleRecord | undefined {
    return this.rules(bus).get(`${bus.name}/${name}`)
  }

  /** Throws ResourceNotFoundException for the bus or the rule. */
  requireRule(location: RuleLocation): RuleRecord {
    this.requireBus(location.bus)
    const rule = this.findRule(location)
    if (!rule) throw ruleNotFound(location.name, location.bus.name)
    return rule
  }

  putRule(rule: RuleRecord): void {
    this.rules(rule).put(`${rule.busName}/${rule.name}`, rule)
  }

  rulesOf(bus: BusLocation): readonly RuleRecord[] {
    return this.rules(bus)
      .values()
      .filter(({ busName }) => busName === bus.name)
  }

  patternOf(rule: RuleRecord): EventPattern {
    let pattern = this.#patterns.get(rule)
    if (!pattern) this.#patterns.set(rule, (pattern = parseEventPattern(rule.pattern)))
    return pattern
  }

  onBus(action: string, location: BusLocation, more: Partial<Permission> = {}): Permission {
    const bus = this.findBus(location)
    return {
      action: `events:${action}`,
      resource: busArn(location),
      resourceAccount: location.account,
      resourcePolicy: this.#compile(bus?.policy),
      resourceTags: bus?.tags,
      ...more,
    }
  }

  /** A bus's policy speaks of its rules, too. */
  onRule(action: string, location: RuleLocation, more: Partial<Permission> = {}): Permission {
    const rule = this.findRule(location)
    return {
      action: `events:${action}`,
      resource: ruleArn(location),
      resourceAccount: location.bus.account,
      resourcePolicy: this.#compile(this.findBus(location.bus)?.policy),
      resourceTags: rule?.tags,
      ...more,
      context: { ...(rule && { 'events:creatoraccount': rule.createdBy }), ...more.context },
    }
  }
}
