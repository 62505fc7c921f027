/** The placeholders of Fn::Sub. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseSub } from './sub.ts'

test('names, attributes and literals are told apart', () => {
  expect(parseSub('a${B}c${D.E.F}${!G}$h{i}${AWS::Region}')).toEqual([
    { kind: 'text', text: 'a' },
    { kind: 'name', name: 'B' },
    { kind: 'text', text: 'c' },
    { kind: 'name', name: 'D.E.F' },
    { kind: 'text', text: '${G}' },
    { kind: 'text', text: '$h{i}' },
    { kind: 'name', name: 'AWS::Region' },
  ])
})

test('a name with other characters is refused', () => {
  expect(() => parseSub('${a-b}')).toThrow('variable names in Fn::Sub syntax must contain only alphanumeric characters')
})

test('text without placeholders stays as it is', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes('${')),
      (text) => {
        const parts = parseSub(text)
        expect(parts.map((part) => (part.kind === 'text' ? part.text : '')).join('')).toBe(text)
      },
    ),
  )
})
