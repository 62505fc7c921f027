/** Small random worlds of policies, built so that requests often meet them. */
import * as fc from 'fast-check'
import { compilePolicy, type CompiledPolicy } from '../../src/policy/compile.ts'
import type { PolicyKind } from '../../src/policy/document.ts'
import type { ApplicablePolicies, AuthorizationRequest, Principal } from '../../src/policy/model.ts'
import { readPolicy } from '../../src/policy/parse.ts'

const OWN = '111122223333'
const OTHER = '444455556666'

const ROLE: Principal = {
  kind: 'role-session',
  account: OWN,
  arn: `arn:aws:sts::${OWN}:assumed-role/caller/one`,
  roleArn: `arn:aws:iam::${OWN}:role/caller`,
  roleId: 'AROAEXAMPLEEXAMPLE000',
  roleName: 'caller',
  sessionName: 'one',
  serviceLinked: false,
}
const PRINCIPALS: readonly Principal[] = [
  ROLE,
  { ...ROLE, serviceLinked: true },
  { kind: 'user', account: OWN, arn: `arn:aws:iam::${OWN}:user/anna`, uniqueId: 'AIDAEXAMPLEEXAMPLE000', name: 'anna' },
  { kind: 'root', account: OWN, arn: `arn:aws:iam::${OWN}:root` },
  {
    kind: 'federated-user',
    account: OWN,
    arn: `arn:aws:sts::${OWN}:federated-user/bert`,
    userArn: `arn:aws:iam::${OWN}:user/anna`,
    userId: 'AIDAEXAMPLEEXAMPLE000',
    name: 'bert',
  },
  { kind: 'service', service: 's3.amazonaws.com' },
  { kind: 'anonymous' },
]

export type StatementJson = Readonly<Record<string, unknown>>

function compile(kind: PolicyKind, statements: readonly StatementJson[]): CompiledPolicy {
  return compilePolicy(readPolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), kind), {
    name: kind,
  })
}

export const NEVER: StatementJson = { Effect: 'Deny', Action: 'none:None', Resource: '*' }

const condition = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      { StringEquals: { 'aws:PrincipalOrgID': 'o-a' } },
      { StringNotEquals: { 'aws:PrincipalOrgID': 'o-a' } },
      { Bool: { 'aws:SecureTransport': 'true' } },
      { 'ForAnyValue:StringLike': { 'aws:TagKeys': ['a*'] } },
      { 'ForAllValues:StringLike': { 'aws:TagKeys': ['a*'] }, Bool: { 'aws:SecureTransport': ['true', 'false'] } },
      { StringEqualsIfExists: { 'aws:PrincipalOrgID': ['o-a', 'o-c'] } },
      { Null: { 'aws:TagKeys': 'true' } },
      { StringUnknown: { 'aws:PrincipalOrgID': 'o-a' } },
    ),
  },
)

export const statement = (allowBias: number): fc.Arbitrary<StatementJson> =>
  fc
    .record({
      effect: fc.oneof({ weight: allowBias, arbitrary: fc.constant('Allow') }, fc.constant('Deny')),
      action: fc.constantFrom(
        { Action: '*' },
        { Action: ['lambda:*', 'sqs:Send*'] },
        { Action: 'sqs:*' },
        { Action: ['lambda:InvokeFunction', 'sqs:SendMessage'] },
        { NotAction: 'lambda:*' },
      ),
      resource: fc.constantFrom(
        { Resource: '*' },
        { Resource: 'arn:aws:*:us-*:*:*' },
        { Resource: [`arn:aws:*:*:${OWN}:*`, `arn:aws:lambda:*:${OTHER}:function:f*`] },
        { Resource: ['arn:aws:lambda:us-*-1:*:function:?', 'arn:aws:sqs'] },
        { Resource: 'arn:aws:*:*:*:${aws:PrincipalOrgID}q' },
        { NotResource: `arn:aws:sqs:*:${OTHER}:*` },
      ),
      condition,
    })
    .map(({ effect, action, resource, condition: Condition }) => ({
      Effect: effect,
      ...action,
      ...resource,
      ...(Condition === undefined ? {} : { Condition }),
    }))

const principalJson = fc.constantFrom<StatementJson>(
  { Principal: '*' },
  { Principal: { AWS: OWN } },
  { Principal: { AWS: [`arn:aws:iam::${OWN}:role/caller`, `arn:aws:iam::${OWN}:user/anna`] } },
  { Principal: { AWS: [`arn:aws:sts::${OWN}:assumed-role/caller/one`, `arn:aws:sts::${OWN}:federated-user/bert`] } },
  { Principal: { Service: 's3.amazonaws.com' } },
  { Principal: { AWS: ['AROAEXAMPLEEXAMPLE000', 'AIDAEXAMPLEEXAMPLE000'] } },
  { NotPrincipal: { AWS: `arn:aws:iam::${OWN}:root`, Service: ['s3.amazonaws.com'] } },
  { NotPrincipal: { AWS: [OWN, `arn:aws:iam::${OWN}:user/anna`] } },
)

export const statements = fc.array(statement(9), { minLength: 1, maxLength: 3 })
const withPrincipals = fc.array(
  fc.tuple(statement(12), principalJson).map(([body, principal]) => ({ ...body, ...principal })),
  { minLength: 1, maxLength: 3 },
)
export const levels = fc.array(fc.array(statements, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 })

const rcp = statement(1).map((body): StatementJson[] => [{ ...body, Effect: 'Deny', Principal: '*' }])

/** Policies as JSON, so that a test can change them before they are compiled. */
export interface World {
  readonly identity: readonly (readonly StatementJson[])[]
  readonly resource: readonly StatementJson[] | undefined
  readonly boundary: readonly StatementJson[] | undefined
  readonly session: readonly StatementJson[] | undefined
  readonly endpoint: readonly StatementJson[] | undefined
  readonly scps: readonly (readonly (readonly StatementJson[])[])[] | undefined
  readonly rcps: readonly (readonly (readonly StatementJson[])[])[] | undefined
  readonly resourceKind: 'resource' | 'trust' | 'key'
}

/** Absent two times in three, so that not every request fails on some layer. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

export const world: fc.Arbitrary<World> = fc.record({
  identity: fc.array(statements, { maxLength: 3 }),
  resource: fc.option(withPrincipals, { nil: undefined, freq: 4 }),
  boundary: maybe(statements),
  session: maybe(statements),
  endpoint: maybe(statements),
  scps: maybe(levels),
  rcps: maybe(fc.array(fc.array(rcp, { maxLength: 2 }), { minLength: 1, maxLength: 2 })),
  resourceKind: fc.constantFrom('resource', 'resource', 'trust', 'key'),
})

export const request: fc.Arbitrary<AuthorizationRequest> = fc
  .record({
    principal: fc.constantFrom(...PRINCIPALS),
    action: fc.constantFrom('lambda:InvokeFunction', 'sqs:SendMessage'),
    resourceAccount: fc.constantFrom(OWN, OTHER),
    resource: fc.constantFrom('name', 'name', 'name', 'star'),
    organization: fc.constantFrom('o-a', 'o-b', undefined),
    tagKeys: fc.constantFrom(['ab', 'c'], ['c'], undefined),
  })
  .map(({ principal, action, resourceAccount, resource, organization, tagKeys }) => {
    const service = action.startsWith('lambda') ? 'lambda' : 'sqs'
    const context = new Map<string, string | readonly string[]>([['aws:securetransport', 'true']])
    if (organization !== undefined) context.set('aws:principalorgid', organization)
    if (tagKeys !== undefined) context.set('aws:tagkeys', tagKeys)
    const name = service === 'lambda' ? 'function:f' : 'q'
    return {
      principal,
      action,
      resourceAccount,
      resource: resource === 'star' ? '*' : `arn:aws:${service}:us-east-1:${resourceAccount}:${name}`,
      context,
    }
  })

export function policiesOf(from: World): ApplicablePolicies {
  const nested = (kind: PolicyKind, list: World['scps']): CompiledPolicy[][] | undefined =>
    list?.map((level) => level.map((policy) => compile(kind, policy)))
  const scps = nested('scp', from.scps)
  const rcps = nested('rcp', from.rcps)
  return {
    identity: from.identity.map((policy) => compile('identity', policy)),
    resourceKind: from.resourceKind,
    ...(from.resource === undefined ? {} : { resource: compile('resource', from.resource) }),
    ...(from.boundary === undefined ? {} : { boundary: compile('managed', from.boundary) }),
    ...(from.session === undefined ? {} : { session: [compile('session', from.session)] }),
    ...(from.endpoint === undefined ? {} : { endpoint: [compile('endpoint', from.endpoint)] }),
    ...(scps === undefined ? {} : { scps }),
    ...(rcps === undefined ? {} : { rcps }),
  }
}
