/**
 * Policy cases as data: each says where in AWS's documentation its expectation comes from. The loader is the one of `isthmus check`, so these
 * files are also examples of its format.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parsePolicyCases } from '../../src/policy/case-file.ts'
import { decideCase } from '../../src/policy/case.ts'

const folder = new URL('.', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
const cases = files.map((name) => ({
  name,
  cases: parsePolicyCases(readFileSync(new URL(name, folder), 'utf8'), name),
}))

describe.each(cases)('$name', ({ cases: ofFile }) => {
  test.each(ofFile)('$id', (policyCase) => {
    const { outcome, blockedBy } = decideCase(policyCase)
    expect({ decision: outcome, ...(blockedBy === undefined ? {} : { blockedBy }) }).toEqual(policyCase.expected)
  })
})

test('every case has its own name and names its source', () => {
  const texts = files.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n')
  const ids = cases.flatMap(({ cases: ofFile }) => ofFile.map(({ id }) => id))
  expect(new Set(ids).size).toBe(ids.length)
  expect(texts.match(/^ {2}source: https:\/\/docs\.aws\.amazon\.com\//gm)).toHaveLength(ids.length)
})
