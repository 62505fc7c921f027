/** Grants as plans: proved minimal by the engine for any names, and written so that a shell reads them back. */
import { execFileSync } from 'node:child_process'

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { functionReference } from '../crossing.ts'
import { commandsOf, shellText } from './cli-commands.ts'
import { evaluateSituation } from './evaluate.ts'
import { identityDocument, parseServiceCaller, planGrant, resourceStatement, SCOPES, type RoleCaller } from './grant.ts'
import { situationsOf } from './situations.ts'

const name = fc.stringMatching(/^[a-zA-Z0-9_-]{1,64}$/)
const account = fc.stringMatching(/^[1-9]\d{11}$/)
const callee = fc
  .record({
    account,
    region: fc.constantFrom('us-east-1', 'eu-central-1'),
    name,
    qualifier: fc.option(name, { nil: undefined }),
  })
  .map(functionReference)
const caller = fc
  .record({ account, path: fc.constantFrom('/', '/team/', '/a/b/'), roleName: name, sessionName: name })
  .map(({ account: id, path, roleName, sessionName }): RoleCaller => ({
    kind: 'role',
    account: id,
    roleArn: `arn:aws:iam::${id}:role${path}${roleName}`,
    roleName,
    sessionName,
    organizationId: 'o-abcdefghij',
  }))
const type = 'RequestResponse'

describe('a grant', () => {
  it('is enough and not too much, whatever the names and the scope', () => {
    fc.assert(
      fc.property(caller, callee, fc.constantFrom(...SCOPES), (from, to, scope) => {
        const grant = planGrant({ caller: from, callee: to, scope, type })
        const wrong = situationsOf(grant).filter((situation) => evaluateSituation(situation) !== situation.expected)
        expect(wrong.map(({ id }) => id)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('has names that IAM and Lambda take', () => {
    fc.assert(
      fc.property(caller, callee, fc.constantFrom(...SCOPES), (from, to, scope) => {
        const { identity, resource } = planGrant({ caller: from, callee: to, scope, type })
        expect(identity?.policyName).toMatch(/^[\w+=,.@-]{1,128}$/)
        expect(identity?.sid).toMatch(/^[A-Za-z0-9]+$/)
        expect(resource?.statementId).toMatch(/^[a-zA-Z0-9-_]{1,100}$/)
      }),
    )
  })

  it('tells sources apart whose names read alike', () => {
    const idOf = (sourceArn: string) => {
      const from = parseServiceCaller({ service: 'events.amazonaws.com', sourceArn, sourceAccount: undefined })
      const to = functionReference({ account: '444455556666', region: 'us-east-1', name: 'f', qualifier: undefined })
      return planGrant({ caller: from, callee: to, scope: 'role', type }).resource?.statementId
    }
    const rule = 'arn:aws:events:us-east-1:444455556666:rule/'
    expect(idOf(`${rule}a_*`)).not.toBe(idOf(`${rule}a_?`))
  })

  it('puts into a statement what AddPermission would', () => {
    const from = { service: 's3.amazonaws.com', sourceArn: 'arn:aws:s3:::b', sourceAccount: '111122223333' }
    const to = functionReference({ account: '444455556666', region: 'us-east-1', name: 'f', qualifier: 'prod' })
    const { resource } = planGrant({ caller: parseServiceCaller(from), callee: to, scope: 'role', type })
    expect(resource && resourceStatement(resource)).toEqual({
      Sid: 's3-amazonaws-com-b',
      Effect: 'Allow',
      Principal: { Service: 's3.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Resource: to.arn,
      Condition: {
        StringEquals: { 'AWS:SourceAccount': '111122223333' },
        ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::b' },
      },
    })
  })
})

describe('its commands', () => {
  it('are read back by a shell word for word', () => {
    const words = ['aws', '--profile', "o'brien $HOME `x`", '--policy-document', '{"a b":"c\\n*"}', '--empty', '']
    const script = shellText(words).replace(/^aws/, String.raw`printf '%s\0' aws`)
    expect(execFileSync('sh', ['-c', script]).toString().split('\0').slice(0, -1)).toEqual(words)
  })

  it('carry the whole identity policy', () => {
    const from: RoleCaller = {
      kind: 'role',
      account: '111122223333',
      roleArn: 'arn:aws:iam::111122223333:role/r',
      roleName: 'r',
    }
    const to = functionReference({ account: '444455556666', region: 'us-east-1', name: 'f', qualifier: 'prod' })
    const grant = planGrant({ caller: from, callee: to, scope: 'role', type })
    const [commands] = commandsOf(grant, new Map([['111122223333', 'source']]))
    expect(commands?.grant.slice(0, 5)).toEqual(['aws', '--profile', 'source', 'iam', 'put-role-policy'])
    expect(JSON.parse(commands?.grant.at(-1) ?? '')).toEqual(grant.identity && identityDocument(grant.identity))
  })
})
