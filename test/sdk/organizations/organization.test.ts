/** The organization, its root and its policy types. */
import {
  CreateOrganizationCommand,
  DescribeOrganizationCommand,
  DisablePolicyTypeCommand,
  EnablePolicyTypeCommand,
  ListAccountsCommand,
  ListPoliciesForTargetCommand,
  ListRootsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { expectRefusal } from './errors.ts'

let cloud: TestCloud
let management: OrganizationsClient

beforeAll(async () => {
  cloud = await startCloud()
  management = cloud.client(OrganizationsClient, 'management')
})
afterAll(() => cloud.close())

it('describes itself to the management account and to members alike', async () => {
  const { Organization: seen } = await management.send(new DescribeOrganizationCommand({}))
  expect(seen).toEqual({
    Id: expect.stringMatching(/^o-[a-z0-9]{10}$/),
    Arn: `arn:aws:organizations::${ACCOUNTS.management}:organization/${seen?.Id}`,
    FeatureSet: 'ALL',
    MasterAccountArn: `arn:aws:organizations::${ACCOUNTS.management}:account/${seen?.Id}/${ACCOUNTS.management}`,
    MasterAccountId: ACCOUNTS.management,
    MasterAccountEmail: 'management@example.com',
    AvailablePolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }],
  })
  const member = await cloud.client(OrganizationsClient, 'source').send(new DescribeOrganizationCommand({}))
  expect(member.Organization).toEqual(seen)
})

it('answers everything else only to the management account', async () => {
  await expectRefusal(
    cloud.client(OrganizationsClient, 'source').send(new ListAccountsCommand({})),
    'AccessDeniedException',
    "You don't have permissions to access this resource.",
  )
})

it('says so when the caller may not by its own policies', async () => {
  const iam = cloud.client(IAMClient, 'management')
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: ACCOUNTS.management }, Action: 'sts:AssumeRole' }],
  }
  await iam.send(new CreateRoleCommand({ RoleName: 'nobody', AssumeRolePolicyDocument: JSON.stringify(trust) }))
  const { Roots = [] } = await management.send(new ListRootsCommand({}))
  const allow = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'organizations:ListPoliciesForTarget', Resource: Roots[0]?.Arn }],
  }
  await iam.send(
    new PutRolePolicyCommand({ RoleName: 'nobody', PolicyName: 'p', PolicyDocument: JSON.stringify(allow) }),
  )
  const { Credentials } = await cloud
    .client(STSClient, 'management')
    .send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNTS.management}:role/nobody`, RoleSessionName: 'session' }),
    )
  const nobody = cloud.client(OrganizationsClient, {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  })
  await expectRefusal(
    nobody.send(new ListRootsCommand({})),
    'AccessDeniedException',
    `User: arn:aws:sts::${ACCOUNTS.management}:assumed-role/nobody/session is not authorized to perform: organizations:ListRoots on resource: * because no identity-based policy allows the organizations:ListRoots action`,
  )
  const input = { TargetId: Roots[0]?.Id, Filter: 'SERVICE_CONTROL_POLICY' } as const
  expect((await nobody.send(new ListPoliciesForTargetCommand(input))).Policies).toHaveLength(1)
})

it('has one root with both policy types enabled', async () => {
  const { Organization } = await management.send(new DescribeOrganizationCommand({}))
  const { Roots, NextToken } = await management.send(new ListRootsCommand({}))
  expect(NextToken).toBeUndefined()
  expect(Roots).toEqual([
    {
      Id: expect.stringMatching(/^r-[a-z0-9]{4}$/),
      Arn: `arn:aws:organizations::${ACCOUNTS.management}:root/${Organization?.Id}/${Roots?.[0]?.Id}`,
      Name: 'Root',
      PolicyTypes: [
        { Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' },
        { Type: 'RESOURCE_CONTROL_POLICY', Status: 'ENABLED' },
      ],
    },
  ])
})

it('disables a policy type everywhere and enables it afresh', async () => {
  const { Roots = [] } = await management.send(new ListRootsCommand({}))
  const RootId = Roots[0]?.Id
  const type = { RootId, PolicyType: 'SERVICE_CONTROL_POLICY' } as const
  const attached = { TargetId: ACCOUNTS.source, Filter: 'SERVICE_CONTROL_POLICY' } as const

  await expectRefusal(
    management.send(new EnablePolicyTypeCommand(type)),
    'PolicyTypeAlreadyEnabledException',
    'The specified policy type is already enabled.',
  )
  const disabled = await management.send(new DisablePolicyTypeCommand(type))
  expect(disabled.Root?.PolicyTypes).toEqual([{ Type: 'RESOURCE_CONTROL_POLICY', Status: 'ENABLED' }])
  expect((await management.send(new ListPoliciesForTargetCommand(attached))).Policies).toEqual([])
  await expectRefusal(
    management.send(new DisablePolicyTypeCommand(type)),
    'PolicyTypeNotEnabledException',
    'This operation can be performed only for enabled policy types.',
  )
  const enabled = await management.send(new EnablePolicyTypeCommand(type))
  expect(enabled.Root?.PolicyTypes).toHaveLength(2)
  const { Policies = [] } = await management.send(new ListPoliciesForTargetCommand(attached))
  expect(Policies.map(({ Id }) => Id)).toEqual(['p-FullAWSAccess'])

  await expectRefusal(
    management.send(new DisablePolicyTypeCommand({ ...type, RootId: 'r-zzzz' })),
    'RootNotFoundException',
    "You specified a root that doesn't exist.",
  )
  await expectRefusal(
    management.send(new EnablePolicyTypeCommand({ RootId, PolicyType: 'TAG_POLICY' })),
    'InvalidInputException',
    'Isthmus does not implement the policy type `TAG_POLICY`, expected SERVICE_CONTROL_POLICY or RESOURCE_CONTROL_POLICY',
    'INVALID_ENUM_POLICY_TYPE',
  )
})

it('is not created by an account that is in one', async () => {
  const member = cloud.client(OrganizationsClient, 'source')
  await expectRefusal(
    member.send(new CreateOrganizationCommand({})),
    'AlreadyInOrganizationException',
    'The provided account is already a member of an organization.',
  )
})
