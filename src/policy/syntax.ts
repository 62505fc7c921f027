/** The shape of a policy: JSON to syntax tree. Anything outside the grammar makes AWS answer with one and the same sentence. */
import { isConditionOperator } from './conditions/condition.ts'
import type {
  ConditionClause,
  ListElement,
  PolicyDocument,
  PolicyKind,
  PolicyVersion,
  PrincipalElement,
  Statement,
} from './document.ts'

type Json = string | number | boolean | null | readonly Json[] | JsonObject
interface JsonObject {
  readonly [name: string]: Json
}

const DOCUMENT_ELEMENTS = new Set(['Version', 'Id', 'Statement'])
const STATEMENT_ELEMENTS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
])

/**
 * A statement as written: an Effect may be in the wrong case and an element may be missing or empty, for which AWS has sentences of their own.
 */
export interface WrittenStatement extends Omit<Statement, 'effect' | 'action'> {
  readonly effect: string
  readonly action?: ListElement
}

export interface WrittenDocument extends Omit<PolicyDocument, 'statements' | 'version'> {
  readonly version?: PolicyVersion
  readonly statements: readonly WrittenStatement[]
}

/** Raised and caught within parsing only. */
export class SyntaxProblem extends Error {}

/** `lenient` keeps condition operators that AWS may know and we do not, and the last of repeated elements. Throws `SyntaxProblem`. */
export function readDocument(source: string, kind: PolicyKind, lenient: boolean): WrittenDocument {
  const document = objectOf(parseJson(source))
  if (!lenient && hasRepeatedName(source)) throw new SyntaxProblem()
  for (const name of Object.keys(document)) if (!DOCUMENT_ELEMENTS.has(name)) throw new SyntaxProblem()
  const written = document['Statement']
  const statements = Array.isArray(written) ? (written as readonly Json[]) : [written]
  if (statements.length === 0) throw new SyntaxProblem()
  const version = optionalText(document['Version'])
  if (version !== undefined && version !== '2008-10-17' && version !== '2012-10-17') throw new SyntaxProblem()
  const id = optionalText(document['Id'])
  return {
    kind,
    source,
    ...(version === undefined ? {} : { version }),
    ...(id === undefined ? {} : { id }),
    statements: statements.map((statement) => readStatement(objectOf(statement), lenient)),
  }
}

/** Marks text that is no JSON at all, for which some APIs have another sentence. */
export class JsonProblem extends SyntaxProblem {}

function parseJson(source: string): Json {
  try {
    return JSON.parse(source) as Json
  } catch (cause) {
    throw new JsonProblem('not JSON', { cause })
  }
}

/** No object may have the same name twice, which JSON.parse does not notice. */
function hasRepeatedName(source: string): boolean {
  const open: Set<string>[] = []
  for (const [token] of source.matchAll(NAME_OR_BRACE)) {
    if (token === '{') open.push(new Set())
    else if (token === '}') open.pop()
    else if (token.endsWith(':')) {
      const names = open.at(-1)
      const name = JSON.parse(token.slice(0, -1)) as string
      if (names?.has(name) === true) return true
      names?.add(name)
    }
  }
  return false
}

const NAME_OR_BRACE = /"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}]/g

function readStatement(json: JsonObject, lenient: boolean): WrittenStatement {
  for (const name of Object.keys(json)) if (!STATEMENT_ELEMENTS.has(name)) throw new SyntaxProblem()
  const effect = optionalText(json['Effect'])
  if (effect === undefined || !/^(allow|deny)$/i.test(effect)) throw new SyntaxProblem()
  const sid = optionalText(json['Sid'])
  const action = readList(json, 'Action')
  const resource = readList(json, 'Resource')
  const principal = readPrincipal(json)
  return {
    effect,
    ...(sid === undefined ? {} : { sid }),
    ...(principal === undefined ? {} : { principal }),
    ...(action === undefined ? {} : { action }),
    ...(resource === undefined ? {} : { resource }),
    conditions: readConditions(json['Condition'], lenient),
  }
}

function readList(json: JsonObject, name: string): ListElement | undefined {
  const positive = json[name]
  const negative = json[`Not${name}`]
  if (positive !== undefined && negative !== undefined) throw new SyntaxProblem()
  const values = positive ?? negative
  if (values === undefined) return undefined
  // IAM takes a null in a list for nothing.
  const listed = Array.isArray(values) ? (values as readonly Json[]).filter((value) => value !== null) : [values]
  return { negated: negative !== undefined, values: listed.map(textOf) }
}

function readPrincipal(json: JsonObject): PrincipalElement | undefined {
  const positive = json['Principal']
  const negative = json['NotPrincipal']
  if (positive !== undefined && negative !== undefined) throw new SyntaxProblem()
  const written = positive ?? negative
  if (written === undefined) return undefined
  const negated = negative !== undefined
  const nobody = { negated, aws: [], service: [], federated: [], canonicalUser: [] }
  if (written === '*') return { ...nobody, anyone: true }
  const lists = {
    AWS: [] as string[],
    Service: [] as string[],
    Federated: [] as string[],
    CanonicalUser: [] as string[],
  }
  for (const [type, values] of Object.entries(objectOf(written))) {
    if (!Object.hasOwn(lists, type)) throw new SyntaxProblem()
    const listed = Array.isArray(values) ? (values as readonly Json[]) : [values]
    lists[type as keyof typeof lists].push(...listed.map(textOf))
  }
  return {
    negated,
    anyone: lists.AWS.includes('*'),
    aws: lists.AWS.filter((value) => value !== '*'),
    service: lists.Service,
    federated: lists.Federated,
    canonicalUser: lists.CanonicalUser,
  }
}

function readConditions(json: Json | undefined, lenient: boolean): ConditionClause[] {
  if (json === undefined) return []
  return Object.entries(objectOf(json)).flatMap(([operator, keys]) => {
    const entries = Object.entries(objectOf(keys))
    // IAM looks at an operator's name only when the operator has something to compare.
    if (entries.length > 0 && !lenient && !isConditionOperator(operator)) throw new SyntaxProblem()
    return entries.map(([key, values]) => ({ operator, key, values: readValues(values) }))
  })
}

function readValues(json: Json): string[] {
  const values = Array.isArray(json) ? (json as readonly Json[]) : [json]
  return values.map((value) => {
    if (typeof value === 'string') return value
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    throw new SyntaxProblem()
  })
}

function objectOf(json: Json | undefined): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new SyntaxProblem()
  return json as JsonObject
}

function textOf(json: Json): string {
  if (typeof json !== 'string') throw new SyntaxProblem()
  return json
}

function optionalText(json: Json | undefined): string | undefined {
  return json === undefined ? undefined : textOf(json)
}
