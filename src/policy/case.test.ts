/** Reading policy cases: principals from ARNs, defaults, files and their errors. The decisions are in `test/policy-cases`. */
import { describe, expect, test } from 'vitest'
import { parsePolicyCases } from './case-file.ts'
import { decideCase, isAsExpected, policiesOfCase, requestOfCase, type PolicyCase } from './case.ts'

const FUNCTION = 'arn:aws:lambda:us-east-1:444455556666:function:f'
const ALLOW = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }

function caseOf(changes: Partial<PolicyCase['request']>, more: Partial<PolicyCase> = {}): PolicyCase {
  const request = {
    principal: 'arn:aws:iam::111122223333:user/anna',
    action: 'lambda:InvokeFunction',
    resource: FUNCTION,
  }
  return { id: 'case', request: { ...request, ...changes }, expected: { decision: 'allow' }, ...more }
}

describe('a principal', () => {
  test.each([
    ['arn:aws:iam::111122223333:root', 'root'],
    ['arn:aws:iam::111122223333:user/team/anna', 'user'],
    ['arn:aws:iam::111122223333:role/team/caller', 'role-session'],
    ['arn:aws:sts::111122223333:assumed-role/caller/one', 'role-session'],
    ['arn:aws:sts::111122223333:federated-user/bert', 'federated-user'],
  ])('is read from %s', (principal, kind) => {
    expect(requestOfCase(caseOf({ principal })).principal.kind).toBe(kind)
  })

  test('of a session takes path and unique id from the context', () => {
    const context = {
      'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/team/caller',
      'aws:userid': 'AROAEXAMPLE:one',
    }
    const { principal } = requestOfCase(
      caseOf({ principal: 'arn:aws:sts::111122223333:assumed-role/caller/one', context }),
    )
    expect(principal).toEqual({
      kind: 'role-session',
      account: '111122223333',
      arn: 'arn:aws:sts::111122223333:assumed-role/caller/one',
      roleArn: 'arn:aws:iam::111122223333:role/team/caller',
      roleId: 'AROAEXAMPLE',
      roleName: 'caller',
      sessionName: 'one',
      serviceLinked: false,
    })
  })

  test.each([
    'anna',
    'arn:aws:iam::111122223333:group/g',
    'arn:aws:iam::1:user/a',
    'arn:aws:sts::111122223333:assumed-role/r',
  ])('is not %s', (principal) => {
    expect(() => requestOfCase(caseOf({ principal }))).toThrow('is not a principal')
  })
})

test('the account of the resource is taken from its ARN, else the principal', () => {
  expect(requestOfCase(caseOf({})).resourceAccount).toBe('444455556666')
  expect(requestOfCase(caseOf({ resource: 'arn:aws:s3:::b' })).resourceAccount).toBe('111122223333')
  expect(requestOfCase(caseOf({ resourceAccount: '777788889999' })).resourceAccount).toBe('777788889999')
})

test('roles and keys have policies that must allow', () => {
  const kindOf = (action: string, resource: string) => policiesOfCase(caseOf({ action, resource })).resourceKind
  expect(kindOf('sts:AssumeRole', 'arn:aws:iam::111122223333:role/r')).toBe('trust')
  expect(kindOf('iam:PassRole', 'arn:aws:iam::111122223333:role/r')).toBe('resource')
  expect(kindOf('kms:Decrypt', 'arn:aws:kms:us-east-1:111122223333:key/k')).toBe('key')
})

test('policies are documents or their text, and empty lists are layers that do not apply', () => {
  const decided = decideCase(
    caseOf(
      { principal: 'arn:aws:iam::444455556666:user/a' },
      {
        identityPolicies: [JSON.stringify(ALLOW)],
        sessionPolicies: [],
        endpointPolicies: [],
        permissionsBoundaries: [],
        scps: null,
      },
    ),
  )
  expect(decided.outcome).toBe('allow')
})

test('a case passes when the decision and, if given, the layer are as expected', () => {
  const denied = caseOf({}, { expected: { decision: 'implicit_deny', blockedBy: 'resource' } })
  expect(isAsExpected(denied, decideCase(denied))).toBe(true)
  expect(
    isAsExpected({ ...denied, expected: { decision: 'implicit_deny', blockedBy: 'scp' } }, decideCase(denied)),
  ).toBe(false)
  expect(isAsExpected({ ...denied, expected: { decision: 'explicit_deny' } }, decideCase(denied))).toBe(false)
})

test('two permissions boundaries are refused', () => {
  expect(() => decideCase(caseOf({}, { permissionsBoundaries: [ALLOW, ALLOW] }))).toThrow('expected at most one')
})

describe('a file of cases', () => {
  const one = 'id: a\nrequest: { principal: x, action: y, resource: z }\nexpected: { decision: allow }\n'
  const line = JSON.stringify({
    id: 'a',
    request: { principal: 'x', action: 'y', resource: 'z' },
    expected: { decision: 'allow' },
  })

  test.each([
    ['one.yaml', one, 1],
    ['documents.yaml', `${one}---\n${one}`, 2],
    ['list.yaml', `- ${one.replaceAll('\n', '\n  ').trim()}\n`, 1],
    ['lines.jsonl', `${line}\n\n${line}\n`, 2],
    ['list.json', `[${line}]`, 1],
    ['empty.yaml', '# nothing\n', 0],
  ])('%s is read', (name, text, count) => {
    expect(parsePolicyCases(text, name)).toHaveLength(count)
  })

  test.each([
    ['a.yaml', `${one}identityPolices: []\n`, 'identityPolices'],
    ['a.yaml', one.replace('decision: allow', 'decision: yes'), 'a.yaml document 1'],
    ['a.yaml', `${one}scps: {}\n`, 'scps'],
    ['a.yaml', 'id: [', 'a.yaml:1'],
    ['a.jsonl', `${line}\n{`, 'a.jsonl:2'],
    ['a.yaml', one.replace('resource: z', 'resource: z, resourceAccount: 000000000001'), 'resourceAccount'],
  ])('%s with a mistake is refused, naming it', (name, text, named) => {
    expect(() => parsePolicyCases(text, name)).toThrow(named)
  })
})
