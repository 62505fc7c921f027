/**
 * Whole situations as a fast-check arbitrary: a request and policies of every layer that were written for it. Drawn by plain code, because a
 * hundred thousand of them must not take minutes, and made smaller by leaving out what the language lets one leave out.
 */
import { Arbitrary, Stream, Value, type Random } from 'fast-check'
import type { ResourcePolicyKind } from '../../src/policy/model.ts'
import { Dice } from './dice.ts'
import type { Document, Documents, Situation, Statement } from './documents.ts'
import { drawRequest, ListedContext, type ListedRequest } from './requests.ts'
import { drawStatement, type Shape } from './statements.ts'

export interface ListedSituation extends Situation {
  readonly request: ListedRequest
}

const IDENTITY: Shape = { resource: true, principal: 'none' }
const FULL_ACCESS: Document = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
}

export class SituationArbitrary extends Arbitrary<ListedSituation> {
  generate(random: Random): Value<ListedSituation> {
    return new Value(drawSituation(new Dice(random)), undefined)
  }

  canShrinkWithoutContext(value: unknown): value is ListedSituation {
    return typeof value === 'object' && value !== null && 'documents' in value
  }

  shrink(situation: ListedSituation): Stream<Value<ListedSituation>> {
    return Stream.of(...smallerSituations(situation)).map((smaller) => new Value(smaller, undefined))
  }
}

export function drawSituation(dice: Dice): ListedSituation {
  const request = drawRequest(dice)
  const { principal } = request
  const hasPolicies = principal.kind !== 'anonymous' && principal.kind !== 'service' && principal.kind !== 'root'
  const isSession = principal.kind === 'role-session' || principal.kind === 'federated-user'
  const kind = resourceKindOf(request.action)
  const documents: Documents = {
    identity: hasPolicies ? dice.list(0, 2, () => drawDocument(dice, request, IDENTITY, 12)) : [],
    ...(hasPolicies && dice.chance(25) ? { boundary: drawGuard(dice, request) } : {}),
    ...(isSession && dice.chance(principal.kind === 'federated-user' ? 70 : 25)
      ? { session: [drawGuard(dice, request)] }
      : {}),
    ...(dice.chance(35) ? { scps: drawLevels(dice, request) } : {}),
    ...(dice.chance(25) ? { rcps: drawRcps(dice, request) } : {}),
    ...(dice.chance(80) ? { resource: drawDocument(dice, request, resourceShape(kind), 14) } : {}),
    resourceKind: kind,
    ...(dice.chance(12) ? { endpoint: [drawEndpointPolicy(dice, request)] } : {}),
  }
  return { request, documents }
}

export function resourceKindOf(action: string): ResourcePolicyKind {
  if (action === 'sts:AssumeRole') return 'trust'
  return action.startsWith('kms:') ? 'key' : 'resource'
}

function resourceShape(kind: ResourcePolicyKind): Shape {
  return { resource: kind !== 'trust', principal: 'any', stsOnly: kind === 'trust' }
}

function drawDocument(dice: Dice, request: ListedRequest, shape: Shape, denyPercent: number): Document {
  return {
    ...(dice.chance(85) ? { Version: '2012-10-17' } : dice.of({}, { Version: '2008-10-17' } as const)),
    Statement: dice.list(1, 3, () => drawStatement(dice, request, shape, dice.chance(denyPercent) ? 'Deny' : 'Allow')),
  }
}

/** A policy that only limits: usually a wide one. */
function drawGuard(dice: Dice, request: ListedRequest): Document {
  const drawn = drawDocument(dice, request, IDENTITY, 10)
  return dice.chance(55) ? { ...drawn, Statement: [...FULL_ACCESS.Statement, ...drawn.Statement] } : drawn
}

function drawLevels(dice: Dice, request: ListedRequest): readonly (readonly Document[])[] {
  return dice.list(1, 3, () => {
    if (dice.chance(60)) return [FULL_ACCESS]
    const drawn = { ...drawDocument(dice, request, IDENTITY, 15), Version: '2012-10-17' as const }
    return dice.chance(60) ? [FULL_ACCESS, drawn] : dice.chance(95) ? [drawn] : []
  })
}

/** RCPFullAWSAccess is attached everywhere and cannot be detached; all others only deny. */
function drawRcps(dice: Dice, request: ListedRequest): readonly (readonly Document[])[] {
  const everything: Document = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
  }
  const shape: Shape = { resource: true, principal: 'everyone', notAction: false }
  return dice.list(1, 2, () => {
    if (dice.chance(60)) return [everything]
    const denial: Document = {
      Version: '2012-10-17',
      Statement: dice.list(1, 2, () => withServiceInAction(drawStatement(dice, request, shape, 'Deny'), request)),
    }
    return [everything, denial]
  })
}

/** An RCP may not deny `*` by itself. */
function withServiceInAction(statement: Statement, request: ListedRequest): Statement {
  const service = request.action.split(':')[0] ?? ''
  return { ...statement, Action: `${service}:*` }
}

function drawEndpointPolicy(dice: Dice, request: ListedRequest): Document {
  const drawn = drawDocument(dice, request, { resource: true, principal: 'everyone' }, 10)
  const everything: Statement = { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }
  return dice.chance(60) ? { ...drawn, Statement: [everything, ...drawn.Statement] } : drawn
}

function smallerSituations(situation: ListedSituation): readonly ListedSituation[] {
  const { request, documents } = situation
  const withDocuments = (smaller: Documents): ListedSituation => ({ request, documents: smaller })
  const { boundary, session, scps, rcps, resource, endpoint, ...rest } = documents
  const without = [
    { ...rest, session, scps, rcps, resource, endpoint },
    { ...rest, boundary, scps, rcps, resource, endpoint },
    { ...rest, boundary, session, rcps, resource, endpoint },
    { ...rest, boundary, session, scps, resource, endpoint },
    { ...rest, boundary, session, scps, rcps, endpoint },
    { ...rest, boundary, session, scps, rcps, resource },
  ].filter((smaller) => Object.values(smaller).filter(Boolean).length < Object.values(documents).length)
  return [
    ...without.map((smaller) => withDocuments(present(smaller))),
    ...shorter(documents.identity, smallerDocuments).map((identity) => withDocuments({ ...documents, identity })),
    ...smallerDocuments(boundary).map((each) => withDocuments({ ...documents, boundary: each })),
    ...shorter(session, smallerDocuments).map((each) => withDocuments({ ...documents, session: each })),
    ...shorter(scps, (level) => shorter(level, smallerDocuments)).map((each) =>
      withDocuments({ ...documents, scps: each }),
    ),
    ...shorter(rcps, (level) => shorter(level, smallerDocuments)).map((each) =>
      withDocuments({ ...documents, rcps: each }),
    ),
    ...smallerDocuments(resource).map((each) => withDocuments({ ...documents, resource: each })),
    ...shorter(endpoint, smallerDocuments).map((each) => withDocuments({ ...documents, endpoint: each })),
    ...Object.keys(request.context.values).map((key) => {
      const { [key]: _left, ...values } = request.context.values
      return { request: { ...request, context: new ListedContext(values) }, documents }
    }),
  ]
}

type Loose<T> = { readonly [Key in keyof T]?: T[Key] | undefined }

function present(documents: Loose<Documents>): Documents {
  const kept = Object.entries(documents).filter(([, value]) => value !== undefined)
  return { identity: [], ...Object.fromEntries(kept) }
}

/** A list with one element less, or with one element smaller. */
function shorter<T>(list: readonly T[] | undefined, smaller: (element: T) => readonly T[]): readonly (readonly T[])[] {
  if (list === undefined) return []
  return list.flatMap((element, index) => {
    const around = (...middle: readonly T[]): readonly T[] => [
      ...list.slice(0, index),
      ...middle,
      ...list.slice(index + 1),
    ]
    return [around(), ...smaller(element).map((each) => around(each))]
  })
}

function smallerDocuments(document: Document | undefined): readonly Document[] {
  if (document === undefined) return []
  return shorter(document.Statement, smallerStatements)
    .filter((Statement) => Statement.length > 0)
    .map((Statement) => ({ ...document, Statement }))
}

function smallerStatements(statement: Statement): readonly Statement[] {
  const { Condition, ...rest } = statement
  const lists = (['Action', 'NotAction', 'Resource', 'NotResource'] as const).flatMap((element) => {
    const value = statement[element]
    if (value === undefined || typeof value === 'string') return []
    return value.length === 1 ? [] : value.map((each) => ({ ...statement, [element]: each }))
  })
  if (Condition === undefined) return lists
  const operators = Object.keys(Condition).map((operator) => {
    const { [operator]: _left, ...kept } = Condition
    return Object.keys(kept).length === 0 ? rest : { ...rest, Condition: kept }
  })
  return [...operators, ...lists]
}
