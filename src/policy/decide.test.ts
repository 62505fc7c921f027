/**
 * The laws that every decision keeps, over small random worlds built so that requests often meet policies. Single decisions are in
 * `test/policy-cases`.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compilePolicy, type CompiledPolicy } from './compile.ts'
import { decide } from './decide.ts'
import type { PolicyKind } from './document.ts'
import { explainDecision } from './explain.ts'
import { isCoveredByRcp } from './rcp-services.ts'
import type { ApplicablePolicies, AuthorizationRequest, Principal } from './model.ts'
import { readPolicy } from './parse.ts'

const OWN = '111122223333'
const OTHER = '444455556666'

const ROLE: Principal = {
  kind: 'role-session',
  account: OWN,
  arn: `arn:aws:sts::${OWN}:assumed-role/caller/one`,
  roleArn: `arn:aws:iam::${OWN}:role/caller`,
  roleId: 'AROAEXAMPLEEXAMPLE000',
  roleName: 'caller',
  sessionName: 'one',
  serviceLinked: false,
}
const PRINCIPALS: readonly Principal[] = [
  ROLE,
  { ...ROLE, serviceLinked: true },
  { kind: 'user', account: OWN, arn: `arn:aws:iam::${OWN}:user/anna`, uniqueId: 'AIDAEXAMPLEEXAMPLE000', name: 'anna' },
  { kind: 'root', account: OWN, arn: `arn:aws:iam::${OWN}:root` },
  {
    kind: 'federated-user',
    account: OWN,
    arn: `arn:aws:sts::${OWN}:federated-user/bert`,
    userArn: `arn:aws:iam::${OWN}:user/anna`,
    userId: 'AIDAEXAMPLEEXAMPLE000',
    name: 'bert',
  },
  { kind: 'service', service: 's3.amazonaws.com' },
  { kind: 'anonymous' },
]

type StatementJson = Readonly<Record<string, unknown>>

function compile(kind: PolicyKind, statements: readonly StatementJson[]): CompiledPolicy {
  return compilePolicy(readPolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), kind), {
    name: kind,
  })
}

const NEVER: StatementJson = { Effect: 'Deny', Action: 'none:None', Resource: '*' }

const condition = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      { StringEquals: { 'aws:PrincipalOrgID': 'o-a' } },
      { StringNotEquals: { 'aws:PrincipalOrgID': 'o-a' } },
      { Bool: { 'aws:SecureTransport': 'true' } },
      { 'ForAnyValue:StringLike': { 'aws:TagKeys': ['a*'] } },
      { StringUnknown: { 'aws:PrincipalOrgID': 'o-a' } },
    ),
  },
)

const statement = (allowBias: number): fc.Arbitrary<StatementJson> =>
  fc
    .record({
      effect: fc.oneof({ weight: allowBias, arbitrary: fc.constant('Allow') }, fc.constant('Deny')),
      action: fc.constantFrom(
        { Action: '*' },
        { Action: ['lambda:*', 'sqs:Send*'] },
        { Action: 'sqs:*' },
        { Action: ['lambda:InvokeFunction', 'sqs:SendMessage'] },
        { NotAction: 'lambda:*' },
      ),
      resource: fc.constantFrom(
        { Resource: '*' },
        { Resource: 'arn:aws:*:us-*:*:*' },
        { Resource: [`arn:aws:*:*:${OWN}:*`, `arn:aws:lambda:*:${OTHER}:function:f*`] },
        { NotResource: `arn:aws:sqs:*:${OTHER}:*` },
      ),
      condition,
    })
    .map(({ effect, action, resource, condition: Condition }) => ({
      Effect: effect,
      ...action,
      ...resource,
      ...(Condition === undefined ? {} : { Condition }),
    }))

const principalJson = fc.constantFrom<StatementJson>(
  { Principal: '*' },
  { Principal: { AWS: OWN } },
  { Principal: { AWS: [`arn:aws:iam::${OWN}:role/caller`, `arn:aws:iam::${OWN}:user/anna`] } },
  { Principal: { AWS: [`arn:aws:sts::${OWN}:assumed-role/caller/one`, `arn:aws:sts::${OWN}:federated-user/bert`] } },
  { Principal: { Service: 's3.amazonaws.com' } },
  { NotPrincipal: { AWS: [OWN, `arn:aws:iam::${OWN}:user/anna`] } },
)

const statements = fc.array(statement(9), { minLength: 1, maxLength: 3 })
const withPrincipals = fc.array(
  fc.tuple(statement(12), principalJson).map(([body, principal]) => ({ ...body, ...principal })),
  { minLength: 1, maxLength: 3 },
)
const levels = fc.array(fc.array(statements, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 })

/** Policies as JSON, so that a test can change them before they are compiled. */
interface World {
  readonly identity: readonly (readonly StatementJson[])[]
  readonly resource: readonly StatementJson[] | undefined
  readonly boundary: readonly StatementJson[] | undefined
  readonly session: readonly StatementJson[] | undefined
  readonly endpoint: readonly StatementJson[] | undefined
  readonly scps: readonly (readonly (readonly StatementJson[])[])[] | undefined
  readonly rcps: readonly (readonly (readonly StatementJson[])[])[] | undefined
  readonly resourceKind: 'resource' | 'trust' | 'key'
}

/** Absent two times in three, so that not every request fails on some layer. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

const world: fc.Arbitrary<World> = fc.record({
  identity: fc.array(statements, { maxLength: 3 }),
  resource: fc.option(withPrincipals, { nil: undefined, freq: 4 }),
  boundary: maybe(statements),
  session: maybe(statements),
  endpoint: maybe(statements),
  scps: maybe(levels),
  rcps: maybe(fc.constant([[[NEVER]]])),
  resourceKind: fc.constantFrom('resource', 'resource', 'trust', 'key'),
})

const request: fc.Arbitrary<AuthorizationRequest> = fc
  .record({
    principal: fc.constantFrom(...PRINCIPALS),
    action: fc.constantFrom('lambda:InvokeFunction', 'sqs:SendMessage'),
    resourceAccount: fc.constantFrom(OWN, OTHER),
    organization: fc.constantFrom('o-a', 'o-b', undefined),
    tagKeys: fc.constantFrom(['ab', 'c'], ['c'], undefined),
  })
  .map(({ principal, action, resourceAccount, organization, tagKeys }) => {
    const service = action.startsWith('lambda') ? 'lambda' : 'sqs'
    const context = new Map<string, string | readonly string[]>([['aws:securetransport', 'true']])
    if (organization !== undefined) context.set('aws:principalorgid', organization)
    if (tagKeys !== undefined) context.set('aws:tagkeys', tagKeys)
    const name = service === 'lambda' ? 'function:f' : 'q'
    return {
      principal,
      action,
      resourceAccount,
      resource: `arn:aws:${service}:us-east-1:${resourceAccount}:${name}`,
      context,
    }
  })

function policiesOf(from: World): ApplicablePolicies {
  const nested = (kind: PolicyKind, list: World['scps']): CompiledPolicy[][] | undefined =>
    list?.map((level) => level.map((policy) => compile(kind, policy)))
  const scps = nested('scp', from.scps)
  const rcps = nested('rcp', from.rcps)
  return {
    identity: from.identity.map((policy) => compile('identity', policy)),
    resourceKind: from.resourceKind,
    ...(from.resource === undefined ? {} : { resource: compile('resource', from.resource) }),
    ...(from.boundary === undefined ? {} : { boundary: compile('managed', from.boundary) }),
    ...(from.session === undefined ? {} : { session: [compile('session', from.session)] }),
    ...(from.endpoint === undefined ? {} : { endpoint: [compile('endpoint', from.endpoint)] }),
    ...(scps === undefined ? {} : { scps }),
    ...(rcps === undefined ? {} : { rcps }),
  }
}

function outcome(asked: AuthorizationRequest, from: World): string {
  return decide(asked, policiesOf(from)).outcome
}

function isAcross({ principal, resourceAccount }: AuthorizationRequest): boolean {
  return 'account' in principal && principal.account !== resourceAccount
}

const DENY_ALL: StatementJson = { Effect: 'Deny', Action: '*', Resource: '*' }
const RUNS = { numRuns: 400 }

test('the worlds are worth testing: every outcome occurs often', () => {
  const seen = { allow: 0, explicit_deny: 0, implicit_deny: 0, acrossAccounts: 0 }
  for (const [asked, from] of fc.sample(fc.tuple(request, world), { numRuns: 1000, seed: 1 })) {
    const { outcome } = decide(asked, policiesOf(from))
    seen[outcome]++
    if (outcome === 'allow' && isAcross(asked)) seen.acrossAccounts++
  }
  for (const [name, count] of Object.entries(seen)) expect(count, name).toBeGreaterThan(20)
})

test('a Deny in any layer that applies wins', () => {
  const layer = fc.constantFrom('identity', 'resource', 'boundary', 'session', 'endpoint', 'scps', 'rcps')
  fc.assert(
    fc.property(request, world, layer, (asked, from, name) => {
      const { principal } = asked
      const hasNoAccount = principal.kind === 'anonymous' || principal.kind === 'service'
      const isServiceLinked = principal.kind === 'role-session' && principal.serviceLinked
      fc.pre(name !== 'identity' && name !== 'boundary' ? true : !hasNoAccount && principal.kind !== 'root')
      fc.pre(name !== 'scps' || (!hasNoAccount && !isServiceLinked))
      fc.pre(name !== 'rcps' || (!isServiceLinked && isCoveredByRcp(asked.action)))
      const added = {
        identity: { identity: [...from.identity, [DENY_ALL]] },
        resource: { resource: [...(from.resource ?? []), { ...DENY_ALL, Principal: '*' }] },
        boundary: { boundary: [DENY_ALL] },
        session: { session: [DENY_ALL] },
        endpoint: { endpoint: [DENY_ALL] },
        scps: { scps: [[[DENY_ALL]], ...(from.scps ?? [])] },
        rcps: { rcps: [[[{ ...DENY_ALL, Principal: '*' }]], ...(from.rcps ?? [])] },
      }[name]
      expect(outcome(asked, { ...from, ...added })).toBe('explicit_deny')
    }),
    RUNS,
  )
})

test('the order of statements and of policies does not matter, nor do repetitions', () => {
  const reversed = <T>(list: readonly T[]): T[] => list.toReversed()
  fc.assert(
    fc.property(request, world, (asked, from) => {
      const turned: World = {
        ...from,
        identity: reversed(from.identity.map(reversed)),
        resource: from.resource && [...reversed(from.resource), ...from.resource],
        boundary: from.boundary && reversed(from.boundary),
        session: from.session && reversed(from.session),
        endpoint: from.endpoint && reversed(from.endpoint),
        scps: from.scps && reversed(from.scps.map((level) => reversed(level.map(reversed)))),
      }
      const first = decide(asked, policiesOf(from))
      const second = decide(asked, policiesOf(turned))
      expect([second.outcome, second.blockedBy]).toEqual([first.outcome, first.blockedBy])
    }),
    RUNS,
  )
})

test('a boundary, session policy, endpoint policy, SCP or RCP only takes away', () => {
  const guardrail = fc.oneof(
    statements.map((added) => ({ session: added })),
    statements.map((added) => ({ endpoint: added })),
    levels.map((added) => ({ scps: added })),
    fc.constant({ rcps: [[[NEVER]]] }),
    statements.map((added) => ({ boundary: added })),
  )
  fc.assert(
    fc.property(request, world, guardrail, (asked, from, added) => {
      // A federated session has no permissions at all without a session policy.
      fc.pre(asked.principal.kind !== 'federated-user')
      const [name = ''] = Object.keys(added)
      const without = { ...from, [name]: undefined }
      if (outcome(asked, { ...without, ...added }) === 'allow') expect(outcome(asked, without)).toBe('allow')
    }),
    RUNS,
  )
})

test('an Allow more never takes away, a Deny more never gives', () => {
  fc.assert(
    fc.property(request, world, statement(1), (asked, from, added) => {
      const before = outcome(asked, from)
      const after = outcome(asked, { ...from, identity: [...from.identity, [added]] })
      if (added['Effect'] === 'Allow' && before === 'allow') expect(after).toBe('allow')
      if (added['Effect'] === 'Deny' && before !== 'allow') expect(after).not.toBe('allow')
    }),
    RUNS,
  )
})

test('splitting an identity policy into one policy per statement changes nothing', () => {
  fc.assert(
    fc.property(request, world, (asked, from) => {
      const split = from.identity.flatMap((policy) => policy.map((one) => [one]))
      expect(outcome(asked, { ...from, identity: split })).toBe(outcome(asked, from))
    }),
    RUNS,
  )
})

test('across accounts an Allow means that both accounts allow', () => {
  fc.assert(
    fc.property(request, world, (asked, from) => {
      const { outcome: decided, trace } = decide(asked, policiesOf(from))
      if (!isAcross(asked) || decided !== 'allow') return
      const said = new Map(trace.map((entry) => [entry.layer, entry.outcome]))
      expect(said.get('resource') ?? said.get('trust')).toBe('allow')
      expect(asked.principal.kind === 'root' ? 'allow' : said.get('identity')).toBe('allow')
    }),
    { numRuns: 1500 },
  )
})

test('the trace has one entry for every layer, and the layer that is blamed is one that does not allow or a grant without effect', () => {
  fc.assert(
    fc.property(request, world, (asked, from) => {
      const decision = decide(asked, policiesOf(from))
      expect(decision.trace.map(({ layer }) => layer).sort()).toEqual([
        'boundary',
        'endpoint',
        'identity',
        'rcp',
        'resource',
        'scp',
        'session',
        'trust',
      ])
      expect(decision.blockedBy === undefined).toBe(decision.outcome === 'allow')
      const blamed = decision.trace.find(({ layer }) => layer === decision.blockedBy)
      if (decision.outcome === 'explicit_deny') expect(blamed?.outcome).toBe('explicit_deny')
    }),
    RUNS,
  )
})

test('an explanation decides the same and has blockers exactly when the request is denied', () => {
  fc.assert(
    fc.property(request, world, (asked, from) => {
      const policies = policiesOf(from)
      const decision = decide(asked, policies)
      const explanation = explainDecision(asked, policies)
      expect(explanation.decision).toEqual(decision)
      expect(explanation.blockers.length === 0).toBe(decision.outcome === 'allow')
      expect(explanation.blockers.some((blocker) => blocker.outcome === 'explicit_deny')).toBe(
        decision.outcome === 'explicit_deny',
      )
    }),
    RUNS,
  )
})

test('keys that no condition names do not matter', () => {
  fc.assert(
    fc.property(request, world, (asked, from) => {
      const context = { get: (key: string) => asked.context.get(key) ?? (key.startsWith('other:') ? 'x' : undefined) }
      expect(outcome({ ...asked, context }, from)).toBe(outcome(asked, from))
    }),
    RUNS,
  )
})
