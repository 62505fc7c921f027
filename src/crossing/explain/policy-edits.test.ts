/** Edits of policies: the call that was denied is denied no longer, and every other call is denied as before. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { compilePolicy } from '../../policy/compile.ts'
import { decide } from '../../policy/decide.ts'
import { readPolicy } from '../../policy/parse.ts'
import { allowStatement, documentWith, withExemption, withoutDenial, withStatement } from './policy-edits.ts'

const ROLE = 'arn:aws:iam::111122223333:role/caller'
const OTHER_ROLE = 'arn:aws:iam::111122223333:role/other'
const ACTIONS = ['lambda:InvokeFunction', 'lambda:InvokeAsync', 'lambda:GetPolicy']
const RESOURCES = ['a', 'b', 'c'].map((name) => `arn:aws:lambda:us-east-1:444455556666:function:${name}`)

const action = fc.constantFrom(...ACTIONS)
const resource = fc.constantFrom(...RESOURCES)
const denial = fc.record({
  Effect: fc.constant('Deny'),
  Action: fc.oneof(fc.subarray(ACTIONS, { minLength: 1 }), fc.constant('lambda:*'), fc.constant('lambda:Invoke*')),
  Resource: fc.oneof(fc.subarray(RESOURCES, { minLength: 1 }), fc.constant('*')),
})

function isDenied(text: string, call: { action: string; resource: string; principalArn: string }): boolean {
  if (text === '') return false
  const decision = decide(
    {
      principal: {
        kind: 'role-session',
        account: '111122223333',
        arn: 'arn:aws:sts::111122223333:assumed-role/caller/s',
        roleArn: call.principalArn,
        roleId: '',
        roleName: 'caller',
        sessionName: 's',
        serviceLinked: false,
      },
      action: call.action,
      resource: call.resource,
      resourceAccount: '111122223333',
      context: new Map([['aws:principalarn', call.principalArn]]),
    },
    { identity: [compilePolicy(readPolicy(text, 'identity'), { name: 'policy' })] },
  )
  return decision.outcome === 'explicit_deny'
}

describe('withoutDenial', () => {
  it('spares the call, and denies everything else as before', () => {
    fc.assert(
      fc.property(denial, action, resource, (statement, calledAction, calledResource) => {
        const text = documentWith([statement])
        const call = { action: calledAction, resource: calledResource, principalArn: ROLE }
        fc.pre(isDenied(text, call))
        const edited = withoutDenial(text, 0, call)
        if (edited === undefined) return
        expect(isDenied(edited, call)).toBe(false)
        for (const other of RESOURCES.filter((candidate) => candidate !== calledResource)) {
          const elsewhere = { ...call, resource: other }
          expect(isDenied(edited, elsewhere)).toBe(isDenied(text, elsewhere))
        }
      }),
    )
  })
})

describe('withoutDenial of a statement that has been narrowed before', () => {
  it.each([
    ['a', ['arn:aws:lambda:us-east-1:444455556666:function:a']],
    ['a and b', RESOURCES.slice(0, 2)],
  ])('spares the call beside %s', (_, spared) => {
    const [, , called = ''] = RESOURCES
    const NotResource = spared.length === 1 ? spared[0] : spared
    const text = documentWith([{ Effect: 'Deny', Action: 'lambda:*', NotResource }])
    const edited = withoutDenial(text, 0, { action: 'lambda:InvokeFunction', resource: called })
    expect(edited).toBe(documentWith([{ Effect: 'Deny', Action: 'lambda:*', NotResource: [...spared, called] }]))
  })
})

describe('withExemption', () => {
  it('spares the caller and nobody else, twice over too', () => {
    fc.assert(
      fc.property(denial, action, resource, (statement, calledAction, calledResource) => {
        const text = documentWith([statement])
        const call = { action: calledAction, resource: calledResource, principalArn: ROLE }
        fc.pre(isDenied(text, call))
        const once = withExemption(text, 0, call) ?? ''
        expect(isDenied(once, call)).toBe(false)
        expect(isDenied(once, { ...call, principalArn: OTHER_ROLE })).toBe(true)
        const twice = withExemption(once, 0, { ...call, principalArn: OTHER_ROLE }) ?? ''
        expect(isDenied(twice, call)).toBe(false)
        expect(isDenied(twice, { ...call, principalArn: OTHER_ROLE })).toBe(false)
      }),
    )
  })

  it('cannot spare a caller without an ARN', () => {
    expect(withExemption(documentWith([]), 0, { action: 'a:b', resource: '*' })).toBeUndefined()
  })
})

describe('withStatement', () => {
  it('keeps the document and leaves out a Sid that is taken', () => {
    const text = JSON.stringify({ Version: '2012-10-17', Id: 'x', Statement: { Sid: 'A', Effect: 'Deny' } })
    expect(JSON.parse(withStatement(text, allowStatement({ action: 'a:b', resource: '*' }, 'A')))).toEqual({
      Version: '2012-10-17',
      Id: 'x',
      Statement: [
        { Sid: 'A', Effect: 'Deny' },
        { Effect: 'Allow', Action: 'a:b', Resource: '*' },
      ],
    })
  })
})
