/** Reading AWS's sentence back, in every form that our own engine writes it. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { denialMessage } from '../../policy/denial.ts'
import type { Layer } from '../../policy/model.ts'
import { readDenialMessage } from './denial-message.ts'

const CALLER = 'arn:aws:sts::111122223333:assumed-role/caller-role/caller'
const CALLEE = 'arn:aws:lambda:us-east-1:444455556666:function:callee:prod'
const LAYERS: readonly Layer[] = ['identity', 'resource', 'boundary', 'session', 'scp', 'rcp', 'endpoint', 'trust']

describe('readDenialMessage', () => {
  it('reads what denialMessage writes, wherever the line is broken', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LAYERS),
        fc.constantFrom('explicit_deny' as const, 'implicit_deny' as const),
        fc.boolean(),
        fc.constantFrom(' ', '\n', '\n    '),
        (blockedBy, outcome, hasResource, space) => {
          const message = denialMessage({
            request: {
              principal: { kind: 'user', account: '111122223333', arn: CALLER, uniqueId: '', name: 'caller' },
              action: 'lambda:InvokeFunction',
              resource: CALLEE,
              resourceAccount: '444455556666',
              context: new Map(),
            },
            decision: { outcome, blockedBy, trace: [] },
            ...(!hasResource && { resourceText: null }),
          })
          const read = readDenialMessage(`AccessDeniedException: ${message.replaceAll(' ', space)} (request 1)`)
          expect(read).toMatchObject({ caller: CALLER, action: 'lambda:InvokeFunction', outcome })
          expect(read?.resource).toBe(hasResource ? CALLEE : undefined)
        },
      ),
    )
  })

  it('names the policy type that is blamed', () => {
    const sentence = `User: ${CALLER} is not authorized to perform: lambda:InvokeFunction on resource: ${CALLEE}`
    const scp = `with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-a/p-b`
    expect(readDenialMessage(`${sentence} ${scp}`)).toMatchObject({
      outcome: 'explicit_deny',
      blames: 'service control policy',
    })
    expect(
      readDenialMessage(`${sentence} because no resource-based policy allows the lambda:InvokeFunction action`),
    ).toMatchObject({ outcome: 'implicit_deny', blames: 'resource-based policy' })
    expect(readDenialMessage(sentence)).not.toHaveProperty('blames')
  })

  it('reads no other text', () => {
    expect(readDenialMessage('Cross-account log access is not allowed')).toBeUndefined()
  })
})
