/** Compiled policies: which statements concern an action, and that nothing about them changes with use. */
import { expect, test } from 'vitest'
import { compilePolicy, type CompiledPolicy } from './compile.ts'
import { parsePolicy } from './parse.ts'

function compile(...statements: readonly object[]): CompiledPolicy {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  return compilePolicy(parsePolicy(text, 'identity'), { name: 'p', arn: 'arn:aws:iam::111122223333:policy/p' })
}

function allowing(policy: CompiledPolicy, action: string): number[] {
  return policy.candidates(action).allow.map(({ reference }) => reference.index)
}

test('actions match in any case and with wildcards, NotAction is the complement', () => {
  const policy = compile(
    { Effect: 'Allow', Action: 'lambda:INVOKE*', Resource: '*' },
    { Effect: 'Allow', NotAction: ['s3:*', 'lambda:Get?unction'], Resource: '*' },
    { Effect: 'Allow', Action: '*', Resource: '*' },
  )
  expect(allowing(policy, 'lambda:InvokeFunction')).toEqual([0, 1, 2])
  expect(allowing(policy, 'lambda:GetFunction')).toEqual([2])
  expect(allowing(policy, 'S3:getobject')).toEqual([2])
})

test('the same candidates are given again, and denials are apart from allowances', () => {
  const policy = compile(
    { Effect: 'Deny', Action: 's3:*', Resource: '*' },
    { Effect: 'Allow', Action: 's3:*', Resource: '*' },
  )
  const first = policy.candidates('s3:GetObject')
  expect(first.deny.map(({ reference }) => reference.index)).toEqual([0])
  expect(policy.candidates('s3:GetObject')).toBe(first)
})

test('ever new actions do not fill the memory and are answered all the same', () => {
  const policy = compile({ Effect: 'Allow', Action: 's3:*', Resource: '*' })
  for (let index = 0; index < 5000; index++) expect(policy.candidates(`s3:Action${index}`).allow).toHaveLength(1)
})

test('a statement is referred to by policy, ARN, Sid and index', () => {
  const policy = compile({ Sid: 'one', Effect: 'Allow', Action: 's3:*', Resource: '*' })
  expect(policy.statements[0]?.reference).toEqual({
    policyName: 'p',
    policyArn: 'arn:aws:iam::111122223333:policy/p',
    sid: 'one',
    index: 0,
  })
})
