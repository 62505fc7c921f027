/** What AWS refuses of a policy, and its words, for each kind of policy. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { AwsError } from '../core/aws-error.ts'
import { compilePolicy } from './compile.ts'
import type { PolicyKind } from './document.ts'
import { parsePolicy, readPolicy, validatePolicy } from './parse.ts'

const KINDS: readonly PolicyKind[] = ['identity', 'managed', 'trust', 'resource', 'scp', 'rcp', 'session', 'endpoint']

const SYNTAX = 'Syntax errors in policy.'
const LEGACY = 'The policy failed legacy parsing'

/** The message for a one-statement policy of version 2012-10-17. */
function problemOf(kind: PolicyKind, statement: unknown, document: object = {}): string | undefined {
  return validatePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statement, ...document }), kind)
}

const list = { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::bucket' }

test('a policy reads the same with one statement and with a list, with one value and with a list', () => {
  const single = parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: list }), 'identity')
  const listed = parsePolicy(
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ ...list, Action: [list.Action], Resource: [list.Resource] }],
    }),
    'identity',
  )
  expect(single.statements).toEqual(listed.statements)
  expect(single.statements[0]).toEqual({
    effect: 'Allow',
    action: { negated: false, values: ['s3:ListBucket'] },
    resource: { negated: false, values: ['arn:aws:s3:::bucket'] },
    conditions: [],
  })
})

test('a document without version is of 2008-10-17, which managed policies may not be', () => {
  const text = JSON.stringify({ Statement: list })
  expect(parsePolicy(text, 'identity').version).toBe('2008-10-17')
  expect(validatePolicy(text, 'managed')).toBe('Policy document must be version 2012-10-17 or greater.')
  expect(validatePolicy(JSON.stringify({ Version: '2008-10-17', Statement: list }), 'managed')).toBe(
    'Policy document must be version 2012-10-17 or greater.',
  )
})

test('text that is no JSON is told apart in trust policies', () => {
  expect(validatePolicy('{', 'trust')).toBe('This policy contains invalid Json')
  expect(validatePolicy('{', 'identity')).toBe(SYNTAX)
})

test.each([
  ['no statement', undefined],
  ['no statements in the list', []],
  ['a statement that is text', ['afd']],
  ['an unknown element', { ...list, Extra: 'x' }],
  ['an unknown effect', { ...list, Effect: 'maybe' }],
  ['no effect', { Action: 's3:*', Resource: '*' }],
  ['a Sid that is no text', { ...list, Sid: {} }],
  ['an action that is an object', { ...list, Action: {} }],
  ['both Action and NotAction', { ...list, NotAction: 'iam:*' }],
  ['both Resource and NotResource', { ...list, NotResource: [] }],
  ['a resource list with an object', { ...list, Resource: ['*', {}] }],
  ['a condition that is a list', { ...list, Condition: [] }],
  ['an operator without keys', { ...list, Condition: { StringEquals: 'b' } }],
  ['an unknown operator', { ...list, Condition: { StringSame: { a: 'b' } } }],
  ['a misspelt set prefix', { ...list, Condition: { 'ForAnyValue::StringEquals': { a: 'b' } } }],
  ['a value that is an object', { ...list, Condition: { StringEquals: { a: {} } } }],
])('a policy with %s has syntax errors', (_, statement) => {
  expect(problemOf('identity', statement)).toBe(SYNTAX)
})

test('a document with an unknown element, version or Id has syntax errors', () => {
  expect(problemOf('identity', list, { Extra: 1 })).toBe(SYNTAX)
  expect(problemOf('identity', list, { Version: '2013-10-17' })).toBe(SYNTAX)
  expect(problemOf('identity', list, { Id: ['x'] })).toBe(SYNTAX)
})

test.each([
  ['Action', 'invalid', 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'],
  ['NotAction', '', 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'],
  ['Action', 'a a:ListBucket', 'Vendor a a is not valid'],
  ['Action', 's3:List:Bucket', 'Actions/Condition can contain only one colon.'],
  ['Action', [], 'Policy statement must contain actions.'],
  ['Resource', [], 'Policy statement must contain resources.'],
  ['Resource', 'invalid resource', 'Resource invalid resource must be in ARN format or "*".'],
  ['Resource', '', 'Resource  must be in ARN format or "*".'],
  ['Resource', 'a:b:cadfsdf', 'Partition "b" is not valid for resource "arn:b:cadfsdf:*:*:*".'],
  ['Resource', 'a:b:c:d:e:f:g:h', 'Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".'],
  ['Resource', 'aws:s3:::b', 'Partition "s3" is not valid for resource "arn:s3:::b:*".'],
  ['Resource', 'arn:aws', 'Resource vendor must be fully qualified and cannot contain regexes.'],
  ['Resource', 'arn:aws:s*:::b', 'Resource vendor must be fully qualified and cannot contain regexes.'],
  [
    'Resource',
    'arn:aws:iam:us-east-1::user/x',
    'IAM resource arn:aws:iam:us-east-1::user/x cannot contain region information.',
  ],
  ['Resource', 'arn:aws:s3:us-east-1::b', 'Resource arn:aws:s3:us-east-1::b can not contain region information.'],
  [
    'Resource',
    'arn:aws:iam:::b',
    'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.',
  ],
  ['Resource', 'arn:aws:s3::b', LEGACY],
  ['NotResource', 'arn:aws::::b', LEGACY],
  ['Effect', 'denY', LEGACY],
  ['Condition', { DateGreaterThan: { a: 'sdfdsf' } }, LEGACY],
  ['Condition', { DateLessThanEquals: { a: '234-13' } }, LEGACY],
  ['Condition', { DateLessThan: { a: '9223372036854775808' } }, LEGACY],
  [
    'Sid',
    'a-b',
    'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
  ],
  ['Principal', '*', 'Policy document should not specify a principal.'],
])('an identity policy with %s %j is refused in words of its own', (element, value, message) => {
  const { Action, Resource, ...rest } = list
  const statement = {
    ...rest,
    ...(element === 'NotAction' ? {} : { Action }),
    ...(element === 'NotResource' ? {} : { Resource }),
    [element]: value,
  }
  expect(problemOf('identity', statement)).toBe(message)
})

test('Sids are unique, and empty ones do not count', () => {
  const twice = (Sid: string): unknown => [
    { ...list, Sid },
    { ...list, Sid },
  ]
  expect(problemOf('identity', twice('x'))).toBe('Statement IDs (SID) in a single policy must be unique.')
  expect(problemOf('identity', twice(''))).toBeUndefined()
})

test.each([
  { ...list, Action: '*' },
  { ...list, Action: 'iam: as df ' },
  { ...list, Action: 's3-s.x:ListBucket' },
  { ...list, Resource: 'arn:aws:fdsasf' },
  { ...list, Resource: ['arn:aws:s3:::bucket', '*', null] },
  { ...list, Resource: 'arn:aws:iam::*:user/${aws:username}' },
  { ...list, Resource: 'arn:aws-us-gov:ec2:us-gov-west-1::image/*' },
  { ...list, Condition: {} },
  { ...list, Condition: { Unknown: {} } },
  { ...list, Condition: { Bool: { 'aws:SecureTransport': false } } },
  { ...list, Condition: { NumericLessThan: { 's3:max-keys': 10 } } },
  { ...list, Condition: { DateGreaterThan: { a: '01T' } } },
  { ...list, Condition: { DateLessThan: { a: '-292275054' } } },
  { ...list, Condition: { DateLessThanEquals: { a: '2016-12-13t2:00:00.593194+23' } } },
])('IAM takes %j', (statement) => {
  expect(problemOf('identity', statement)).toBeUndefined()
})

test('a trust policy speaks of STS actions and principals, not of resources', () => {
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }
  expect(problemOf('trust', trust)).toBeUndefined()
  expect(problemOf('trust', { ...trust, Action: ['sts:AssumeRole', 'sts:TagSession'] })).toBeUndefined()
  expect(problemOf('trust', { ...trust, Resource: '*' })).toBe('Has prohibited field Resource')
  expect(problemOf('trust', { ...trust, Action: 's3:GetObject' })).toBe(
    'AssumeRole policy may only specify STS AssumeRole actions.',
  )
  expect(problemOf('trust', { Effect: 'Allow', Action: 'sts:AssumeRole' })).toBe('Missing required field Principal')
})

test.each([
  [
    { AWS: 'arn:aws:iam::111122223333:role/a*' },
    'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role/a*"',
  ],
  [
    { AWS: 'arn:aws:iam::111122223333:group/g' },
    'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:group/g"',
  ],
  [{ AWS: '1234' }, 'Invalid principal in policy: "AWS":"1234"'],
  [{ Service: '*' }, 'Invalid principal in policy: "SERVICE":"*"'],
  [{ Federated: 'x' }, 'Federated principals must be valid domain names or SAML metadata ARNs'],
])('the principal %j is refused', (Principal, message) => {
  expect(problemOf('trust', { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' })).toBe(message)
})

test.each([
  [{ AWS: '*' }],
  [{ AWS: ['111122223333', 'arn:aws:iam::111122223333:root', 'arn:aws:iam::111122223333:user/a/b'] }],
  [{ AWS: 'arn:aws:sts::111122223333:assumed-role/r/s' }],
  [{ AWS: 'AROAEXAMPLEEXAMPLE000' }],
  [{ Federated: ['cognito-identity.amazonaws.com', 'arn:aws:iam::111122223333:saml-provider/p'] }],
  [{ Service: ['s3.amazonaws.com', 'lambda.eu-south-1.amazonaws.com'] }],
])('the principal %j is taken', (Principal) => {
  expect(problemOf('trust', { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' })).toBeUndefined()
})

test('an incomplete ARN is refused in session policies only', () => {
  const statement = { ...list, Resource: 'arn:aws:sqs' }
  expect(problemOf('identity', statement)).toBeUndefined()
  expect(problemOf('session', statement)).toBe('Resource arn:aws:sqs must be in ARN format or "*".')
})

test('Organizations reports every violation with one sentence', () => {
  const message = 'The provided policy document does not meet the requirements of the specified policy type.'
  const rcp = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' }
  expect(problemOf('rcp', rcp)).toBeUndefined()
  expect(problemOf('rcp', { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' })).toBeUndefined()
  expect(problemOf('rcp', { ...rcp, Effect: 'Allow' })).toBe(message)
  expect(problemOf('rcp', { ...rcp, Action: '*' })).toBe(message)
  expect(problemOf('rcp', { ...rcp, Principal: { AWS: '111122223333' } })).toBe(message)
  expect(problemOf('rcp', { Effect: 'Deny', Principal: '*', NotAction: 's3:*', Resource: '*' })).toBe(message)
  expect(problemOf('scp', list)).toBeUndefined()
  expect(problemOf('scp', { ...list, Condition: { StringEquals: { 'aws:PrincipalArn': 'x' } } })).toBeUndefined()
  expect(problemOf('scp', { ...list, Principal: '*' })).toBe(message)
  expect(validatePolicy('{', 'scp')).toBe(message)
})

test('a policy that AWS took before is read with operators and principals that we do not know', () => {
  const text = JSON.stringify({ Statement: { ...list, Sid: 'a b', Condition: { StringSame: { a: 'b' } } } })
  expect(readPolicy(text, 'resource').statements[0]?.conditions[0]?.operator).toBe('StringSame')
  expect(() => readPolicy('[]', 'resource')).toThrow(SYNTAX)
})

test('arbitrary JSON is read or refused as malformed, and what is read compiles', () => {
  const name = fc.constantFrom(
    'Version',
    'Statement',
    'Effect',
    'Action',
    'Resource',
    'Principal',
    'Condition',
    'Sid',
    '__proto__',
  )
  const leaf = fc.oneof(
    fc.constantFrom('Allow', 'Deny', '*', 's3:*', '2012-10-17', 'arn:aws:s3:::b', 'arn:aws:', '${aws:x', 'StringLike'),
    fc.jsonValue({ maxDepth: 1 }),
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('tree')), fc.dictionary(name, tie('tree'))),
  }))
  const statement = fc.record(
    {
      Effect: fc.constantFrom('Allow', 'Deny', 'deny'),
      Action: tree,
      Resource: tree,
      Principal: tree,
      Condition: tree,
    },
    { requiredKeys: ['Effect'] },
  )
  const text = fc.oneof(
    tree.map((value) => JSON.stringify(value)),
    statement.map((value) => JSON.stringify({ Statement: value })),
    fc.string(),
  )
  fc.assert(
    fc.property(text, fc.constantFrom(...KINDS), fc.constantFrom(parsePolicy, readPolicy), (source, kind, read) => {
      try {
        for (const { matchesResource } of compilePolicy(read(source, kind), { name: 'p' }).statements) {
          expect(typeof matchesResource('arn:aws:s3:::b', new Map())).toBe('boolean')
        }
      } catch (error) {
        expect(error).toBeInstanceOf(AwsError)
        expect((error as AwsError).name).toBe('MalformedPolicyDocumentException')
      }
    }),
    { numRuns: 600 },
  )
})

test('an element that is written twice is a syntax error, unless the policy was taken before', () => {
  const text = '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Effe\\u0063t":"Deny"}}'
  expect(validatePolicy(text, 'identity')).toBe(SYNTAX)
  expect(readPolicy(text, 'identity').statements[0]?.effect).toBe('Deny')
  expect(
    problemOf('identity', [list, { ...list, Condition: { StringEquals: { 'a:{"x":': 'x": {' } } }]),
  ).toBeUndefined()
})
