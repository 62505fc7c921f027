/** The least change to the text of a policy that lets one call through. Texts in, texts out. */

export interface Call {
  readonly action: string
  readonly resource: string
  /** `aws:PrincipalArn` of the caller; undefined for an AWS service, and for who signs nothing. */
  readonly principalArn?: string
}

type Json = Readonly<Record<string, unknown>>

export function allowStatement({ action, resource }: Call, sid?: string): Json {
  return { ...(sid !== undefined && { Sid: sid }), Effect: 'Allow', Action: action, Resource: resource }
}

export function documentWith(statements: readonly Json[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}

/** One more statement, under a Sid that is not taken. */
export function withStatement(text: string, statement: Json): string {
  return edit(text, (statements) => {
    const taken = new Set(statements.map(({ Sid }) => Sid))
    const sid = statement['Sid']
    const { Sid: _, ...unnamed } = statement
    return [...statements, taken.has(sid) ? unnamed : statement]
  })
}

/** The denying statement with a condition that spares the caller. Undefined when the caller has no ARN to be spared by. */
export function withExemption(text: string, index: number, { principalArn }: Call): string | undefined {
  if (principalArn === undefined) return undefined
  return edit(text, (statements) =>
    statements.map((statement, position) => (position === index ? exempting(statement, principalArn) : statement)),
  )
}

const SPARING = 'ArnNotLike'
const PRINCIPAL_ARN = 'aws:PrincipalArn'

/** Several values of a negated operator spare each of them. */
function exempting(statement: Json, principalArn: string): Json {
  const condition = objectOf(statement['Condition'])
  const clauses = objectOf(condition[SPARING])
  const key = Object.keys(clauses).find((name) => name.toLowerCase() === PRINCIPAL_ARN.toLowerCase()) ?? PRINCIPAL_ARN
  const values = [clauses[key] ?? [], principalArn].flat()
  const spared = values.length === 1 ? principalArn : values
  return { ...statement, Condition: { ...condition, [SPARING]: { ...clauses, [key]: spared } } }
}

/**
 * The policy whose statement `index` no longer denies the call: without the call's resource or action where these are listed by themselves,
 * with `NotResource` where it denies for every resource, with one more there where it has that already. Empty when nothing is left of the policy,
 * undefined when the statement denies with a pattern that has to be thought about.
 */
export function withoutDenial(text: string, index: number, { action, resource }: Call): string | undefined {
  const [, statements] = parse(text)
  const statement = statements[index]
  if (!statement) return undefined
  const narrowed = narrow(statement, action, resource)
  if (narrowed === undefined) return undefined
  const left = statements.flatMap((other, position) =>
    position === index ? (narrowed === 'nothing' ? [] : [narrowed]) : [other],
  )
  return left.length === 0 ? '' : edit(text, () => left)
}

function narrow(statement: Json, action: string, resource: string): Json | 'nothing' | undefined {
  const resources = listOf(statement['Resource'])
  if (resources?.includes(resource) === true) {
    const others = resources.filter((other) => other !== resource)
    if (others.length > 0) return { ...statement, Resource: others }
    const actions = listOf(statement['Action'])
    if (actions?.some((other) => other.toLowerCase() === action.toLowerCase()) !== true) return undefined
    const rest = actions.filter((other) => other.toLowerCase() !== action.toLowerCase())
    return rest.length === 0 ? 'nothing' : { ...statement, Action: rest }
  }
  if (resources?.length === 1 && resources[0] === '*') {
    const { Resource: _, ...others } = statement
    return { ...others, NotResource: resource }
  }
  const spared = listOf(statement['NotResource'])
  if (spared && resource !== '*') return { ...statement, NotResource: [...spared, resource] }
  return undefined
}

function edit(text: string, change: (statements: readonly Json[]) => readonly Json[]): string {
  const [document, statements] = parse(text)
  return JSON.stringify({ ...document, Statement: change(statements) })
}

function parse(text: string): readonly [document: Json, statements: readonly Json[]] {
  const document = JSON.parse(text) as Json
  return [document, [document['Statement']].flat() as readonly Json[]]
}

function listOf(value: unknown): readonly string[] | undefined {
  return value === undefined ? undefined : [value as string | readonly string[]].flat()
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}
