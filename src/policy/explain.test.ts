/** What an explanation tells beyond the decision. */
import { expect, test } from 'vitest'
import { policiesOfCase, requestOfCase, type PolicyCase } from './case.ts'
import { explainDecision, type Explanation } from './explain.ts'

const FUNCTION = 'arn:aws:lambda:us-east-1:444455556666:function:f'
const ALLOW = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' }
const FULL = policy({ Effect: 'Allow', Action: '*', Resource: '*' })

function policy(...statements: readonly object[]): Record<string, unknown> {
  return { Version: '2012-10-17', Statement: statements }
}

function explain(changes: Partial<PolicyCase>, context: Record<string, string> = {}): Explanation {
  const policyCase: PolicyCase = {
    id: 'case',
    request: {
      principal: 'arn:aws:sts::111122223333:assumed-role/caller/one',
      action: 'lambda:InvokeFunction',
      resource: FUNCTION,
      context,
    },
    expected: { decision: 'allow' },
    ...changes,
  }
  return explainDecision(requestOfCase(policyCase), policiesOfCase(policyCase))
}

test('every blocker is named at once', () => {
  const { blockers } = explain({
    identityPolicies: [policy({ ...ALLOW, Sid: 'no', Effect: 'Deny' })],
    permissionsBoundaries: [policy({ Effect: 'Allow', Action: 's3:*', Resource: '*' })],
    scps: [[FULL], [], [policy(ALLOW)]],
  })
  expect(blockers.map(({ layer, outcome }) => `${layer} ${outcome}`)).toEqual([
    'identity explicit_deny',
    'resource implicit_deny',
    'scp implicit_deny',
    'identity implicit_deny',
    'boundary implicit_deny',
  ])
  expect(blockers[0]?.statements).toEqual([{ policyName: 'identity policy 1', sid: 'no', index: 0 }])
  expect(blockers[2]?.levels).toEqual([2])
})

test('every statement that denies is listed, not only the first', () => {
  const deny = { ...ALLOW, Effect: 'Deny' }
  const { blockers } = explain({
    identityPolicies: [policy(ALLOW, deny), policy(deny)],
    resourcePolicy: policy({ ...ALLOW, Principal: '*' }),
  })
  expect(blockers.map(({ statements }) => statements.length)).toEqual([2])
})

test('within an account a grant by the resource would do instead of the identity policy', () => {
  const { blockers } = explain({
    request: {
      principal: 'arn:aws:iam::444455556666:user/anna',
      action: 'lambda:InvokeFunction',
      resource: FUNCTION,
    },
  })
  expect(blockers).toEqual([{ layer: 'identity', outcome: 'implicit_deny', statements: [], alternative: 'resource' }])
})

test('a condition that fails shows what was expected and what the request has', () => {
  const { layers } = explain(
    {
      identityPolicies: [
        policy({ ...ALLOW, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a', 'aws:Other': 'x' } } }),
      ],
    },
    { 'AWS:PrincipalOrgId': 'o-b' },
  )
  const [statement] = layers.find(({ layer }) => layer === 'identity')?.statements ?? []
  expect(statement?.applies).toBe(false)
  expect(statement?.conditions).toEqual([
    { operator: 'StringEquals', key: 'aws:PrincipalOrgID', expected: ['o-a'], actual: 'o-b', holds: false },
    { operator: 'StringEquals', key: 'aws:Other', expected: ['x'], actual: undefined, holds: false },
  ])
})

test('a statement tells which of its elements does not match', () => {
  const { layers } = explain({
    identityPolicies: [
      policy({ ...ALLOW, Action: 'lambda:Get*' }, { ...ALLOW, Resource: 'arn:aws:lambda:*:*:function:g' }),
    ],
    resourcePolicy: policy(
      { ...ALLOW, Principal: { AWS: '777788889999' } },
      { ...ALLOW, Principal: { AWS: '111122223333' } },
    ),
  })
  const statementsOf = (name: string) => layers.find(({ layer }) => layer === name)?.statements ?? []
  expect(
    statementsOf('identity').map(({ matchesAction, matchesResource }) => [matchesAction, matchesResource]),
  ).toEqual([
    [false, true],
    [true, false],
  ])
  expect(statementsOf('resource').map(({ matchesPrincipal, grant }) => [matchesPrincipal, grant])).toEqual([
    [false, 'none'],
    [true, 'account'],
  ])
})

test('a statement that cannot be evaluated denies in a Deny, allows nothing in an Allow, and says so', () => {
  const unknown = { ...ALLOW, Condition: { StringSame: { 'aws:PrincipalOrgID': 'o-a' } } }
  const allowed = explain({ identityPolicies: [policy(unknown)], resourcePolicy: policy({ ...ALLOW, Principal: '*' }) })
  expect(allowed.decision.outcome).toBe('implicit_deny')
  const identity = allowed.decision.trace.find(({ layer }) => layer === 'identity')
  expect(identity?.notes).toEqual([
    'statement 0 of `identity policy 1` allows nothing: condition operator `StringSame` is not known',
  ])
  const denied = explain({
    identityPolicies: [policy(ALLOW, { ...unknown, Effect: 'Deny', Sid: 'odd' })],
    resourcePolicy: policy({ ...ALLOW, Principal: '*' }),
  })
  expect(denied.decision.outcome).toBe('explicit_deny')
  expect(denied.decision.trace.find(({ layer }) => layer === 'identity')?.notes?.[0]).toContain('`odd`')
})

test('a value that nothing can match is noted', () => {
  const { layers } = explain({
    identityPolicies: [
      policy({
        ...ALLOW,
        Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.*' }, ArnLike: { 'aws:SourceArn': 'arn:aws:s3*' } },
      }),
    ],
  })
  expect(layers.find(({ layer }) => layer === 'identity')?.statements[0]?.notes).toEqual([
    'nothing matches `203.0.113.*`, which is no value for IpAddress',
    'nothing matches `arn:aws:s3*`, which is no value for ArnLike',
  ])
})
