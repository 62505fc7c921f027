/** The directory through the operations that change it: what applies to a principal is always what was last written. */
import { describe, expect, test } from 'vitest'

import { parseAccountId } from '../../core/account.ts'
import { systemClock } from '../../core/clock.ts'
import { randomIds } from '../../core/ids.ts'
import { parseRegion } from '../../core/region.ts'
import type { Principal } from '../../policy/model.ts'
import { createState } from '../../state/state.ts'
import type { Caller } from '../caller.ts'
import { createIam } from './index.ts'

const ACCOUNT = parseAccountId('111122223333')
const BASIC = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
const POLICY = 'arn:aws:iam::111122223333:policy/own'
const document = (action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] })

function setUp() {
  const state = createState()
  const iam = createIam({ state, clock: systemClock, ids: randomIds })
  const keys = iam.createAdministrator(ACCOUNT, 'administrator')
  const administrator = iam.credentials.find(keys.accessKeyId)
  if (!administrator) throw new Error('the administrator has no key')
  const caller: Caller = {
    principal: administrator.principal,
    account: ACCOUNT,
    region: parseRegion('us-east-1'),
    requestId: 'test',
  }
  const run = (operation: string, input: object): object => {
    const bound = iam.service.operations[operation]
    if (!bound) throw new Error(`no operation ${operation}`)
    return bound.handle(input, caller)
  }
  const userPrincipal = (name: string): Extract<Principal, { kind: 'user' }> => {
    const arn = `arn:aws:iam::${ACCOUNT}:user/${name}`
    const uniqueId = iam.directory.uniqueIdOf(arn)
    if (uniqueId === undefined) throw new Error(`no user ${name}`)
    return { kind: 'user', account: ACCOUNT, arn, uniqueId, name }
  }
  const namesOf = (principal: Principal) => iam.directory.policiesOf(principal).identity.map(({ name }) => name)
  return { state, iam, keys, run, userPrincipal, namesOf }
}

describe('what applies to a user', () => {
  test('is its inline, attached and group policies', () => {
    const { run, userPrincipal, namesOf } = setUp()
    run('CreateUser', { UserName: 'ada' })
    run('PutUserPolicy', { UserName: 'ada', PolicyName: 'inline', PolicyDocument: document('s3:*') })
    run('AttachUserPolicy', { UserName: 'ada', PolicyArn: BASIC })
    run('CreateGroup', { GroupName: 'team' })
    run('AddUserToGroup', { GroupName: 'team', UserName: 'ada' })
    run('PutGroupPolicy', { GroupName: 'team', PolicyName: 'shared', PolicyDocument: document('sqs:*') })
    expect(namesOf(userPrincipal('ada'))).toEqual(['inline', 'AWSLambdaBasicExecutionRole', 'shared'])
  })

  test('changes with a policy of its group and with the default version of a managed policy', () => {
    const { iam, run, userPrincipal, namesOf } = setUp()
    run('CreateUser', { UserName: 'ada' })
    run('CreateGroup', { GroupName: 'team' })
    run('AddUserToGroup', { GroupName: 'team', UserName: 'ada' })
    const ada = userPrincipal('ada')
    expect(namesOf(ada)).toEqual([])
    run('CreatePolicy', { PolicyName: 'own', PolicyDocument: document('s3:*') })
    run('AttachGroupPolicy', { GroupName: 'team', PolicyArn: POLICY })
    const [before] = iam.directory.policiesOf(ada).identity
    expect(before?.arn).toBe(POLICY)
    expect(iam.directory.policiesOf(ada)).toBe(iam.directory.policiesOf(ada))
    run('CreatePolicyVersion', { PolicyArn: POLICY, PolicyDocument: document('sqs:*'), SetAsDefault: true })
    const [after] = iam.directory.policiesOf(ada).identity
    expect(after).not.toBe(before)
    expect(after?.document.source).toContain('sqs:*')
    run('UpdateGroup', { GroupName: 'team', NewGroupName: 'crew' })
    expect(namesOf(ada)).toEqual(['own'])
    run('RemoveUserFromGroup', { GroupName: 'crew', UserName: 'ada' })
    expect(namesOf(ada)).toEqual([])
  })

  test('has the boundary apart', () => {
    const { iam, run, userPrincipal } = setUp()
    run('CreateUser', { UserName: 'ada', PermissionsBoundary: BASIC })
    expect(iam.directory.policiesOf(userPrincipal('ada')).boundary?.arn).toBe(BASIC)
    run('DeleteUserPermissionsBoundary', { UserName: 'ada' })
    expect(iam.directory.policiesOf(userPrincipal('ada')).boundary).toBeUndefined()
  })
})

describe('a deleted principal', () => {
  test('does not exist and has no policies, even when another of its name does', () => {
    const { iam, run, userPrincipal, namesOf } = setUp()
    run('CreateUser', { UserName: 'ada' })
    const old = userPrincipal('ada')
    run('DeleteUser', { UserName: 'ada' })
    run('CreateUser', { UserName: 'ada' })
    run('AttachUserPolicy', { UserName: 'ada', PolicyArn: BASIC })
    expect(iam.directory.exists(old)).toBe(false)
    expect(namesOf(old)).toEqual([])
    expect(iam.directory.arnOf(old.uniqueId)).toBeUndefined()
    expect(iam.directory.exists(userPrincipal('ada'))).toBe(true)
  })

  test('is found again by its id after it was renamed', () => {
    const { iam, run, userPrincipal, namesOf } = setUp()
    run('CreateUser', { UserName: 'ada', Path: '/staff/' })
    run('AttachUserPolicy', { UserName: 'ada', PolicyArn: BASIC })
    run('UpdateUser', { UserName: 'ada', NewPath: '/', NewUserName: 'Ada.L' })
    const renamed = userPrincipal('Ada.L')
    expect(iam.directory.arnOf(renamed.uniqueId)).toBe(`arn:aws:iam::${ACCOUNT}:user/Ada.L`)
    expect(namesOf({ ...renamed, name: 'ada' })).toEqual(['AWSLambdaBasicExecutionRole'])
  })
})

test('restoring a snapshot restores what applies', () => {
  const { state, run, userPrincipal, namesOf } = setUp()
  run('CreateUser', { UserName: 'ada' })
  run('CreatePolicy', { PolicyName: 'own', PolicyDocument: document('s3:*') })
  run('AttachUserPolicy', { UserName: 'ada', PolicyArn: POLICY })
  const ada = userPrincipal('ada')
  expect(namesOf(ada)).toEqual(['own'])
  const snapshot = state.snapshot()
  run('DetachUserPolicy', { UserName: 'ada', PolicyArn: POLICY })
  expect(namesOf(ada)).toEqual([])
  state.restore(snapshot)
  expect(namesOf(ada)).toEqual(['own'])
  state.reset()
  expect(namesOf(ada)).toEqual([])
})

describe('the administrator', () => {
  test('is made once and keeps its key', () => {
    const { iam, keys } = setUp()
    expect(iam.createAdministrator(ACCOUNT, 'administrator')).toEqual(keys)
    expect(iam.administrator(ACCOUNT, 'administrator')).toMatchObject({ ...keys, active: true })
    expect(iam.administrator(ACCOUNT, 'nobody')).toBeUndefined()
  })

  test('takes the key it is given', () => {
    const { iam } = setUp()
    const given = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
    expect(iam.createAdministrator(ACCOUNT, 'other', given)).toEqual(given)
    expect(iam.createAdministrator(ACCOUNT, 'other', given)).toEqual(given)
    expect(iam.credentials.find(given.accessKeyId)).toMatchObject({ account: ACCOUNT, ...given })
  })
})
