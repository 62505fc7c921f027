/** How a bus and a rule are named: by name, which is the caller's own, or by ARN. */
import { isAccountId, parseAccountId, type AccountId } from '../../core/account.ts'
import { formatArn, parseArn } from '../../core/arn.ts'
import { isRegion, type Region } from '../../core/region.ts'
import type { Caller } from '../caller.ts'
import { validation } from './errors.ts'

export const DEFAULT_BUS = 'default'

export interface BusLocation {
  readonly account: AccountId
  readonly region: Region
  readonly name: string
}

export interface RuleLocation {
  readonly bus: BusLocation
  readonly name: string
}

export function busArn({ account, region, name }: BusLocation): string {
  return formatArn({ service: 'events', region, account, resource: `event-bus/${name}` })
}

/** The default bus is left out. */
export function ruleArn({ bus, name }: RuleLocation): string {
  const path = bus.name === DEFAULT_BUS ? name : `${bus.name}/${name}`
  return formatArn({ service: 'events', region: bus.region, account: bus.account, resource: `rule/${path}` })
}

/** Throws ValidationException for an ARN that is no bus's. */
export function locateBus({ account, region }: Caller, nameOrArn: string = DEFAULT_BUS): BusLocation {
  if (!nameOrArn.startsWith('arn:')) return { account, region, name: nameOrArn }
  const found = busFromArn(nameOrArn)
  if (!found) throw validation(`Parameter ${nameOrArn} is not valid. Reason: Provided Arn is not in correct format.`)
  return found
}

export function busFromArn(text: string): BusLocation | undefined {
  const arn = parseArn(text)
  const name = arn && /^event-bus\/(.+)$/.exec(arn.resource)?.[1]
  if (arn?.service !== 'events' || name === undefined || !isRegion(arn.region) || !isAccountId(arn.account)) {
    return undefined
  }
  return { account: parseAccountId(arn.account), region: arn.region, name }
}

export function ruleFromArn(text: string): RuleLocation | undefined {
  const arn = parseArn(text)
  const match = arn && /^rule\/(?:([^/]+)\/)?([^/]+)$/.exec(arn.resource)
  if (arn?.service !== 'events' || !match || !isRegion(arn.region) || !isAccountId(arn.account)) return undefined
  const [, busName = DEFAULT_BUS, name = ''] = match
  return { bus: { account: parseAccountId(arn.account), region: arn.region, name: busName }, name }
}
