/** Every form of a function's name reads back as the parts it was written from. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { functionArn, isVersionNumber, parseFunctionName } from './function-name.ts'

const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-_]{0,63}$/)
const account = fc.stringMatching(/^\d{12}$/)
const region = fc.constantFrom('us-east-1', 'eu-central-1', 'us-gov-west-1', 'ap-southeast-2', 'us-iso-east-1')
const qualifier = fc.oneof(
  fc.constant('$LATEST'),
  fc.stringMatching(/^[1-9]\d{0,3}$/),
  fc.stringMatching(/^[a-zA-Z0-9-_]{1,20}$/),
)

test('an ARN reads back as its region, account, name and qualifier', () => {
  fc.assert(
    fc.property(region, account, name, fc.option(qualifier, { nil: undefined }), (region, account, name, qualifier) => {
      expect(parseFunctionName(functionArn({ region, account, name, qualifier }))).toEqual({
        region,
        account,
        name,
        ...(qualifier !== undefined && { qualifier }),
      })
    }),
  )
})

test('a partial ARN and a bare name read back, with and without a qualifier', () => {
  fc.assert(
    fc.property(account, name, qualifier, (account, name, qualifier) => {
      expect(parseFunctionName(`${account}:function:${name}`)).toEqual({ account, name })
      expect(parseFunctionName(`${account}:function:${name}:${qualifier}`)).toEqual({ account, name, qualifier })
      expect(parseFunctionName(`function:${name}`)).toEqual({ name })
      expect(parseFunctionName(name)).toEqual({ name })
      fc.pre(name !== 'function')
      expect(parseFunctionName(`${name}:${qualifier}`)).toEqual({ name, qualifier })
    }),
  )
})

test('what Lambda accepts is a name, whatever it looks like', () => {
  expect(parseFunctionName('function')).toEqual({ name: 'function' })
  expect(parseFunctionName('function:function')).toEqual({ name: 'function' })
  expect(parseFunctionName('function:$LATEST')).toEqual({ name: 'function', qualifier: '$LATEST' })
  expect(parseFunctionName('us-east-1:111122223333:function:a:7')).toEqual({
    region: 'us-east-1',
    account: '111122223333',
    name: 'a',
    qualifier: '7',
  })
})

test('anything else is refused', () => {
  for (const text of [
    '',
    'a b',
    'a:b:c',
    'a:$HEAD',
    'invalid:function:name',
    'arn:aws:s3:::bucket',
    'arn:aws:lambda:us-east-1:123400000000@function:myfn',
    'arn:aws:lambda:us-east-1:1111:function:a',
    'a\nb',
  ]) {
    expect(parseFunctionName(text)).toBeUndefined()
  }
})

test('the parser never throws', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseFunctionName(text)
    }),
  )
})

test('a version is all digits', () => {
  expect(isVersionNumber('12')).toBe(true)
  expect(isVersionNumber('v12')).toBe(false)
  expect(isVersionNumber('$LATEST')).toBe(false)
})
