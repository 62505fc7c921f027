/** How a Principal element names each kind of principal, and whom a NotPrincipal list spares. */
import { expect, test } from 'vitest'
import type { PrincipalElement } from './document.ts'
import type { Principal } from './model.ts'
import { createPrincipalSet, grantTo, spares } from './principal-set.ts'

const ACCOUNT = '111122223333'
const USER: Principal = {
  kind: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/team/anna`,
  uniqueId: 'AIDAEXAMPLEEXAMPLE000',
  name: 'anna',
}
const SESSION: Principal = {
  kind: 'role-session',
  account: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/caller/one`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/team/caller`,
  roleId: 'AROAEXAMPLEEXAMPLE000',
  roleName: 'caller',
  sessionName: 'one',
  serviceLinked: false,
}
const FEDERATED: Principal = {
  kind: 'federated-user',
  account: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:federated-user/bert`,
  userArn: USER.arn,
  userId: USER.uniqueId,
  name: 'bert',
}
const ROOT: Principal = { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root` }
const SERVICE: Principal = { kind: 'service', service: 's3.amazonaws.com' }
const ANONYMOUS: Principal = { kind: 'anonymous' }

function named(...aws: string[]): ReturnType<typeof createPrincipalSet> {
  const element: PrincipalElement = {
    negated: false,
    anyone: false,
    aws,
    service: [],
    federated: [],
    canonicalUser: [],
  }
  return createPrincipalSet(element)
}

test.each([
  [USER, USER.arn, 'direct'],
  [USER, USER.uniqueId, 'direct'],
  [USER, ACCOUNT, 'account'],
  [USER, ROOT.arn, 'account'],
  [USER, `arn:aws:iam::${ACCOUNT}:user/anna`, 'none'],
  [USER, '444455556666', 'none'],
  [SESSION, SESSION.arn, 'direct'],
  [SESSION, SESSION.roleArn, 'role'],
  [SESSION, SESSION.roleId, 'role'],
  [SESSION, ROOT.arn, 'account'],
  [SESSION, `arn:aws:iam::${ACCOUNT}:role/caller`, 'none'],
  [SESSION, `arn:aws:sts::${ACCOUNT}:assumed-role/caller/two`, 'none'],
  [FEDERATED, FEDERATED.arn, 'direct'],
  [FEDERATED, FEDERATED.userArn, 'role'],
  [FEDERATED, FEDERATED.userId, 'role'],
  [FEDERATED, ACCOUNT, 'account'],
  [ROOT, ROOT.arn, 'account'],
  [ANONYMOUS, ACCOUNT, 'none'],
  [SERVICE, ACCOUNT, 'none'],
] as const)('%j is named by %s as %s', (principal, value, grant) => {
  expect(grantTo(named(value), principal)).toBe(grant)
})

test('everyone is named directly by *', () => {
  const everyone = createPrincipalSet({
    negated: false,
    anyone: true,
    aws: [],
    service: [],
    federated: [],
    canonicalUser: [],
  })
  for (const principal of [USER, SESSION, FEDERATED, ROOT, SERVICE, ANONYMOUS])
    expect(grantTo(everyone, principal)).toBe('direct')
})

test('NotPrincipal spares a session only when account, role and session are all listed', () => {
  expect(spares(named(ACCOUNT, SESSION.roleArn, SESSION.arn), SESSION)).toBe(true)
  expect(spares(named(ACCOUNT, SESSION.roleArn), SESSION)).toBe(false)
  expect(spares(named(SESSION.roleArn, SESSION.arn), SESSION)).toBe(false)
})

test('NotPrincipal spares a user when the account is listed too', () => {
  expect(spares(named(ACCOUNT, USER.arn), USER)).toBe(true)
  expect(spares(named(USER.arn), USER)).toBe(false)
  expect(spares(named(ACCOUNT), USER)).toBe(false)
  expect(spares(named(ACCOUNT), ROOT)).toBe(true)
  expect(spares(named(ACCOUNT, USER.arn), ANONYMOUS)).toBe(false)
})
