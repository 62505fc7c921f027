/** Templates as text: JSON, YAML and its short forms. */
import * as fc from 'fast-check'
import { stringify } from 'yaml'
import { describe, expect, test } from 'vitest'

import { parseTemplateText } from './parse.ts'

describe('YAML', () => {
  test('writes the short forms out', () => {
    expect(
      parseTemplateText(`
Ref: !Ref Thing
GetAtt: !GetAtt Thing.Arn
List: !GetAtt [Thing, Arn]
Sub: !Sub ['\${a}', { a: !Ref Thing }]
Join: !Join [',', [a, !Ref B]]
If: !If [IsProd, 1, !Ref 'AWS::NoValue']
Condition: !And [!Condition A, !Equals [!Ref X, y], !Not [!Condition B], !Or [!Condition A, !Condition B]]
Select: !Select [0, !Split [',', 'a,b']]
Map: !FindInMap [M, !Ref 'AWS::Region', Key]
Base64: !Base64 text
Import: !ImportValue name
`),
    ).toEqual({
      Ref: { Ref: 'Thing' },
      GetAtt: { 'Fn::GetAtt': 'Thing.Arn' },
      List: { 'Fn::GetAtt': ['Thing', 'Arn'] },
      Sub: { 'Fn::Sub': ['${a}', { a: { Ref: 'Thing' } }] },
      Join: { 'Fn::Join': [',', ['a', { Ref: 'B' }]] },
      If: { 'Fn::If': ['IsProd', 1, { Ref: 'AWS::NoValue' }] },
      Condition: {
        'Fn::And': [
          { Condition: 'A' },
          { 'Fn::Equals': [{ Ref: 'X' }, 'y'] },
          { 'Fn::Not': [{ Condition: 'B' }] },
          { 'Fn::Or': [{ Condition: 'A' }, { Condition: 'B' }] },
        ],
      },
      Select: { 'Fn::Select': [0, { 'Fn::Split': [',', 'a,b'] }] },
      Map: { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'Key'] },
      Base64: { 'Fn::Base64': 'text' },
      Import: { 'Fn::ImportValue': 'name' },
    })
  })

  test('keeps dates, account ids and versions as the text they are', () => {
    expect(parseTemplateText('A: 2010-09-09\nB: 000000000012\nC: 1.10\nD: 111122223333\nE: 3')).toEqual({
      A: '2010-09-09',
      B: '000000000012',
      C: '1.10',
      D: 111_122_223_333,
      E: 3,
    })
  })

  test('knows the booleans of YAML 1.1, but not y and n', () => {
    expect(parseTemplateText('A: yes\nB: off\nC: true\nD: y\nY: n')).toEqual({
      A: true,
      B: false,
      C: true,
      D: 'y',
      Y: 'n',
    })
  })

  test('says where text is not well-formed', () => {
    expect(() => parseTemplateText('a: [1\nb: 2')).toThrow(
      /^Template format error: YAML not well-formed. \(line 2, column 1\)$/,
    )
    expect(() => parseTemplateText('a: !Nonsense 1')).toThrow(
      'Template format error: YAML not well-formed. Unknown tag !Nonsense',
    )
    expect(() => parseTemplateText('just text')).toThrow('Template format error: unsupported structure.')
    expect(() => parseTemplateText('a: &x 1\nb: *x')).toThrow(
      'Template error: YAML aliases are not allowed in CloudFormation templates',
    )
  })
})

test('JSON that is not well-formed is placed by line and column', () => {
  expect(() => parseTemplateText('{"Resources": {\n  "A": }')).toThrow(
    'Template format error: JSON not well-formed. (line 2, column 9)',
  )
})

test('null is refused with its path', () => {
  expect(() => parseTemplateText('Outputs:\n  Out:\n    Value:\n')).toThrow(
    "[/Outputs/Out/Value] 'null' values are not allowed in templates",
  )
  expect(() => parseTemplateText('{"a": [1, null]}')).toThrow("[/a/1] 'null' values are not allowed in templates")
})

test('any JSON is read the same from JSON and from YAML', () => {
  const text = fc.string().filter((value) => !value.includes('\u0000'))
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.stringMatching(/^[A-Za-z][A-Za-z0-9]*$/), tie('value'), { maxKeys: 3 }),
    ),
  }))
  fc.assert(
    fc.property(value, (body) => {
      const template = { Body: body }
      const json = parseTemplateText(JSON.stringify(template))
      expect(json).toEqual(template)
      const yaml = parseTemplateText(
        stringify(template, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' }),
      )
      expect(yaml).toEqual(json)
    }),
  )
})
