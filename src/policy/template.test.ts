/** Policy variables: reading, escapes, defaults and missing values. */
import { expect, test } from 'vitest'
import type { ContextValue } from './model.ts'
import { createTemplateMatcher, parseTemplate } from './template.ts'

const context = new Map<string, ContextValue>([
  ['aws:username', 'anna'],
  ['aws:principaltag/star', 'a*'],
  ['aws:tagkeys', ['one']],
])

function matches(pattern: string, text: string, variables = true): boolean {
  return createTemplateMatcher(parseTemplate(pattern, { variables, wildcards: true }))(text, context)
}

test('a variable stands for its value, whatever the case of its name', () => {
  expect(matches('home/${aws:username}/*', 'home/anna/file')).toBe(true)
  expect(matches('home/${AWS:UserName}', 'home/anna')).toBe(true)
  expect(matches('home/${aws:username}', 'home/bert')).toBe(false)
})

test('a wildcard in a value is plain text', () => {
  expect(matches('${aws:PrincipalTag/star}', 'a*')).toBe(true)
  expect(matches('${aws:PrincipalTag/star}', 'ab')).toBe(false)
})

test('a variable without value matches nothing unless it has a default', () => {
  expect(matches('${aws:PrincipalTag/team}', '')).toBe(false)
  expect(matches("${aws:PrincipalTag/team, 'all'}", 'all')).toBe(true)
  expect(matches("${aws:username, 'all'}", 'all')).toBe(false)
  expect(matches("${aws:PrincipalTag/team,'a}b'}", 'a}b')).toBe(true)
})

test('a multivalued key is no variable', () => {
  expect(matches('${aws:TagKeys}', 'one')).toBe(false)
})

test('escapes stand for the characters themselves', () => {
  expect(matches('a${*}b${?}c${$}', 'a*b?c$')).toBe(true)
  expect(matches('a${*}', 'axx')).toBe(false)
})

test('documents before 2012-10-17 have no variables', () => {
  expect(matches('${aws:username}', 'anna', false)).toBe(false)
  expect(matches('${aws:username}', '${aws:username}', false)).toBe(true)
})

test('what is not closed or has no name is plain text', () => {
  expect(matches('a${b', 'a${b')).toBe(true)
  expect(matches('a${}', 'a${}')).toBe(true)
  expect(matches('$a', '$a')).toBe(true)
})
