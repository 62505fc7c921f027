/**
 * A decision is always made, and the same in whatever case names are written: random policies, far from any sense, as an account or a file may
 * hold them, against random requests.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compilePolicy, type CompiledPolicy } from '../../src/policy/compile.ts'
import { decide } from '../../src/policy/decide.ts'
import { denialMessage } from '../../src/policy/denial.ts'
import type { PolicyKind } from '../../src/policy/document.ts'
import { explainDecision } from '../../src/policy/explain.ts'
import type { ApplicablePolicies, AuthorizationRequest, ContextValue } from '../../src/policy/model.ts'
import { readPolicy } from '../../src/policy/parse.ts'
import { policiesOf, request as plainRequest, world, type StatementJson, type World } from './worlds.ts'

/** Pieces that mean something to some part of the language, glued together at random. */
const piece = fc.constantFrom(
  '*',
  '?',
  '${',
  '}',
  '${*}',
  '${?}',
  '${$}',
  '${aws:username}',
  "${aws:userid, 'x'}",
  "${a,'}'}",
  ':',
  '/',
  'arn:aws:lambda:us-east-1:111122223333:function:f',
  'arn:aws:',
  '111122223333',
  'lambda',
  'InvokeFunction',
  '2026-01-01T00:00:00Z',
  '-1',
  '1e400',
  '0x10',
  '10.0.0.0/8',
  '::/0',
  'true',
  'YQ==',
  '\u0000',
  'İ',
  '𝒳',
  ' ',
)
const text = fc.oneof(
  fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
  fc.string({ maxLength: 8 }),
)
const texts = fc.oneof(text, fc.array(text, { maxLength: 4 }))
const scalars = fc.oneof(texts, fc.integer(), fc.double(), fc.boolean(), fc.array(fc.boolean(), { maxLength: 2 }))

const NAMES = ['String', 'Numeric', 'Date', 'Arn']
const operator = fc
  .tuple(
    fc.constantFrom('', '', 'ForAllValues:', 'ForAnyValue:', 'ForNoValue:'),
    fc.oneof(
      fc.constantFrom(
        'Bool',
        'BinaryEquals',
        'IpAddress',
        'NotIpAddress',
        'Null',
        'StringEqualsIgnoreCase',
        'StringNotEqualsIgnoreCase',
        'constructor',
        '__proto__',
        '',
      ),
      fc
        .tuple(
          fc.constantFrom(...NAMES),
          fc.constantFrom('Equals', 'NotEquals', 'Like', 'NotLike', 'LessThan', 'GreaterThanEquals'),
        )
        .map(([name, comparison]) => name + comparison),
    ),
    fc.constantFrom('', '', 'IfExists', 'IfExistsIfExists'),
  )
  .map((parts) => parts.join(''))

const KEYS = [
  'aws:username',
  'aws:userid',
  'aws:TagKeys',
  'aws:PrincipalTag/a',
  'a',
  'constructor',
  '__proto__',
  '',
  '/',
]
const key = fc.constantFrom(...KEYS)

const principal = fc.oneof(
  fc.constant('*'),
  fc.dictionary(fc.constantFrom('AWS', 'Service', 'Federated', 'CanonicalUser', 'Other'), texts, { maxKeys: 3 }),
)

/** `__proto__` must become a key, not a prototype, which object literals and `Object.fromEntries` see to. */
const pairs = <T>(name: fc.Arbitrary<string>, value: fc.Arbitrary<T>) =>
  fc.array(fc.tuple(name, value), { maxLength: 3 }).map((entries) => Object.fromEntries(entries))

const statement = fc
  .record({
    effect: fc.constantFrom('Allow', 'Deny', 'allow', 'DENY'),
    action: fc.tuple(fc.constantFrom('Action', 'NotAction'), texts),
    resource: fc.option(fc.tuple(fc.constantFrom('Resource', 'NotResource'), texts)),
    principal: fc.option(fc.tuple(fc.constantFrom('Principal', 'NotPrincipal'), principal)),
    condition: fc.option(pairs(operator, pairs(key, scalars))),
  })
  .map(({ effect, action, resource, principal: named, condition }) => ({
    Effect: effect,
    ...Object.fromEntries([action]),
    ...(resource && Object.fromEntries([resource])),
    ...(named && Object.fromEntries([named])),
    ...(condition && { Condition: condition }),
  }))

const document = fc.record({
  Version: fc.constantFrom('2012-10-17', '2008-10-17'),
  Statement: fc.oneof(statement, fc.array(statement, { minLength: 1, maxLength: 3 })),
})

/** Undefined for a document that cannot be read: it could be in no account. */
function compile(kind: PolicyKind, json: object): CompiledPolicy | undefined {
  try {
    return compilePolicy(readPolicy(JSON.stringify(json), kind), { name: kind })
  } catch {
    return undefined
  }
}

const contextValue = fc.oneof(text, fc.array(text, { maxLength: 3 }))
const request: fc.Arbitrary<AuthorizationRequest> = fc
  .record({
    plain: plainRequest,
    action: fc.oneof(fc.constant('lambda:InvokeFunction'), text),
    resource: fc.oneof(fc.constant('*'), text),
    values: fc.array(fc.tuple(key, contextValue), { maxLength: 5 }),
  })
  .map(({ plain, action, resource, values }) => ({
    ...plain,
    action,
    resource,
    context: new Map<string, ContextValue>(values.map(([name, value]) => [name.toLowerCase(), value])),
  }))

test('whatever the policies and the request say, a decision is made, explained and put into words', () => {
  let decided = 0
  let conditional = 0
  fc.assert(
    fc.property(
      request,
      fc.array(document, { maxLength: 3 }),
      document,
      document,
      (asked, identity, resource, other) => {
        const [resourcePolicy, boundary, session] = [
          compile('resource', resource),
          compile('managed', other),
          compile('session', other),
        ]
        const policies: ApplicablePolicies = {
          identity: identity.flatMap((json) => compile('identity', json) ?? []),
          ...(resourcePolicy && { resource: resourcePolicy }),
          ...(boundary && { boundary }),
          ...(session && { session: [session] }),
          scps: [[compile('scp', other) ?? []].flat()],
        }
        const decision = decide(asked, policies)
        expect(['allow', 'explicit_deny', 'implicit_deny']).toContain(decision.outcome)
        expect(explainDecision(asked, policies).decision).toEqual(decision)
        expect(denialMessage({ request: asked, decision })).toMatch(/^User: /)
        decided++
        if (resourcePolicy?.statements.some(({ conditions }) => conditions.length > 0)) conditional++
      },
    ),
    { numRuns: 600 },
  )
  // Most documents must be ones that can be read, or this tests nothing.
  expect(conditional / decided).toBeGreaterThan(0.2)
})

test('a hostile pattern is matched in no time', () => {
  const stars = Array.from({ length: 40 }, () => '*a').join('')
  const asked = {
    action: 'lambda:InvokeFunction',
    resource: `arn:aws:lambda:us-east-1:111122223333:${'a'.repeat(2000)}`,
  }
  const policy = compile('identity', {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'lambda:*', Resource: `arn:aws:lambda:us-east-1:111122223333:${stars}b` },
      {
        Effect: 'Allow',
        Action: 'lambda:*',
        Resource: '*',
        Condition: { StringLike: { 'aws:username': `${stars}?b` } },
      },
    ],
  })
  const before = process.cpuUsage()
  fc.assert(
    fc.property(plainRequest, (plain) => {
      const context = new Map([['aws:username', 'a'.repeat(2000)]])
      decide({ ...plain, ...asked, context }, { identity: policy ? [policy] : [] })
    }),
    { numRuns: 20 },
  )
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(5000)
})

const swapCase = (name: string) =>
  name.replace(/[a-z]/gi, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))

/** The actions and condition keys of a statement in the other case; resources, principals and values as they are. */
function otherCase(from: StatementJson): StatementJson {
  const condition = from['Condition'] as Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined
  return {
    ...from,
    ...Object.fromEntries(
      ['Action', 'NotAction']
        .filter((name) => name in from)
        .map((name) => [name, [from[name]].flat().map((value) => swapCase(String(value)))]),
    ),
    ...(condition && {
      Condition: Object.fromEntries(
        Object.entries(condition).map(([name, clauses]) => [
          name,
          Object.fromEntries(Object.entries(clauses).map(([clauseKey, values]) => [swapCase(clauseKey), values])),
        ]),
      ),
    }),
  }
}

test('the case in which actions and condition keys are written does not matter', () => {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
  const turn = (list: readonly StatementJson[] | undefined) => list?.map(otherCase)
  fc.assert(
    fc.property(plainRequest, world, (asked, from) => {
      const turned: World = {
        ...from,
        identity: from.identity.map((policy) => policy.map(otherCase)),
        resource: turn(from.resource),
        boundary: turn(from.boundary),
        session: turn(from.session),
        endpoint: turn(from.endpoint),
        scps: from.scps?.map((level) => level.map((policy) => policy.map(otherCase))),
        rcps: from.rcps?.map((level) => level.map((policy) => policy.map(otherCase))),
      }
      expect(decide(asked, policiesOf(turned))).toEqual(decide(asked, policiesOf(from)))
      const loud = { ...asked, action: swapCase(asked.action) }
      expect(decide(loud, policiesOf(from)).outcome).toBe(decide(asked, policiesOf(from)).outcome)
    }),
    { numRuns: 600 },
  )
})
