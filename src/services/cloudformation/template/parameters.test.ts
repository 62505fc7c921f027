/** Parameters: declarations, values and constraints. */
import { describe, expect, test } from 'vitest'

import { parameterDeclarations, parameterValue, resolveParameters } from './parameters.ts'

const declared = parameterDeclarations({
  Name: { Type: 'String', AllowedPattern: '[a-z]+', MinLength: 2, MaxLength: '4', Default: 'abc' },
  Size: { Type: 'Number', MinValue: 1, MaxValue: 10, Default: 3 },
  Stage: { Type: 'String', AllowedValues: ['dev', 'prod'], Default: 'dev' },
  Ids: { Type: 'CommaDelimitedList', Default: 'a, b' },
  Secret: { Type: 'String', NoEcho: true, Default: 'x' },
})

const given = (key: string, value: string) =>
  resolveParameters(declared, [{ ParameterKey: key, ParameterValue: value }], {})

describe('values', () => {
  test('defaults stand in for what is not given', () => {
    expect(resolveParameters(declared, [{ ParameterKey: 'Name', ParameterValue: 'xyz' }], undefined)).toEqual({
      Name: 'xyz',
      Size: '3',
      Stage: 'dev',
      Ids: 'a, b',
      Secret: 'x',
    })
  })

  test('a list is its items, trimmed', () => {
    const { Ids: ids, Name: name } = declared
    expect(ids && parameterValue(ids, 'a, b ,c')).toEqual(['a', 'b', 'c'])
    expect(ids && parameterValue(ids, '')).toEqual([])
    expect(name && parameterValue(name, 'a,b')).toBe('a,b')
  })

  test('what is not declared or has no value is refused', () => {
    expect(() => given('Other', 'x')).toThrow('Parameters: [Other] do not exist in the template')
    expect(() =>
      resolveParameters(parameterDeclarations({ A: { Type: 'String' }, B: { Type: 'String' } }), [], undefined),
    ).toThrow('Parameters: [A, B] must have values')
  })

  test.each([
    ['Name', 'ABC', "Parameter 'Name' must match pattern [a-z]+"],
    ['Name', 'a', "Parameter 'Name' must contain at least 2 characters"],
    ['Name', 'abcde', "Parameter 'Name' must contain at most 4 characters"],
    ['Size', 'x', "Parameter 'Size' must be a number."],
    ['Size', '', "Parameter 'Size' must be a number."],
    ['Size', '0', "Parameter 'Size' must be a number not less than 1"],
    ['Size', '11', "Parameter 'Size' must be a number not greater than 10"],
    ['Stage', 'test', "Parameter 'Stage' must be one of AllowedValues"],
  ])('%s may not be "%s"', (key, value, message) => {
    expect(() => given(key, value)).toThrow(message)
  })

  test('a constraint may describe itself', () => {
    const own = parameterDeclarations({
      A: { Type: 'String', AllowedPattern: 'a', ConstraintDescription: 'must be a' },
    })
    expect(() => resolveParameters(own, [{ ParameterKey: 'A', ParameterValue: 'b' }], undefined)).toThrow(
      'Parameter A failed to satisfy constraint: must be a',
    )
  })

  test('a pattern is matched whole, alternatives included', () => {
    const own = parameterDeclarations({ A: { Type: 'String', AllowedPattern: 'a|b' } })
    expect(() => resolveParameters(own, [{ ParameterKey: 'A', ParameterValue: 'ax' }], undefined)).toThrow('must match')
  })

  test('the previous value is kept on demand, if there is one', () => {
    const use = [{ ParameterKey: 'Name', UsePreviousValue: true }]
    expect(resolveParameters(declared, use, { Name: 'old' })['Name']).toBe('old')
    expect(() => resolveParameters(declared, use, {})).toThrow(
      'Invalid input for parameter key Name. Cannot specify usePreviousValue as true for a parameter key not in the previous template',
    )
  })
})

describe('declarations', () => {
  test.each([
    [{ Type: 'Nonsense' }, 'Template format error: Unrecognized parameter type: Nonsense'],
    [{ Type: 'AWS::SSM::Parameter::Value<String>' }, 'is not supported by Isthmus'],
    [{}, 'Template format error: Every Parameters object must contain a Type member.'],
    [{ Type: 'String', Defualt: 'x' }, "Invalid template parameter property 'Defualt'"],
    [{ Type: 'String', Default: ['x'] }, 'Template format error: Every Default member must be a string.'],
    [{ Type: 'String', AllowedPattern: '(' }, 'is not a regular expression'],
  ])('%j is refused', (body, message) => {
    expect(() => parameterDeclarations({ P: body })).toThrow(message)
  })
})
