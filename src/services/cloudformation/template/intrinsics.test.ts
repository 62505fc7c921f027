/** Every intrinsic function, by its value and by its refusals. */
import { describe, expect, test } from 'vitest'

import { evaluate, KNOWN_AFTER_APPLY, type Scope } from './intrinsics.ts'
import type { Json } from './json.ts'

const scope: Scope = {
  parameters: { Name: 'n', List: ['a', 'b'], Number: '3' },
  pseudo: { 'AWS::Region': 'eu-west-1', 'AWS::AccountId': '111122223333' },
  mappings: { M: { 'eu-west-1': { Size: 7, Zones: ['x', 'y'] } } },
  condition: (name) => name === 'Yes',
  reference: (id) => `ref-${id}`,
  attribute: (id, name) => (id === 'Unknown' ? KNOWN_AFTER_APPLY : `${id}/${name}`),
  importedValue: (name) => `imported-${name}`,
}

describe('functions', () => {
  test.each<[string, Json, Json]>([
    ['Ref of a parameter', { Ref: 'Name' }, 'n'],
    ['Ref of a list', { Ref: 'List' }, ['a', 'b']],
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
    ['Ref of a resource', { Ref: 'Thing' }, 'ref-Thing'],
    ['GetAtt by list', { 'Fn::GetAtt': ['Thing', 'Arn'] }, 'Thing/Arn'],
    ['GetAtt by text', { 'Fn::GetAtt': 'Thing.Nested.Arn' }, 'Thing/Nested.Arn'],
    ['GetAtt of a computed attribute', { 'Fn::GetAtt': ['Thing', { Ref: 'Name' }] }, 'Thing/n'],
    [
      'Sub',
      { 'Fn::Sub': '${Name}-${Thing}-${Thing.Arn}-${AWS::Region}-${!Name}' },
      'n-ref-Thing-Thing/Arn-eu-west-1-${Name}',
    ],
    ['Sub with variables', { 'Fn::Sub': ['${Name}${x}', { x: { Ref: 'Number' }, Name: 'own' }] }, 'own3'],
    ['Join', { 'Fn::Join': ['-', ['a', 1, { Ref: 'Name' }]] }, 'a-1-n'],
    ['Join of a list parameter', { 'Fn::Join': ['', { Ref: 'List' }] }, 'ab'],
    ['Split and Select', { 'Fn::Select': ['1', { 'Fn::Split': ['|', 'a|b|c'] }] }, 'b'],
    ['If', { 'Fn::If': ['Yes', 'a', { Ref: 'AWS::NoValue' }] }, 'a'],
    ['FindInMap', { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'Size'] }, 7],
    ['FindInMap of a list', { 'Fn::FindInMap': ['M', 'eu-west-1', 'Zones'] }, ['x', 'y']],
    ['Cidr', { 'Fn::Cidr': ['10.0.0.0/16', 3, 4] }, ['10.0.0.0/28', '10.0.0.16/28', '10.0.0.32/28']],
    ['Cidr without bits', { 'Fn::Cidr': ['10.1.0.0/16', '2'] }, ['10.1.0.0/24', '10.1.1.0/24']],
    ['GetAZs', { 'Fn::GetAZs': 'eu-west-1' }, ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']],
    ['Base64', { 'Fn::Base64': { 'Fn::Sub': 'a${Name}' } }, 'YW4='],
    ['ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': '${Name}-vpc' } }, 'imported-n-vpc'],
    [
      'nothing',
      { A: [1, true, 'x'], Ref: 'not a function beside others' },
      { A: [1, true, 'x'], Ref: 'not a function beside others' },
    ],
  ])('%s', (_name, value, expected) => {
    expect(evaluate(value, scope)).toEqual(expected)
  })

  test('AWS::NoValue removes the property or the item that holds it', () => {
    const none = { Ref: 'AWS::NoValue' }
    expect(evaluate({ A: none, B: [1, none, { 'Fn::If': ['No', 2, none] }], C: { D: none } }, scope)).toEqual({
      B: [1],
      C: {},
    })
  })

  test('a value known only later marks whatever is made from it', () => {
    const unknown = { 'Fn::GetAtt': ['Unknown', 'Arn'] }
    expect(evaluate({ 'Fn::Sub': ['x-${v}', { v: unknown }] }, scope)).toBe(`x-${KNOWN_AFTER_APPLY}`)
    expect(evaluate({ 'Fn::Select': [4, { 'Fn::Split': [':', unknown] }] }, scope)).toContain('KNOWN_AFTER_APPLY')
  })

  test.each<[Json, string]>([
    [{ 'Fn::Select': [2, ['a']] }, 'Fn::Select cannot select nonexistent value at index 2'],
    [
      { 'Fn::Select': ['x', ['a']] },
      'Fn::Select requires a list argument with two elements: an integer index and a list',
    ],
    [{ 'Fn::Split': ['a'] }, 'every Fn::Split object requires two parameters, (1) a string delimiter'],
    [{ 'Fn::Join': 'a' }, 'every Fn::Join object requires two parameters'],
    [{ 'Fn::FindInMap': ['M', 'C', 'Size'] }, 'Template error: Unable to get mapping for M::C::Size'],
    [
      { 'Fn::FindInMap': ['N', 'C', 'Size'] },
      "Template error: Mapping named 'N' is not present in the 'Mappings' section",
    ],
    [
      { 'Fn::GetAtt': ['A'] },
      'every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
    ],
    [{ 'Fn::GetAtt': 'A' }, 'every Fn::GetAtt object requires two non-empty parameters'],
    [{ 'Fn::Sub': { a: 1 } }, "One or more Fn::Sub intrinsic functions don't specify expected arguments"],
    [{ 'Fn::Sub': '${List}' }, 'Fn::Sub expression does not resolve to a string'],
    [{ 'Fn::Cidr': ['10.0.0.0/24', 2, 8] }, 'Fn::Cidr cannot make 2 blocks of 8 bits from 10.0.0.0/24'],
    [{ 'Fn::Cidr': ['10.0.0.0/8', 1e9, 0] }, 'Fn::Cidr cannot make 1000000000 blocks'],
    [{ 'Fn::GetAZs': 'nowhere' }, 'Fn::GetAZs names no Region: nowhere'],
    [{ 'Fn::Transform': {} }, 'the function `Fn::Transform` is not supported by Isthmus'],
    ['{{resolve:ssm:name}}', 'the dynamic reference `{{resolve:ssm:name}}` is not supported by Isthmus'],
  ])('%j is refused', (value, message) => {
    expect(() => evaluate(value, scope)).toThrow(message)
  })
})
