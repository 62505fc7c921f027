/** The laws that every decision keeps, whatever the policies. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide } from '../../src/policy/decide.ts'
import { explainDecision } from '../../src/policy/explain.ts'
import type { AuthorizationRequest } from '../../src/policy/model.ts'
import { isCoveredByRcp } from '../../src/policy/rcp-services.ts'
import {
  levels,
  NEVER,
  policiesOf,
  request,
  statement,
  statements,
  world,
  type StatementJson,
  type World,
} from './worlds.ts'

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
  for (const [asked, from] of fc.sample(fc.tuple(request, world), { numRuns: 2000, seed: 1 })) {
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
      fc.pre(name !== 'rcps' || (!isServiceLinked && isCoveredByRcp(asked.action) && asked.resource !== '*'))
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
