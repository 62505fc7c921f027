/** Reading policy cases: principals from ARNs, defaults, files and their errors. The decisions are in `test/policy-cases`. */
import { describe, expect, test } from 'vitest'
import { parsePolicyCases, readCaseFile } from './case-file.ts'
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
  const principal = 'arn:aws:iam::111122223333:root'
  const one = `id: a\nrequest: { principal: '${principal}', action: y:Z, resource: z }\nexpected: { decision: allow }\n`
  const line = JSON.stringify({
    id: 'a',
    request: { principal, action: 'y:Z', resource: 'z' },
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
    [
      'a.yaml',
      `${one}identityPolices: []\n`,
      'a.yaml:4: identityPolices: there is no such member, expected id, request',
    ],
    [
      'a.yaml',
      one.replace('decision: allow', 'decision: yes'),
      'a.yaml:3: expected.decision: expected one of "allow"|',
    ],
    ['a.yaml', `${one}scps: {}\n`, 'a.yaml:4: scps: expected array, found `{}`'],
    ['a.yaml', `- ${one.replaceAll('\n', '\n  ')}\n- 7\n`, 'a.yaml:5: case: expected object, found `7`'],
    ['a.yaml', `${one}scps:\n  - []\n  - - {}\n`, 'a.yaml:6: scps.1.0: AWS would refuse this policy: '],
    ['a.yaml', one.replace(principal, 'anna'), 'a.yaml:2: request.principal: `anna` is not a principal'],
    ['a.yaml', one.replace('id: a\n', ''), 'a.yaml:1: id: expected string, found nothing'],
    ['a.yaml', 'id: [', 'a.yaml:1: expected YAML, but '],
    ['a.yaml', 'id: [', /must be sufficiently indented and end with a \]$/],
    ['a.jsonl', `${line}\n{`, 'a.jsonl:2: expected one case as JSON, but '],
    [
      'a.yaml',
      one.replace('resource: z', 'resource: z, resourceAccount: 000000000001'),
      'a.yaml:2: request.resourceAccount: expected string, found `1`',
    ],
  ])('%s with a mistake is refused, naming it: %#', (name, text, named) => {
    expect(() => parsePolicyCases(text, name)).toThrow(named)
  })

  test('every problem is told at once', () => {
    const text = one.replace('decision: allow', 'decision: maybe').replace('id: a', 'id: ""')
    expect(readCaseFile(`${text}---\n${one}---\n${text}`, 'a.yaml').problems).toHaveLength(4)
  })

  test('a case is found at its first line', () => {
    const lines = (text: string, name: string) => readCaseFile(text, name).cases.map((each) => each.line)
    expect(lines(`# two\n${one}---\n${one}`, 'a.yaml')).toEqual([2, 6])
    expect(lines(`- ${one.replaceAll('\n', '\n  ').trim()}\n`, 'a.yaml')).toEqual([1])
    expect(lines(`\n${line}\n${line}`, 'a.jsonl')).toEqual([2, 3])
  })
})
