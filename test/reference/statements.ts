/** Statements written for a request: most of them speak of it, many only just do not. */
import type { Principal } from '../../src/policy/model.ts'
import type { Dice } from './dice.ts'
import type { OneOrMore, PrincipalElement, Statement } from './documents.ts'
import { ACCOUNTS, CONTEXT_KEYS, KEY_TYPES, type ListedRequest } from './requests.ts'

/** Which elements the kind of policy has. */
export interface Shape {
  readonly resource: boolean
  readonly principal: 'none' | 'everyone' | 'any'
  /** Trust policies speak of STS's actions only. */
  readonly stsOnly?: boolean
  readonly notAction?: boolean
}

export type Effect = Statement['Effect']

export function drawStatement(dice: Dice, request: ListedRequest, shape: Shape, effect: Effect): Statement {
  // A denial that always fits would leave nothing else to see.
  const conditions = effect === 'Deny' ? dice.of(0, 1, 1, 2) : dice.of(0, 0, 0, 1, 2)
  return {
    Effect: effect,
    ...principalElement(dice, request.principal, shape, effect),
    ...actionElement(dice, request.action, shape),
    ...(shape.resource ? resourceElement(dice, request.resource) : {}),
    ...(conditions === 0 ? {} : { Condition: drawCondition(dice, request, conditions) }),
  }
}

function actionElement(dice: Dice, action: string, shape: Shape): Partial<Statement> {
  if (shape.stsOnly === true) return { Action: dice.of(action, 'sts:AssumeRole', 'sts:TagSession', 'sts:*') }
  if (shape.notAction !== false && dice.chance(10)) {
    return { NotAction: oneOrMore(dice, () => actionPattern(dice, dice.chance(30) ? action : 'ec2:RunInstances')) }
  }
  return { Action: oneOrMore(dice, () => actionPattern(dice, dice.chance(90) ? action : 'ec2:RunInstances')) }
}

function actionPattern(dice: Dice, action: string): string {
  const [service = '', name = ''] = action.split(':')
  const at = dice.number(name.length)
  return dice.of(
    action,
    '*',
    `${service}:*`,
    `${service}:${name.slice(0, at)}*`,
    `${service}:*${name.slice(at)}`,
    `${service}:${name.slice(0, at)}?${name.slice(at + 1)}`,
    `${service.toUpperCase()}:${name.toLowerCase()}`,
    `${service}:${name.slice(0, at)}*${name.slice(at + 1)}?`,
    `${service}:${overlapping(dice, name)}`,
  )
}

/** `re*ed*d`: pieces of the text that need more of it than there may be. */
function overlapping(dice: Dice, text: string): string {
  const cut = (): number => dice.number(text.length + 1)
  const [first, second, third] = [cut(), cut(), cut()]
  return `${text.slice(0, first)}*${text.slice(second, second + 2)}*${text.slice(third)}`
}

function resourceElement(dice: Dice, resource: string): Partial<Statement> {
  if (dice.chance(10)) {
    const other = (): string => (dice.chance(40) ? resourcePattern(dice, resource) : 'arn:aws:s3:::elsewhere/*')
    return { NotResource: oneOrMore(dice, other) }
  }
  return { Resource: oneOrMore(dice, () => resourcePattern(dice, resource)) }
}

function resourcePattern(dice: Dice, resource: string): string {
  if (resource === '*' || dice.chance(25)) return '*'
  const parts = resource.split(':')
  const last = parts.length - 1
  const segment = 3 + dice.number(parts.length - 3)
  const replace = (index: number, by: string): string =>
    parts.map((part, each) => (each === index ? by : part)).join(':')
  const text = parts[segment] ?? ''
  const at = dice.number(text.length + 1)
  const tail = parts[last] ?? ''
  const variable = dice.of(
    '${aws:username}',
    '${aws:PrincipalTag/team}',
    "${aws:PrincipalTag/team, 'red'}",
    '${AWS:userid}',
    '${aws:TagKeys}',
    '${*}',
    '${?}',
  )
  return dice.of(
    resource,
    replace(segment, '*'),
    replace(segment, `${text.slice(0, at)}*`),
    replace(segment, `*${text.slice(at)}`),
    replace(segment, `${text.slice(0, at)}?${text.slice(at + 1)}`),
    replace(segment, `${text.slice(0, at)}*${text.slice(at + 1)}`),
    replace(segment, overlapping(dice, text)),
    [...parts.slice(0, segment), '*'].join(':'),
    // The star at the end of a segment may stand for colons, one within it may not.
    [...parts.slice(0, segment), dice.of('*', `${text.slice(0, 1)}*`), ...parts.slice(segment + 2)].join(':'),
    [...parts.slice(0, segment), `*${text.slice(-1)}`, ...parts.slice(segment + 2)].join(':'),
    [...parts.slice(0, segment), `${text.slice(0, at)}*`].join(':'),
    replace(last, tail.replace(/red|blue|ann/, variable)),
    replace(last, tail.replace(/(red|blue|ann)(?!.*(red|blue|ann))/, variable)),
    replace(last, `${tail}${variable}`),
    `${resource}*`,
    `${resource}:?`,
  )
}

function principalElement(dice: Dice, principal: Principal, shape: Shape, effect: Effect): Partial<Statement> {
  if (shape.principal === 'none') return {}
  if (shape.principal === 'everyone') return { Principal: '*' }
  if (effect === 'Deny' && shape.stsOnly !== true && dice.chance(25)) {
    return { NotPrincipal: namedPrincipals(dice, principal, 75) }
  }
  if (dice.chance(15)) return { Principal: dice.of<PrincipalElement>('*', { AWS: '*' }) }
  return { Principal: namedPrincipals(dice, principal, 40) }
}

function namedPrincipals(dice: Dice, principal: Principal, percent: number): PrincipalElement {
  if (principal.kind === 'service' && dice.chance(80)) {
    return { Service: dice.in([principal.service, ...(principal.names ?? [])]) }
  }
  const names = dice.some(namesFor(principal), percent)
  const others = dice.some(['arn:aws:iam::111122223333:user/eve', '444455556666'], 15)
  const all = [...names, ...others]
  if (all.length === 0) return { AWS: dice.in(namesFor(principal)) }
  const service = dice.chance(10) ? { Service: dice.of('s3.amazonaws.com', 'sns.amazonaws.com') } : {}
  return { AWS: all.length === 1 ? (all[0] ?? []) : all, ...service }
}

function namesFor(principal: Principal): readonly string[] {
  switch (principal.kind) {
    case 'anonymous':
    case 'service':
      return [`arn:aws:iam::${ACCOUNTS[0]}:root`]
    case 'root':
      return [principal.account, principal.arn]
    case 'user':
      return [principal.arn, principal.uniqueId, principal.account, `arn:aws:iam::${principal.account}:root`]
    case 'role-session':
      return [principal.arn, principal.roleArn, principal.roleId, principal.account]
    case 'federated-user':
      return [principal.arn, principal.userArn, principal.account]
  }
}

function drawCondition(dice: Dice, request: ListedRequest, count: number): NonNullable<Statement['Condition']> {
  const condition: Record<string, Record<string, OneOrMore>> = {}
  for (let index = 0; index < count; index += 1) {
    const type = dice.in(KEY_TYPES)
    const kind = CONTEXT_KEYS[type]
    const key = dice.in<string>(kind.keys)
    if (dice.chance(12)) {
      condition['Null'] = { ...condition['Null'], [key]: dice.of('true', 'false') }
      continue
    }
    const negated: readonly string[] = kind.negated
    const name = negated.length > 0 && dice.chance(30) ? dice.in(negated) : dice.in<string>(kind.operators)
    const set = type === 'strings' || dice.chance(5) ? dice.of('ForAllValues:', 'ForAnyValue:') : ''
    const operator = `${set}${name}${dice.chance(25) ? 'IfExists' : ''}`
    const value = (): string => conditionValue(dice, request, name, key, kind.values)
    const written = dice.chance(10) ? key.toUpperCase() : key
    condition[operator] = { ...condition[operator], [written]: oneOrMore(dice, value) }
  }
  return condition
}

function conditionValue(
  dice: Dice,
  request: ListedRequest,
  operator: string,
  key: string,
  values: readonly string[],
): string {
  const present = request.context.values[key]
  const actual = typeof present === 'string' ? present : present?.[0]
  const value = actual !== undefined && dice.chance(65) ? actual : dice.in(values)
  const at = dice.number(value.length + 1)
  if (operator.includes('Like') && operator.includes('String') && dice.chance(40)) {
    return dice.of(
      `${value.slice(0, at)}*`,
      `*${value.slice(at)}`,
      `${value.slice(0, at)}?${value.slice(at + 1)}`,
      overlapping(dice, value),
      '*',
    )
  }
  if (operator.startsWith('String') && dice.chance(20)) {
    return dice.of('${aws:username}', "${aws:PrincipalTag/team, 'red'}", '${aws:SourceVpce}', '${*}', 'r${*}d')
  }
  if (operator.startsWith('Arn') && dice.chance(40)) return arnPattern(dice, value)
  if (operator.includes('Ip') && dice.chance(60)) {
    return value.includes(':')
      ? dice.of('2001:db8::/32', '2001:db8::/64', '::/0')
      : dice.of('10.0.0.0/24', '10.0.0.0/8', '10.0.0.128/25', '0.0.0.0/0')
  }
  return value
}

function arnPattern(dice: Dice, arn: string): string {
  const parts = arn.split(':')
  const index = 1 + dice.number(parts.length - 1)
  const text = parts[index] ?? ''
  const at = dice.number(text.length + 1)
  const by = dice.of(
    '*',
    `${text.slice(0, at)}*`,
    `${text.slice(0, at)}?${text.slice(at + 1)}`,
    '${aws:username}',
    '${aws:PrincipalTag/team}',
  )
  return parts.map((part, each) => (each === index ? by : part)).join(':')
}

/** Mostly one, written as a text or as a list of one. */
function oneOrMore(dice: Dice, draw: () => string): OneOrMore {
  if (dice.chance(60)) return draw()
  return dice.list(1, 3, draw)
}
