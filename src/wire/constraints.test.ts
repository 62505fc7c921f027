/** The generated tables against the SDK's shapes: a name that meets no member would be a check that never happens. */
import * as cloudformation from '@aws-sdk/client-cloudformation'
import * as logs from '@aws-sdk/client-cloudwatch-logs'
import * as iam from '@aws-sdk/client-iam'
import * as lambda from '@aws-sdk/client-lambda'
import * as organizations from '@aws-sdk/client-organizations'
import * as sts from '@aws-sdk/client-sts'
import { describe, expect, test } from 'vitest'
import { constraintLookup, type ServiceConstraints } from './constraints.ts'
import { constraints as cloudformationConstraints } from './constraints/cloudformation.ts'
import { constraints as iamConstraints } from './constraints/iam.ts'
import { constraints as lambdaConstraints } from './constraints/lambda.ts'
import { constraints as logsConstraints } from './constraints/logs.ts'
import { constraints as organizationsConstraints } from './constraints/organizations.ts'
import { constraints as stsConstraints } from './constraints/sts.ts'
import { createServiceModel, serviceDescriptions, type ServiceModel } from './service-model.ts'
import type { Shape, StructureShape } from './shape.ts'

const tables = [
  { name: 'lambda', sdk: lambda, constraints: lambdaConstraints },
  { name: 'iam', sdk: iam, constraints: iamConstraints },
  { name: 'sts', sdk: sts, constraints: stsConstraints },
  { name: 'organizations', sdk: organizations, constraints: organizationsConstraints },
  { name: 'cloudformation', sdk: cloudformation, constraints: cloudformationConstraints },
  { name: 'logs', sdk: logs, constraints: logsConstraints },
] as const

describe.each(tables)('$name', ({ name, sdk, constraints }) => {
  const model = createServiceModel(serviceDescriptions[name], sdk, constraints)

  test('constrains only members that the SDK has', () => {
    expect(strayMembers(model, constraints)).toEqual([])
  })

  test('has only patterns that compile', () => {
    const lookup = constraintLookup(constraints)
    for (const [structure, members] of Object.entries(constraints.structures)) {
      for (const member of Object.keys(members)) expect(lookup(structure, member)).toBeDefined()
    }
  })
})

function strayMembers(model: ServiceModel, constraints: ServiceConstraints): string[] {
  const known = new Map<string, Set<string>>()
  for (const name of model.operationNames) collect(model.operation(name)?.input, known)
  return Object.entries(constraints.structures).flatMap(([structure, members]) =>
    Object.keys(members)
      .filter((member) => !known.get(structure)?.has(member))
      .map((member) => `${structure}.${member}`),
  )
}

function collect(shape: Shape | undefined, known: Map<string, Set<string>>): void {
  if (shape?.kind === 'list') collect(shape.element, known)
  if (shape?.kind === 'map') collect(shape.value, known)
  if (shape?.kind !== 'structure' || known.has(shape.name)) return
  known.set(shape.name, new Set(memberNames(shape)))
  for (const member of shape.members) collect(member.shape, known)
}

function memberNames(shape: StructureShape): string[] {
  return shape.members.map(({ name }) => name)
}
