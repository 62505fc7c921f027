/** The names of Lambda's runtimes. */
import { describe, expect, it } from 'vitest'

import {
  runtimeFamily,
  runtimeMajor,
  runtimeVersion,
  runtimeVersionArn,
  supportedRuntime,
  UnsupportedRuntimeError,
} from './catalogue.ts'

describe('a runtime', () => {
  it.each([
    ['nodejs22.x', 'node', 22, 'nodejs:22.v1'],
    ['python3.14', 'python', 14, 'python:3.14.v1'],
    ['provided.al2023', 'provided', undefined, 'provided:al2023.v1'],
    ['provided', 'provided', undefined, 'provided.v1'],
    ['ruby3.4', undefined, undefined, 'ruby:3.4.v1'],
  ])('%s is of the family %s', (name, family, major, version) => {
    expect(runtimeFamily(name)).toBe(family)
    expect(supportedRuntime(name)).toBe(family !== undefined)
    expect(runtimeMajor(name)).toBe(major)
    expect(runtimeVersion(name)).toBe(version)
    expect(runtimeVersionArn('eu-west-1', name)).toMatch(/^arn:aws:lambda:eu-west-1::runtime:[0-9a-f]{64}$/)
  })

  it('that nothing serves is refused by name with what it needs', () => {
    for (const name of ['java21', 'dotnet8', 'ruby3.4', 'go1.x', 'python2.7', 'nodejs4.3-edge', 'cobol']) {
      expect(supportedRuntime(name)).toBe(false)
      expect(new UnsupportedRuntimeError(name).message).toMatch(new RegExp(`^the runtime \`${name}\` needs `))
    }
  })
})
