/**
 * How these tests learn what a request's context holds: a policy that allows one action only where a condition holds is put in force, the
 * request is made through the SDK, and it passes or it does not.
 */
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { expect } from 'vitest'

import { ACCOUNTS, type AccountName, type TestCloud, type TestCredentials } from '../cloud.ts'
import { policy, trusting } from '../iam/documents.ts'
import { sessionOf } from '../sts/sessions.ts'

export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>

/** Makes one kind of request under changing policies. */
export interface Asker {
  /** Puts the only policy in force that matters: the action is allowed where the condition holds. */
  allowWhere(condition: Condition): Promise<unknown>
  ask(): Promise<unknown>
}

/** Whether the request is authorized; any other failure than a denial is thrown. */
export async function passes(call: Promise<unknown>): Promise<boolean> {
  try {
    await call
    return true
  } catch (error) {
    if (error instanceof Error && /^AccessDenied(?:Exception)?$/.test(error.name)) return false
    throw error
  }
}

export async function passesWhere(asker: Asker, condition: Condition): Promise<boolean> {
  await asker.allowWhere(condition)
  return passes(asker.ask())
}

/** The request has the key with this value, and with no other: only the right value lets it pass, in whatever case the key is written. */
export async function expectKey(asker: Asker, key: string, value: string, operator = 'StringEquals'): Promise<void> {
  expect(await passesWhere(asker, { [operator]: { [key]: value } }), `${key} is ${value}`).toBe(true)
  expect(await passesWhere(asker, { [operator]: { [swapCase(key)]: value } }), `${swapCase(key)} is ${value}`).toBe(
    true,
  )
  expect(await passesWhere(asker, { StringEquals: { [key]: `${value}-not` } }), `${key} is ${value}-not`).toBe(false)
}

/** The request has the multivalued key with exactly these values. */
export async function expectKeys(asker: Asker, key: string, values: readonly string[]): Promise<void> {
  const all = { 'ForAllValues:StringEquals': { [key]: values }, Null: { [key]: 'false' } }
  expect(await passesWhere(asker, all), `${key} is within ${values.join()}`).toBe(true)
  for (const value of values) {
    const one = { 'ForAnyValue:StringEquals': { [key]: value } }
    expect(await passesWhere(asker, one), `${key} contains ${value}`).toBe(true)
  }
  expect(await passesWhere(asker, { 'ForAnyValue:StringEquals': { [key]: 'none-of-them' } })).toBe(false)
}

/** The request does not have the key. */
export async function expectAbsent(asker: Asker, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    expect(await passesWhere(asker, { Null: { [key]: 'true' } }), `${key} is absent`).toBe(true)
    expect(await passesWhere(asker, { Null: { [key]: 'false' } }), `${key} is present`).toBe(false)
  }
}

function swapCase(key: string): string {
  return key.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  )
}

export interface TestUser {
  readonly name: string
  readonly arn: string
  readonly id: string
  readonly credentials: TestCredentials
  allowWhere(actions: readonly string[], condition: Condition): Promise<unknown>
}

const statement = (Action: readonly string[], Condition: Condition) =>
  policy({ Effect: 'Allow', Action, Resource: '*', Condition })

/** A user whose one inline policy allows the actions where a condition holds. */
export async function createUser(
  cloud: TestCloud,
  account: AccountName,
  name: string,
  tags: Readonly<Record<string, string>> = {},
): Promise<TestUser> {
  const iam = cloud.client(IAMClient, account)
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  const { User } = await iam.send(new CreateUserCommand({ UserName: name, Tags }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }))
  return {
    name,
    arn: User?.Arn ?? '',
    id: User?.UserId ?? '',
    credentials: { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' },
    allowWhere: (actions, condition) =>
      iam.send(
        new PutUserPolicyCommand({
          UserName: name,
          PolicyName: 'asked',
          PolicyDocument: statement(actions, condition),
        }),
      ),
  }
}

export interface TestRole {
  readonly name: string
  readonly arn: string
  readonly id: string
  allowWhere(actions: readonly string[], condition: Condition): Promise<unknown>
}

/** A role that everyone in its account may assume, tag and give a source identity. */
export async function createRole(
  cloud: TestCloud,
  account: AccountName,
  settings: { readonly name: string; readonly path?: string; readonly tags?: Readonly<Record<string, string>> },
): Promise<TestRole> {
  const { name, path = '/', tags = {} } = settings
  const iam = cloud.client(IAMClient, account)
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: name,
      Path: path,
      AssumeRolePolicyDocument: trusting({ AWS: ACCOUNTS[account] }, [
        'sts:AssumeRole',
        'sts:TagSession',
        'sts:SetSourceIdentity',
      ]),
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  )
  return {
    name,
    arn: Role?.Arn ?? '',
    id: Role?.RoleId ?? '',
    allowWhere: (actions, condition) =>
      iam.send(
        new PutRolePolicyCommand({
          RoleName: name,
          PolicyName: 'asked',
          PolicyDocument: statement(actions, condition),
        }),
      ),
  }
}

/** A session of a role, had by the administrator of its account. */
export async function assume(
  cloud: TestCloud,
  account: AccountName,
  input: ConstructorParameters<typeof AssumeRoleCommand>[0],
): Promise<TestCredentials> {
  return sessionOf(await cloud.client(STSClient, account).send(new AssumeRoleCommand(input)))
}
