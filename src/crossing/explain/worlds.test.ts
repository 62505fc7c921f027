/** The two worlds: what is unknown opens everything in one, closes everything in the other, and changes nothing where all is known. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decide } from '../../policy/decide.ts'
import type { AuthorizationRequest, Principal } from '../../policy/model.ts'
import { createCallContext, type CallContext } from './context-keys.ts'
import { documentWith } from './policy-edits.ts'
import { namedPolicy, type PolicySources } from './policy-sources.ts'
import { known } from './reading.ts'
import { policiesIn, type World } from './worlds.ts'

const CALLEE = 'arn:aws:lambda:us-east-1:444455556666:function:callee'
const PRINCIPAL: Principal = {
  kind: 'role-session',
  account: '111122223333',
  arn: 'arn:aws:sts::111122223333:assumed-role/caller/caller',
  roleArn: 'arn:aws:iam::111122223333:role/caller',
  roleId: 'AROAEXAMPLE0000000001',
  roleName: 'caller',
  sessionName: 'caller',
  serviceLinked: false,
}
const ADDRESSES = ['203.0.113.7', '198.51.100.7']

function contextWith(given: ReadonlyMap<string, string>): CallContext {
  return createCallContext({
    principal: PRINCIPAL,
    principalTags: known({}),
    callerMembership: known(undefined),
    ownerMembership: known(undefined),
    resourceTags: known({}),
    resourceAccount: '444455556666',
    region: 'us-east-1',
    isPathUnknown: false,
    hasGlobalKeysOnly: true,
    given,
    isComplete: false,
    now: new Date(0),
  })
}

const statement = (principal: object) =>
  fc
    .record(
      {
        Effect: fc.constantFrom('Allow', 'Deny'),
        Action: fc.constantFrom('lambda:*', 'lambda:InvokeFunction', 's3:*'),
        Resource: fc.constantFrom('*', CALLEE, '${aws:SourceIp}'),
        Condition: fc.constantFrom(
          { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
          { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
          { Null: { 'aws:SourceIp': 'true' } },
          { StringEquals: { 'aws:PrincipalAccount': '111122223333' } },
        ),
      },
      { requiredKeys: ['Effect', 'Action', 'Resource'] },
    )
    .map((written) => ({ ...written, ...principal }))

const sources = fc
  .record({
    identity: fc.array(statement({}), { minLength: 1, maxLength: 3 }),
    resource: fc.array(statement({ Principal: { AWS: '111122223333' } }), { minLength: 1, maxLength: 3 }),
    isComplete: fc.boolean(),
  })
  .map(({ identity, resource, isComplete }): PolicySources => {
    const owner = { kind: 'session', account: '' } as const
    return {
      identity: { policies: [namedPolicy(documentWith(identity), 'identity', { name: 'i', owner })], isComplete },
      boundary: { status: 'none', why: '' },
      session: { status: 'none', why: '' },
      scps: { status: 'not-applicable', why: '' },
      rcps: { status: 'not-applicable', why: '' },
      resource: { status: 'read', policies: [namedPolicy(documentWith(resource), 'resource', { name: 'r', owner })] },
      resourceKind: 'resource',
    }
  })

function isAllowed(world: World, from: PolicySources, context: CallContext): boolean {
  const request: AuthorizationRequest = {
    principal: PRINCIPAL,
    action: 'lambda:InvokeFunction',
    resource: CALLEE,
    resourceAccount: '444455556666',
    context,
  }
  return decide(request, policiesIn(world, from, context)).outcome === 'allow'
}

describe('policiesIn', () => {
  it('is the same in both worlds where everything is known', () => {
    fc.assert(
      fc.property(sources, fc.constantFrom(...ADDRESSES), (from, address) => {
        fc.pre(from.identity.isComplete)
        const context = contextWith(new Map([['aws:sourceip', address]]))
        const [most, least, read] = (['most-permissive', 'least-permissive', 'read'] as const).map((world) =>
          isAllowed(world, from, context),
        )
        expect([most, least]).toEqual([read, read])
      }),
    )
  })

  it('agrees in both worlds only on what holds whatever the unknown value is', () => {
    fc.assert(
      fc.property(sources, (from) => {
        const unknown = contextWith(new Map())
        const most = isAllowed('most-permissive', from, unknown)
        const least = isAllowed('least-permissive', from, unknown)
        for (const address of ADDRESSES) {
          const told = contextWith(new Map([['aws:sourceip', address]]))
          if (least) expect(isAllowed('least-permissive', from, told)).toBe(true)
          if (!most) expect(isAllowed('most-permissive', from, told)).toBe(false)
        }
      }),
    )
  })

  it('allows nothing for sure while a policy was not read', () => {
    fc.assert(
      fc.property(sources, (from) => {
        fc.pre(!from.identity.isComplete)
        expect(isAllowed('least-permissive', from, contextWith(new Map()))).toBe(false)
      }),
    )
  })
})
