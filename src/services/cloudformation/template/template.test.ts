/** A template as a whole: structure, references, conditions, order and capabilities. */
import { describe, expect, test } from 'vitest'

import { capabilityNeed, requireCapabilities } from './capabilities.ts'
import { evaluateConditions } from './conditions.ts'
import { dependencyGraph } from './dependencies.ts'
import { checkReferences } from './references.ts'
import { resolveTemplate } from './resolved-template.ts'
import { parseTemplate, type Template } from './template.ts'

const STACK = { account: '111122223333', region: 'us-east-1', name: 'stack', id: 'arn:stack' }

function parsed(template: object): Template {
  const result = parseTemplate(JSON.stringify(template))
  checkReferences(result)
  return result
}

const resolved = (template: object) => resolveTemplate(parsed(template), {}, STACK)
const thing = (properties: object = {}, more: object = {}) => ({ Type: 'X', Properties: properties, ...more })

describe('structure', () => {
  test.each<[object, string]>([
    [{}, 'Template format error: At least one Resources member must be defined.'],
    [{ Resources: {} }, 'Template format error: At least one Resources member must be defined.'],
    [{ Resources: { A: 'x' } }, 'Template format error: Any Resources member must be an object.'],
    [
      { Resources: { A: {} } },
      'Template format error: [/Resources/A] Every Resources object must contain a Type member.',
    ],
    [{ Resources: { A: thing({}, { Invalid: 1 }) } }, "Invalid template resource property 'Invalid'"],
    [{ Resources: { 'A-B': thing() } }, 'Template format error: Resource name A-B is non alphanumeric.'],
    [
      { Parameters: { 'AWS::NoValue': { Type: 'String' } }, Resources: { A: thing() } },
      'Template format error: Parameter name AWS::NoValue is non alphanumeric.',
    ],
    [{ Resources: { A: thing() }, Resorces: {} }, 'Invalid template property or properties [Resorces]'],
    [
      { Resources: { A: thing() }, Transform: 'AWS::Serverless-2016-10-31' },
      'the section `Transform` is not supported',
    ],
    [
      { Resources: { A: thing({}, { UpdatePolicy: {} }) } },
      'the attribute `UpdatePolicy` of resource `A` is not supported',
    ],
    [
      { Resources: { A: thing() }, Outputs: { O: {} } },
      'Template format error: Every Outputs member must contain a Value object',
    ],
    [
      { Resources: { A: thing() }, Mappings: { M: { k: 'v' } } },
      'Template format error: Every Mappings member k must be a map',
    ],
    [
      { Resources: { A: thing() }, Mappings: { M: { k: { a: { b: 1 } } } } },
      'Template format error: Every Mappings attribute must be a String or a List.',
    ],
    [{ AWSTemplateFormatVersion: '2020-01-01', Resources: { A: thing() } }, 'Unsupported template version'],
    [{ Resources: { A: thing({}, { DeletionPolicy: 'Keep' }) } }, 'Unrecognized DeletionPolicy Keep for resource A'],
  ])('%j is refused', (template, message) => {
    expect(() => parsed(template)).toThrow(message)
  })
})

describe('references', () => {
  test.each<[object, string]>([
    [
      { Resources: { A: thing({ p: { Ref: 'InvalidRef' } }) } },
      'Template format error: Unresolved resource dependencies [InvalidRef] in the Resources block of the template',
    ],
    [
      { Resources: { A: thing({ p: { 'Fn::Sub': '${Nope.Arn}' } }) } },
      'Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template',
    ],
    [
      { Resources: { A: thing({}, { DependsOn: 'NonExistingResource' }) } },
      'Template format error: Unresolved resource dependencies [NonExistingResource] in the Resources block of the template',
    ],
    [
      { Resources: { A: thing() }, Outputs: { O: { Value: { Ref: 'Nope' } } } },
      'Template format error: Unresolved resource dependencies [Nope] in the Outputs block of the template',
    ],
    [
      { Resources: { A: thing({ p: { 'Fn::If': ['MissingCondition', 1, 2] } }) } },
      'Template error: unresolved condition dependency MissingCondition in Fn::If',
    ],
    [
      { Parameters: { P: { Type: 'String' } }, Resources: { A: thing({ p: { 'Fn::GetAtt': ['P', 'Arn'] } }) } },
      'Template error: instance of Fn::GetAtt references undefined resource P',
    ],
    [{ Resources: { A: thing({}, { Condition: 'Nope' }) } }, 'Unrecognized condition Nope of resource A'],
  ])('%j is refused', (template, message) => {
    expect(() => parsed(template)).toThrow(message)
  })

  test('resources come after what they need', () => {
    const { graph } = resolved({
      Resources: {
        C: thing({ p: [{ 'Fn::Sub': '${B}' }] }),
        B: thing({ p: { 'Fn::GetAtt': ['A', 'Arn'] } }),
        A: thing(),
        D: thing({}, { DependsOn: ['A', 'C'] }),
      },
    })
    expect([...graph]).toEqual([
      ['A', []],
      ['B', ['A']],
      ['C', ['B']],
      ['D', ['A', 'C']],
    ])
  })

  test('a cycle is named without those that merely lead to it', () => {
    const cycle = {
      Resources: {
        A: thing({ p: { Ref: 'B' } }),
        B: thing({ p: { Ref: 'C' } }),
        C: thing({ p: { Ref: 'B' } }),
      },
    }
    expect(() => resolved(cycle)).toThrow('Circular dependency between resources: [B, C]')
  })
})

describe('conditions', () => {
  const names = { parameters: { Stage: 'prod', Size: '3' }, pseudo: {}, mappings: {} }
  const values = (conditions: object) =>
    evaluateConditions(parsed({ Conditions: conditions, Resources: { A: thing() } }), names)

  test('are decided from parameters and one another', () => {
    expect(
      values({
        Neither: { 'Fn::And': [{ Condition: 'Prod' }, { Condition: 'Small' }] },
        Prod: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
        Small: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Size' }, 3] }] },
        Either: { 'Fn::Or': [{ Condition: 'Prod' }, { Condition: 'Small' }] },
      }),
    ).toEqual({ Prod: true, Small: false, Neither: false, Either: true })
  })

  test.each<[object, string]>([
    [{ A: { 'Fn::Equals': ['x'] } }, 'Template error: every Fn::Equals object requires a list of 2 string parameters.'],
    [{ A: { Condition: 'B' }, B: { Condition: 'A' } }, 'Circular dependency between conditions'],
    [
      { A: { 'Fn::Equals': [{ Ref: 'A' }, 'x'] } },
      'Unresolved dependencies [A]. Cannot reference resources in the Conditions block',
    ],
    [{ A: { 'Fn::And': [{ Condition: 'A' }] } }, 'every Fn::And object requires a list of at least 2 and at most 10'],
    [{ A: 'yes' }, 'Every Conditions member must be a condition function'],
  ])('%j is refused', (conditions, message) => {
    expect(() => values(conditions)).toThrow(message)
  })

  const conditional = {
    Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
    Resources: { Skipped: thing({}, { Condition: 'Never' }), Kept: thing() },
  }

  test('a resource whose condition does not hold is not deployed, and may be depended on', () => {
    const template = {
      ...conditional,
      Resources: { ...conditional.Resources, Later: thing({}, { DependsOn: 'Skipped' }) },
    }
    expect([...resolved(template).graph.keys()]).toEqual(['Kept', 'Later'])
  })

  test('referring to it is refused, unless the branch is not taken', () => {
    const refer = (value: object) => ({
      ...conditional,
      Resources: { ...conditional.Resources, Kept: thing({ p: value }) },
    })
    expect(() => resolved(refer({ Ref: 'Skipped' }))).toThrow(
      'Template format error: Unresolved resource dependencies [Skipped] in the Resources block of the template',
    )
    expect([...resolved(refer({ 'Fn::If': ['Never', { Ref: 'Skipped' }, 'x'] })).graph.keys()]).toEqual(['Kept'])
    expect(() => resolved({ ...conditional, Outputs: { O: { Value: { Ref: 'Skipped' } } } })).toThrow(
      /^Unresolved resource dependencies \[Skipped\] in the Outputs block of the template$/,
    )
    const template = parsed(conditional)
    expect(() => dependencyGraph(template, { Never: true })).not.toThrow()
  })
})

describe('capabilities', () => {
  const role = (properties: object) => parsed({ Resources: { R: { Type: 'AWS::IAM::Role', Properties: properties } } })

  test('identities need one, named identities the other', () => {
    expect(capabilityNeed(parsed({ Resources: { A: thing() } }))).toBeUndefined()
    expect(capabilityNeed(role({}))).toEqual({ capability: 'CAPABILITY_IAM', types: ['AWS::IAM::Role'] })
    expect(capabilityNeed(role({ RoleName: 'r' }))?.capability).toBe('CAPABILITY_NAMED_IAM')
  })

  test('the greater includes the lesser', () => {
    expect(() => requireCapabilities(role({ RoleName: 'r' }), ['CAPABILITY_IAM'])).toThrow(
      'Requires capabilities : [CAPABILITY_NAMED_IAM]',
    )
    expect(() => requireCapabilities(role({}), [])).toThrow('Requires capabilities : [CAPABILITY_IAM]')
    expect(() => requireCapabilities(role({}), ['CAPABILITY_NAMED_IAM'])).not.toThrow()
  })
})
