/** A denial is sealed, carried by the denied caller, and read by an administrator of the account. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Clock } from '../../core/clock.ts'
import { randomIds } from '../../core/ids.ts'
import { authorizationMessage, sentenceWithMessage } from '../../policy/authorization-message.ts'
import { compilePolicy } from '../../policy/compile.ts'
import type { ApplicablePolicies, Principal } from '../../policy/model.ts'
import { parsePolicy } from '../../policy/parse.ts'
import { createState, type State } from '../../state/state.ts'
import { EncodedMessages } from './encoded-messages.ts'

const ACCOUNT = '111122223333'
const ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/Developer/Ana`
const principal: Principal = {
  kind: 'role-session',
  account: ACCOUNT,
  arn: ARN,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/Developer`,
  roleId: 'AROA123456789EXAMPLE',
  roleName: 'Developer',
  sessionName: 'Ana',
  serviceLinked: false,
}
const INSTANCE = `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/*`

function identity(...statements: readonly object[]): ApplicablePolicies {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  return { identity: [compilePolicy(parsePolicy(text, 'managed'), { name: 'p' })] }
}

function messageFor(policies: ApplicablePolicies) {
  return authorizationMessage({
    request: {
      principal,
      action: 'ec2:RunInstances',
      resource: INSTANCE,
      resourceAccount: ACCOUNT,
      context: new Map([['ec2:instancetype', 't2.micro']]),
    },
    policies,
    principalId: 'AROA123456789EXAMPLE:Ana',
    principalArn: ARN,
    keys: { 'ec2:InstanceType': 't2.micro' },
  })
}

const DENIAL = messageFor(
  identity(
    { Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' },
    { Sid: 'VisualEditor0', Effect: 'Deny', Action: 'ec2:RunInstances', Resource: '*' },
  ),
)

function setUp(state: State = createState()) {
  let nowMs = 1_700_000_000_000
  const clock: Clock = { now: () => nowMs, after: () => ({ cancel: () => undefined }) }
  const messages = new EncodedMessages({ state, clock, ids: randomIds })
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { messages, state, pass }
}

describe('a message', () => {
  // The example of https://docs.aws.amazon.com/cli/latest/reference/sts/decode-authorization-message.html
  test('has AWS’s form', () => {
    const value = (text: string) => ({ items: [{ value: text }] })
    expect(DENIAL).toEqual({
      allowed: false,
      explicitDeny: true,
      matchedStatements: {
        items: [
          {
            statementId: 'VisualEditor0',
            effect: 'DENY',
            principals: value('AROA123456789EXAMPLE'),
            principalGroups: { items: [] },
            actions: value('ec2:RunInstances'),
            resources: value('*'),
            conditions: { items: [] },
          },
        ],
      },
      failures: { items: [] },
      context: {
        principal: { id: 'AROA123456789EXAMPLE:Ana', arn: ARN },
        action: 'ec2:RunInstances',
        resource: INSTANCE,
        conditions: {
          items: [
            { key: 'aws:Account', values: value(ACCOUNT) },
            { key: 'aws:ARN', values: value(INSTANCE) },
            { key: 'aws:Region', values: value('us-east-1') },
            { key: 'aws:Resource', values: value('instance/*') },
            { key: 'aws:Service', values: value('ec2') },
            { key: 'aws:Type', values: value('instance') },
            { key: 'ec2:InstanceType', values: value('t2.micro') },
          ],
        },
      },
    })
  })

  test('has no statement where nothing allowed the request', () => {
    expect(messageFor(identity({ Effect: 'Allow', Action: 's3:*', Resource: '*' }))).toMatchObject({
      allowed: false,
      explicitDeny: false,
      matchedStatements: { items: [] },
    })
  })

  test('tells the denying statements of every policy, with their conditions', () => {
    const condition = { StringEquals: { 'ec2:InstanceType': ['t2.micro', 't2.nano'] } }
    const denial = { Effect: 'Deny', Action: ['ec2:*', 's3:*'], Resource: INSTANCE, Condition: condition }
    const text = JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'Scp', ...denial }] })
    const scps = [[compilePolicy(parsePolicy(text, 'scp'), { name: 'scp' })]]
    const { matchedStatements } = messageFor({ ...identity({ Sid: 'Own', ...denial }), scps })
    expect(matchedStatements.items.map(({ statementId, principals }) => [statementId, principals.items])).toEqual([
      ['Scp', []],
      ['Own', [{ value: 'AROA123456789EXAMPLE' }]],
    ])
    expect(matchedStatements.items[0]?.conditions.items).toEqual([
      { key: 'ec2:InstanceType', values: { items: [{ value: 't2.micro' }, { value: 't2.nano' }] } },
    ])
  })
})

describe('an encoded message', () => {
  test('is read again, also by the next process, and says nothing to its bearer', () => {
    const { messages, state } = setUp()
    const encoded = messages.encode(ACCOUNT, DENIAL) ?? ''
    expect(encoded).toMatch(/^[A-Za-z0-9_-]+$/)
    expect(Buffer.from(encoded, 'base64url').toString('latin1')).not.toContain('Developer')
    expect(JSON.parse(messages.decode(ACCOUNT, encoded) ?? '')).toEqual(DENIAL)
    expect(setUp(state).messages.decode(ACCOUNT, encoded)).toBe(JSON.stringify(DENIAL))
  })

  test('ends the sentence in which EC2 denies', () => {
    expect(sentenceWithMessage('User: u is not authorized to perform: ec2:A', 'abc')).toBe(
      'You are not authorized to perform this operation. User: u is not authorized to perform: ec2:A. Encoded authorization failure message: abc',
    )
    expect(sentenceWithMessage('No', undefined)).toBe('You are not authorized to perform this operation. No.')
  })

  test('is nothing to another account, to another cloud, or a day later', () => {
    const { messages, pass } = setUp()
    const encoded = messages.encode(ACCOUNT, DENIAL) ?? ''
    expect(messages.decode('444455556666', encoded)).toBeUndefined()
    const other = setUp().messages
    other.encode(ACCOUNT, DENIAL)
    expect(other.decode(ACCOUNT, encoded)).toBeUndefined()
    pass(24 * 3_600_000)
    expect(messages.decode(ACCOUNT, encoded)).toBeDefined()
    pass(1)
    expect(messages.decode(ACCOUNT, encoded)).toBeUndefined()
  })

  test('is never had from anything else', () => {
    const { messages } = setUp()
    const encoded = messages.encode(ACCOUNT, DENIAL) ?? ''
    const change = fc
      .tuple(fc.nat(encoded.length - 2), fc.constantFrom('A', 'z', '-', '\n', ''))
      .map(([at, character]) => encoded.slice(0, at) + character + encoded.slice(at + 1))
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 300 }), change), (text) => {
        fc.pre(text !== encoded)
        expect(messages.decode(ACCOUNT, text)).toBeUndefined()
      }),
    )
  })

  test('that nobody could hand back is not made', () => {
    const { messages } = setUp()
    const keys = Object.fromEntries(
      Array.from({ length: 900 }, (_, i) => [`ec2:ResourceTag/${i}`, randomIds.secret(40)]),
    )
    const failed = authorizationMessage({
      request: { principal, action: 'ec2:A', resource: '*', resourceAccount: ACCOUNT, context: new Map() },
      policies: { identity: [] },
      principalId: '',
      principalArn: ARN,
      keys,
    })
    expect(messages.encode(ACCOUNT, failed)).toBeUndefined()
  })
})
