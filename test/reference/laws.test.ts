/** Laws of the language that need statements written for the request: what a list means, what a `Not` means, what cannot matter. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ContextValue, RequestContext } from '../../src/policy/model.ts'
import { explainDecision } from '../../src/policy/explain.ts'
import { Dice } from './dice.ts'
import { listOf, type Document, type Documents, type Situation, type Statement } from './documents.ts'
import { compiledDocuments, engineVerdict } from './engine.ts'
import { ListedContext, type ListedRequest } from './requests.ts'
import { drawSituation, SituationArbitrary, type ListedSituation } from './situations.ts'
import { drawStatement, type Shape } from './statements.ts'

const RUNS = { numRuns: 2000 }
const situations = new SituationArbitrary()

/** Anything drawn for the request of a situation that is drawn with it. */
class WithArbitrary<T> extends fc.Arbitrary<{ readonly situation: ListedSituation; readonly drawn: T }> {
  readonly #draw: (dice: Dice, request: ListedRequest) => T

  constructor(draw: (dice: Dice, request: ListedRequest) => T) {
    super()
    this.#draw = draw
  }

  generate(random: fc.Random): fc.Value<{ readonly situation: ListedSituation; readonly drawn: T }> {
    const dice = new Dice(random)
    const situation = drawSituation(dice)
    return new fc.Value({ situation, drawn: this.#draw(dice, situation.request) }, undefined)
  }

  canShrinkWithoutContext(_value: unknown): _value is { readonly situation: ListedSituation; readonly drawn: T } {
    return false
  }

  shrink(): fc.Stream<fc.Value<{ readonly situation: ListedSituation; readonly drawn: T }>> {
    return fc.Stream.nil()
  }
}

type DeniableLayer = Exclude<keyof Documents, 'resourceKind'>

const POLICY: Shape = { resource: true, principal: 'none' }

/** Every document of every layer, rewritten. */
function rewrite(documents: Documents, change: (document: Document) => Document): Documents {
  const { identity, boundary, session, scps, rcps, resource, resourceKind, endpoint } = documents
  const levels = (all: readonly (readonly Document[])[]) => all.map((level) => level.map(change))
  return {
    identity: identity.map(change),
    ...(boundary && { boundary: change(boundary) }),
    ...(session && { session: session.map(change) }),
    ...(scps && { scps: levels(scps) }),
    ...(rcps && { rcps: levels(rcps) }),
    ...(resource && { resource: change(resource) }),
    ...(resourceKind && { resourceKind }),
    ...(endpoint && { endpoint: endpoint.map(change) }),
  }
}

function expectSame(before: Situation, after: Situation): void {
  expect(engineVerdict(after)).toEqual(engineVerdict(before))
}

test('a list of actions, resources or principals is the union of statements with one each', () => {
  const split = (document: Document): Document => ({
    ...document,
    Statement: document.Statement.flatMap((statement) =>
      eachOf(statement, 'Action').flatMap((one) => eachOf(one, 'Resource').flatMap(eachPrincipal)),
    ),
  })
  fc.assert(
    fc.property(situations, ({ request, documents }) => {
      expectSame({ request, documents }, { request, documents: rewrite(documents, split) })
    }),
    RUNS,
  )
})

function eachOf(statement: Statement, element: 'Action' | 'Resource'): readonly Statement[] {
  const value = statement[element]
  return value === undefined ? [statement] : listOf(value).map((one) => ({ ...statement, [element]: one }))
}

function eachPrincipal(statement: Statement): readonly Statement[] {
  const { Principal } = statement
  if (Principal === undefined || typeof Principal === 'string') return [statement]
  return Object.entries(Principal).flatMap(([type, values]) =>
    listOf(values).map((one) => ({ ...statement, Principal: { [type]: one } })),
  )
}

test('the values of a condition are the union of statements with one each, where the operator is not negated', () => {
  const split = (document: Document): Document => ({
    ...document,
    Statement: document.Statement.flatMap((statement) => {
      const [operator, ...others] = Object.keys(statement.Condition ?? {})
      const keys = operator === undefined ? {} : (statement.Condition?.[operator] ?? {})
      const [key, ...moreKeys] = Object.keys(keys)
      const isSplit = others.length === 0 && moreKeys.length === 0 && operator !== undefined && key !== undefined
      if (!isSplit || /Not|ForAllValues/.test(operator)) return [statement]
      return listOf(keys[key]).map((value) => ({ ...statement, Condition: { [operator]: { [key]: value } } }))
    }),
  })
  fc.assert(
    fc.property(situations, ({ request, documents }) => {
      expectSame({ request, documents }, { request, documents: rewrite(documents, split) })
    }),
    RUNS,
  )
})

test('NotAction and NotResource fit exactly where Action and Resource do not', () => {
  fc.assert(
    fc.property(
      new WithArbitrary((dice, request) => drawStatement(dice, request, POLICY, 'Allow')),
      ({ situation: { request }, drawn }) => {
        const { Action, NotAction, Resource, NotResource, Condition, Effect } = drawn
        const conditions = Condition === undefined ? {} : { Condition }
        const allows = (statement: Statement): boolean => {
          const document: Document = { Version: '2012-10-17', Statement: [{ ...statement, ...conditions }] }
          // Within an account an identity policy alone decides.
          const within = { ...request, resourceAccount: accountOf(request) }
          return engineVerdict({ request: within, documents: { identity: [document] } }).outcome === 'allow'
        }
        fc.pre(['user', 'role-session'].includes(request.principal.kind))
        const actions = Action ?? NotAction ?? []
        const resources = Resource ?? NotResource ?? []
        const all = allows({ Effect, Action: '*', Resource: '*' })
        expect(allows({ Effect, NotAction: actions, Resource: '*' })).toBe(
          all && !allows({ Effect, Action: actions, Resource: '*' }),
        )
        expect(allows({ Effect, Action: '*', NotResource: resources })).toBe(
          all && !allows({ Effect, Action: '*', Resource: resources }),
        )
      },
    ),
    RUNS,
  )
})

function accountOf({ principal, resourceAccount }: ListedRequest): string {
  return 'account' in principal ? principal.account : resourceAccount
}

test('the order of statements, of policies and of levels does not matter, nor do repetitions', () => {
  const turn = (document: Document): Document => ({
    ...document,
    Statement: [...document.Statement.toReversed(), ...document.Statement],
  })
  fc.assert(
    fc.property(situations, ({ request, documents }) => {
      const turned = rewrite(documents, turn)
      const { identity, scps, rcps } = turned
      const documentsTurned: Documents = {
        ...turned,
        identity: [...identity.toReversed(), ...identity],
        ...(scps && { scps: scps.toReversed().map((level) => level.toReversed()) }),
        ...(rcps && { rcps: rcps.toReversed() }),
      }
      expectSame({ request, documents }, { request, documents: documentsTurned })
    }),
    RUNS,
  )
})

test('a Deny more, in whatever layer, keeps every denial and never makes an explicit one implicit', () => {
  fc.assert(
    fc.property(
      new WithArbitrary((dice, request) => {
        const layer = dice.of<DeniableLayer>('identity', 'boundary', 'session', 'scps', 'rcps', 'resource', 'endpoint')
        const shape: Shape = ['rcps', 'resource', 'endpoint'].includes(layer)
          ? { resource: request.action !== 'sts:AssumeRole' || layer !== 'resource', principal: 'everyone' }
          : POLICY
        return { layer, denial: drawStatement(dice, request, shape, 'Deny') }
      }),
      ({ situation: { request, documents }, drawn: { layer, denial } }) => {
        const more = (document: Document): Document => ({ ...document, Statement: [...document.Statement, denial] })
        const value = documents[layer]
        fc.pre(value !== undefined)
        const before = engineVerdict({ request, documents }).outcome
        const denied: Documents = { ...documents, ...added(documents, layer, more) }
        const after = engineVerdict({ request, documents: denied }).outcome
        if (before !== 'allow') expect(after).not.toBe('allow')
        if (before === 'explicit_deny') expect(after).toBe('explicit_deny')
      },
    ),
    RUNS,
  )
})

function added(documents: Documents, layer: DeniableLayer, more: (document: Document) => Document): Partial<Documents> {
  const changed = rewrite({ ...documents }, more)
  return { [layer]: changed[layer] }
}

test('a boundary, session policy, SCP, RCP or endpoint policy only takes away', () => {
  fc.assert(
    fc.property(situations, ({ request, documents }) => {
      fc.pre(engineVerdict({ request, documents }).outcome === 'allow')
      for (const layer of ['boundary', 'session', 'scps', 'rcps', 'endpoint'] as const) {
        // A federated session has no permissions of its own without a session policy: there it is no mere limit.
        if (layer === 'session' && request.principal.kind === 'federated-user') continue
        const { [layer]: _without, ...rest } = documents
        expect(engineVerdict({ request, documents: rest }).outcome, `without ${layer}`).toBe('allow')
      }
    }),
    RUNS,
  )
})

test('across accounts an Allow is an Allow of either account by itself', () => {
  let allowed = 0
  fc.assert(
    fc.property(situations, ({ request, documents }) => {
      const { principal, resourceAccount } = request
      fc.pre('account' in principal && principal.account !== resourceAccount)
      if (engineVerdict({ request, documents }).outcome !== 'allow') return
      allowed++
      const { resource, resourceKind, ...ofCaller } = documents
      const everyone: Statement = { Effect: 'Allow', Principal: '*', Action: '*' }
      const open: Document = { Version: '2012-10-17', Statement: [{ ...everyone, Resource: '*' }] }
      const trusting: Document = { Version: '2012-10-17', Statement: [everyone] }
      const openResource = {
        resource: resourceKind === 'trust' ? trusting : open,
        ...(resourceKind && { resourceKind }),
      }
      expect(engineVerdict({ request, documents: { ...ofCaller, ...openResource } }).outcome).toBe('allow')
      expect(resource).toBeDefined()
      if (principal.kind === 'root') return
      const { identity: _identity, ...ofOwner } = documents
      expect(engineVerdict({ request, documents: { ...ofOwner, identity: [] } }).outcome).not.toBe('allow')
    }),
    RUNS,
  )
  expect(allowed).toBeGreaterThan(RUNS.numRuns / 20)
})

/** Remembers which keys were asked for. */
class WatchedContext implements RequestContext {
  readonly asked = new Set<string>()
  readonly #context: RequestContext

  constructor(context: RequestContext) {
    this.#context = context
  }

  get(lowerCaseKey: string): ContextValue | undefined {
    this.asked.add(lowerCaseKey)
    return this.#context.get(lowerCaseKey)
  }
}

test('a key that was not read can have any value or none', () => {
  let unread = 0
  fc.assert(
    fc.property(
      new WithArbitrary((_dice, { context }) => context.values),
      fc.string(),
      ({ situation: { request, documents }, drawn: values }, other) => {
        const watched = new WatchedContext(request.context)
        const before = engineVerdict({ request: { ...request, context: watched }, documents })
        for (const replacement of [undefined, other]) {
          const changed = Object.entries(values).flatMap(([key, value]) => {
            if (watched.asked.has(key.toLowerCase())) return [[key, value] as const]
            unread++
            return replacement === undefined ? [] : [[key, replacement] as const]
          })
          const context = new ListedContext(Object.fromEntries(changed))
          expect(engineVerdict({ request: { ...request, context }, documents })).toEqual(before)
        }
      },
    ),
    RUNS,
  )
  expect(unread).toBeGreaterThan(RUNS.numRuns)
})

test('an explanation decides the same, and what is compiled decides the same again and for others in between', () => {
  fc.assert(
    fc.property(situations, situations, ({ request, documents }, { request: otherRequest }) => {
      const policies = compiledDocuments(documents)
      const first = explainDecision(request, policies).decision
      explainDecision(otherRequest, policies)
      expect(explainDecision(request, policies).decision).toEqual(first)
      const { outcome, blockedBy } = first
      expect(engineVerdict({ request, documents })).toEqual(
        blockedBy === undefined ? { outcome } : { outcome, blockedBy },
      )
    }),
    RUNS,
  )
})
