/** Organizations of accounts that no cloud is started with: nobody signs as one of those, so the operations are called as the pipeline does. */
import { expect, it } from 'vitest'

import { parseAccountId } from '../../core/account.ts'
import { systemClock } from '../../core/clock.ts'
import { randomIds } from '../../core/ids.ts'
import { parseRegion } from '../../core/region.ts'
import { createState } from '../../state/state.ts'
import type { Caller } from '../caller.ts'
import { createOrganizations, type CreatedAccount } from './index.ts'

const created: (CreatedAccount & { readonly account: string })[] = []
const { service, directory } = createOrganizations({
  state: createState(),
  clock: systemClock,
  ids: randomIds,
  onAccountCreated: (account, details) => {
    created.push({ account, ...details })
  },
})

function callerOf(id: string): Caller {
  const account = parseAccountId(id)
  return {
    principal: { kind: 'root', account, arn: `arn:aws:iam::${account}:root` },
    account,
    region: parseRegion('us-east-1'),
    requestId: 'r',
  }
}

async function call(account: string, operation: string, input: object = {}): Promise<object> {
  const bound = service.operations[operation]
  if (!bound) throw new Error(`no operation ${operation}`)
  bound.permissions(input, callerOf(account))
  return bound.handle(input, callerOf(account))
}

it('is not in use before it is created', async () => {
  const notInUse = {
    name: 'AWSOrganizationsNotInUseException',
    message: 'Your account is not a member of an organization.',
  }
  await expect(call('777788889999', 'DescribeOrganization')).rejects.toMatchObject(notInUse)
  await expect(call('777788889999', 'ListRoots')).rejects.toMatchObject(notInUse)
  await expect(call('777788889999', 'DescribePolicy', { PolicyId: 'p-12345678' })).rejects.toMatchObject(notInUse)
})

it('starts with all features and service control policies', async () => {
  const answer = await call('777788889999', 'CreateOrganization')
  expect(answer).toMatchObject({ Organization: { FeatureSet: 'ALL', MasterAccountId: '777788889999' } })
  expect(await call('777788889999', 'ListRoots')).toMatchObject({
    Roots: [{ PolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }] }],
  })
})

it('may be for billing only, and then has no policies', async () => {
  await call('666677778888', 'CreateOrganization', { FeatureSet: 'CONSOLIDATED_BILLING' })
  const { Roots } = (await call('666677778888', 'ListRoots')) as { Roots: { Id: string; PolicyTypes: object[] }[] }
  expect(Roots[0]?.PolicyTypes).toEqual([])
  const notAvailable = {
    name: 'PolicyTypeNotAvailableForOrganizationException',
    message: "You can't use the specified policy type with the feature set currently enabled for this organization.",
  }
  const enable = { RootId: Roots[0]?.Id, PolicyType: 'SERVICE_CONTROL_POLICY' }
  await expect(call('666677778888', 'EnablePolicyType', enable)).rejects.toMatchObject(notAvailable)
  const policy = { Name: 'p', Description: '', Type: 'SERVICE_CONTROL_POLICY', Content: '{}' }
  await expect(call('666677778888', 'CreatePolicy', policy)).rejects.toMatchObject(notAvailable)
})

it('keeps apart from other organizations', async () => {
  expect(await call('777788889999', 'ListAccounts')).toMatchObject({ Accounts: [{ Id: '777788889999' }] })
  expect(directory.organizationOf('777788889999')?.id).not.toBe(directory.organizationOf('666677778888')?.id)
})

it('tells who must make the role of a new account', async () => {
  await call('777788889999', 'CreateAccount', { AccountName: 'new', Email: 'new@example.org', RoleName: 'Owner' })
  expect(created).toEqual([
    { account: expect.stringMatching(/^\d{12}$/), name: 'new', managementAccount: '777788889999', roleName: 'Owner' },
  ])
  expect(directory.scpsOf(created[0]?.account ?? '')).toHaveLength(2)
})
