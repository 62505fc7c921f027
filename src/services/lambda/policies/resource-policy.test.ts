/** Statements are byte for byte what AWS makes of AddPermission's parameters, and evaluate as the principals they were bound to. */
import { describe, expect, test } from 'vitest'

import { decide } from '../../../policy/decide.ts'
import type { Principal } from '../../../policy/model.ts'
import { compileResourcePolicy, policyBytes, policyText, statementFrom, type Grant } from './resource-policy.ts'
import type { PolicyRecord } from '../records.ts'

const RESOURCE = 'arn:aws:lambda:us-east-1:444455556666:function:callee:prod'
const ROLE = 'arn:aws:iam::111122223333:role/team/caller'

const grant = (more: Partial<Grant> & { readonly principal: string }): Grant => ({
  sid: 's1',
  action: 'lambda:InvokeFunction',
  resource: RESOURCE,
  ...more,
})
const text = (more: Partial<Grant> & { readonly principal: string }) => JSON.stringify(statementFrom(grant(more)))

describe('the statement', () => {
  test('names an account by its root', () => {
    expect(text({ principal: '111122223333' })).toBe(
      `{"Sid":"s1","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"lambda:InvokeFunction","Resource":"${RESOURCE}"}`,
    )
  })

  test('has a service, anyone, or an ARN as it was given', () => {
    expect(text({ principal: 's3.amazonaws.com' })).toContain('"Principal":{"Service":"s3.amazonaws.com"}')
    expect(text({ principal: '*' })).toContain('"Principal":"*"')
    for (const arn of [
      ROLE,
      'arn:aws:iam::111122223333:user/ann',
      'arn:aws:iam::111122223333:root',
      'arn:aws:sts::111122223333:assumed-role/caller/session',
      'arn:aws:sts::111122223333:federated-user/bob',
    ]) {
      expect(text({ principal: arn })).toContain(`"Principal":{"AWS":"${arn}"}`)
    }
  })

  test('has AWS’s conditions in AWS’s order', () => {
    expect(
      text({
        principal: '*',
        sourceArn: 'arn:aws:s3:::bucket',
        sourceAccount: '111122223333',
        functionUrlAuthType: 'NONE',
        principalOrgId: 'o-1234567890',
      }),
    ).toContain(
      '"Condition":{"StringEquals":{"AWS:SourceAccount":"111122223333","lambda:FunctionUrlAuthType":"NONE","aws:PrincipalOrgID":"o-1234567890"},"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::bucket"}}',
    )
    expect(text({ principal: '*', eventSourceToken: 'token' })).toContain(
      '"Condition":{"StringEquals":{"lambda:EventSourceToken":"token"}}',
    )
    expect(text({ principal: '*', invokedViaFunctionUrl: true })).toContain(
      '"Condition":{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}',
    )
  })

  test('is refused for what is no principal', () => {
    for (const principal of [
      'invalid.nonaws.com',
      '12345',
      'arn:aws:iam::111122223333:group/admins',
      'arn:aws:iam::111122223333:role/x-*',
      'arn:aws:iam::1111:role/x',
      'arn:aws:s3:::bucket',
      'arn:aws:sts::111122223333:assumed-role/only-the-role',
      '**',
    ]) {
      expect(statementFrom(grant({ principal }))).toBeUndefined()
    }
  })
})

describe('a policy', () => {
  const document = statementFrom(grant({ principal: ROLE })) ?? {}
  const record: PolicyRecord = {
    revisionId: 'r',
    statements: [{ sid: 's1', document, bindings: { [ROLE]: 'AROAAAAAAAAAAAAAAAAAA' } }],
  }
  const session = (roleId: string): Principal => ({
    kind: 'role-session',
    account: '111122223333',
    arn: 'arn:aws:sts::111122223333:assumed-role/caller/session',
    roleArn: ROLE,
    roleId,
    roleName: 'caller',
    sessionName: 'session',
    serviceLinked: false,
  })
  const outcomeFor = (principal: Principal) =>
    decide(
      {
        principal,
        action: 'lambda:InvokeFunction',
        resource: RESOURCE,
        resourceAccount: '444455556666',
        context: { get: () => undefined },
      },
      { identity: [], resource: compileResourcePolicy(record) },
    ).trace.find(({ layer }) => layer === 'resource')?.outcome

  test('grants to the very role it was bound to, not to one of the same name', () => {
    expect(outcomeFor(session('AROAAAAAAAAAAAAAAAAAA'))).toBe('allow')
    expect(outcomeFor(session('AROABBBBBBBBBBBBBBBBB'))).toBe('implicit_deny')
  })

  test('shows the ARN while the role exists, and the dead id afterwards', () => {
    expect(policyText(record, { uniqueIdOf: () => 'AROAAAAAAAAAAAAAAAAAA' })).toBe(
      `{"Version":"2012-10-17","Id":"default","Statement":[${JSON.stringify(document)}]}`,
    )
    expect(policyText(record, { uniqueIdOf: () => undefined })).toContain('"Principal":{"AWS":"AROAAAAAAAAAAAAAAAAAA"}')
    expect(policyText(record, { uniqueIdOf: () => 'AROABBBBBBBBBBBBBBBBB' })).toContain('AROAAAAAAAAAAAAAAAAAA')
  })

  test('counts its bytes as AWS stores it', () => {
    expect(policyBytes(record)).toBe(policyText(record, { uniqueIdOf: () => 'AROAAAAAAAAAAAAAAAAAA' }).length)
  })
})
