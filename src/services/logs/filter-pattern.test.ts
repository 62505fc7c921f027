/** Filter patterns, mostly by the examples of AWS's own page. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { parseFilterPattern } from './filter-pattern.ts'

function matching(pattern: string, messages: readonly string[]): readonly string[] {
  return messages.filter(parseFilterPattern(pattern))
}

describe('patterns of terms', () => {
  const messages = ['[ERROR 400] BAD REQUEST', '[ERROR 401] UNAUTHORIZED REQUEST', '[WARN] ERRORCODE: -1', 'fine']

  it('let everything through when empty', () => {
    expect(matching('', messages)).toEqual(messages)
    expect(matching(' ', messages)).toEqual(messages)
  })

  it('find a term anywhere, also within a word, and mind the case', () => {
    expect(matching('ERROR', messages)).toEqual(messages.slice(0, 3))
    expect(matching('error', messages)).toEqual([])
  })

  it('demand every term', () => {
    expect(matching('ERROR REQUEST', messages)).toEqual(messages.slice(0, 2))
  })

  it('take a quoted phrase as it stands', () => {
    expect(matching('"ERROR 401] UN"', messages)).toEqual([messages[1]])
    expect(matching(String.raw`"say \"hi\""`, ['say "hi"', 'say hi'])).toEqual(['say "hi"'])
  })

  it('exclude with a minus sign', () => {
    expect(matching('ERROR -REQUEST', messages)).toEqual([messages[2]])
    expect(matching('-ERROR', messages)).toEqual(['fine'])
    expect(matching('-"BAD REQUEST" REQUEST', messages)).toEqual([messages[1]])
  })

  it('accept any of the optional terms, which count for nothing beside others', () => {
    expect(matching('?BAD ?WARN', messages)).toEqual([messages[0], messages[2]])
    expect(matching('?BAD fine', messages)).toEqual(['fine'])
  })

  it('refuse characters that need quotes', () => {
    expect(() => parseFilterPattern('RequestId:')).toThrow(
      "Invalid filter pattern: Invalid character(s) in term 'RequestId:'",
    )
    expect(() => parseFilterPattern('""')).toThrow(`Invalid filter pattern: Invalid character(s) in term '""'`)
    expect(() => parseFilterPattern('"open')).toThrow('Invalid character(s)')
  })

  it('refuse by name what is not implemented', () => {
    expect(() => parseFilterPattern('%ERR.R%')).toThrow('does not implement regular expressions')
    expect(() => parseFilterPattern('[ip, user]')).toThrow('does not implement space-delimited patterns')
  })

  it('find every word they are made of', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\w+$/), fc.string(), fc.string(), (word, before, after) => {
        expect(parseFilterPattern(word)(before + word + after)).toBe(true)
        expect(parseFilterPattern(`-${word}`)(before + word + after)).toBe(false)
      }),
    )
  })
})

describe('patterns over JSON', () => {
  const event = JSON.stringify({
    eventType: 'UpdateTrail',
    sourceIPAddress: '111.111.111.111',
    arrayKey: ['value', 'another value'],
    objectList: [
      { name: 'a', id: 1 },
      { name: 'b', id: 2 },
    ],
    SomeObject: null,
    cluster: { name: 'c' },
    'dotted.key': 'd',
    ThisFlag: true,
    latency: 12.5,
  })
  const holds = (pattern: string) => parseFilterPattern(pattern)(event)

  it.each([
    ['{ $.eventType = "UpdateTrail" }', true],
    ['{ $.eventType = UpdateTrail }', true],
    ['{$.eventType="UpdateTrail"}', true],
    ['{ $.eventType = "updatetrail" }', false],
    ['{ $.eventType != "CreateTrail" }', true],
    ['{ $.sourceIPAddress != 123.123.* }', true],
    ['{ $.sourceIPAddress = 111.111.* }', true],
    ['{ $.eventType = "*" }', true],
    ['{ $.eventType = "Up*T*l" }', true],
    ['{ $.eventType = "*date" }', false],
    ['{ $.arrayKey[0] = "value" }', true],
    ['{ $.arrayKey[1] = "value" }', false],
    ['{ $.arrayKey[*] = "another*" }', true],
    ['{ $.objectList[1].id = 2 }', true],
    ['{ $.objectList[1].id = 3 }', false],
    ['{ $.objectList[*].name = "b" }', true],
    ['{ $.SomeObject IS NULL }', true],
    ['{ $.eventType IS NULL }', false],
    ['{ $.SomeOtherObject NOT EXISTS }', true],
    ['{ $.SomeObject NOT EXISTS }', false],
    ['{ $.ThisFlag IS TRUE }', true],
    ['{ $.ThisFlag IS FALSE }', false],
    ['{ $.latency > 12 }', true],
    ['{ $.latency >= 12.5 && $.latency <= 1.25e1 }', true],
    ['{ $.latency < 12.5 }', false],
    ["{ $.['dotted.key'] = d }", true],
    ['{ $.cluster.* = "c" }', true],
    ['{ $.eventType > 3 }', false],
    ['{ $.missing != "x" }', false],
  ])('%s', (pattern, expected) => {
    expect(holds(pattern)).toBe(expected)
  })

  it('bind && before ||, and parentheses before both', () => {
    expect(holds('{ $.ThisFlag IS TRUE || $.latency = 1 && $.latency = 2 }')).toBe(true)
    expect(holds('{ ($.ThisFlag IS TRUE || $.latency = 1) && $.latency = 2 }')).toBe(false)
  })

  it('match no message that is not JSON', () => {
    expect(parseFilterPattern('{ $.a NOT EXISTS }')('plain')).toBe(false)
    expect(parseFilterPattern('{ $.a NOT EXISTS }')('{broken')).toBe(false)
    expect(parseFilterPattern('{ $.a NOT EXISTS }')('{}')).toBe(true)
  })

  it.each(['{', '{ $.a = "b"'])('%s lacks its closing brace', (pattern) => {
    expect(() => parseFilterPattern(pattern)).toThrow("If a filter pattern starts with '{' it must end with '}'")
  })

  it.each([
    '{}',
    '{ $.a }',
    '{ $ = 1 }',
    '{ a = 1 }',
    '{ $.a = }',
    '{ ($.a = 1 }',
    '{ $.a = 1 $.b = 2 }',
    '{ $.a > "x" }',
    '{ $.a IS BLUE }',
    '{ $.a = "x }',
  ])('%s is not a pattern', (pattern) => {
    expect(() => parseFilterPattern(pattern)).toThrow('Invalid filter pattern')
  })

  it('never fail with anything but InvalidParameterException', () => {
    const fragments = fc.constantFrom(
      '{',
      '}',
      '$',
      '.a',
      '[0]',
      '[*]',
      ' ',
      '=',
      '!=',
      '&&',
      '||',
      '(',
      ')',
      '"',
      'x',
      '1',
      'IS',
      'NOT',
      'EXISTS',
      '\\',
    )
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 20 }), fc.json(), (parts, message) => {
        try {
          parseFilterPattern(`{${parts.join('')}}`)(message)
        } catch (error) {
          expect((error as Error).name).toBe('InvalidParameterException')
        }
      }),
    )
  })
})
