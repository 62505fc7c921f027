/** Policies, where they are attached, and their tags. */
import {
  AttachPolicyCommand,
  CreateOrganizationalUnitCommand,
  CreatePolicyCommand,
  DeletePolicyCommand,
  DescribePolicyCommand,
  DetachPolicyCommand,
  ListPoliciesCommand,
  ListPoliciesForTargetCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  ListTargetsForPolicyCommand,
  OrganizationsClient,
  paginateListPolicies,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePolicyCommand,
  type PolicyType,
} from '@aws-sdk/client-organizations'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { expectRefusal } from './errors.ts'

const SCP = 'SERVICE_CONTROL_POLICY'
const RCP = 'RESOURCE_CONTROL_POLICY'
const DENY = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'ec2:*', Resource: '*' }] }
const RCP_DENY = { Version: '2012-10-17', Statement: [{ ...DENY.Statement[0], Principal: '*', Action: 's3:*' }] }

let cloud: TestCloud
let client: OrganizationsClient
let root: string
let made = 0

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(OrganizationsClient, 'management')
  root = (await client.send(new ListRootsCommand({}))).Roots?.[0]?.Id ?? ''
})
afterAll(() => cloud.close())

async function createPolicy(
  Type: PolicyType = SCP,
  Content: unknown = Type === SCP ? DENY : RCP_DENY,
): Promise<string> {
  const input = { Name: `policy ${++made}`, Description: 'd', Type, Content: JSON.stringify(Content) }
  return (await client.send(new CreatePolicyCommand(input))).Policy?.PolicySummary?.Id ?? ''
}

async function createUnit(): Promise<string> {
  const input = { Name: `unit ${++made}`, ParentId: root }
  return (await client.send(new CreateOrganizationalUnitCommand(input))).OrganizationalUnit?.Id ?? ''
}

describe('policies', () => {
  it('are created, described, updated and deleted', async () => {
    const content = JSON.stringify(DENY, undefined, 2)
    const created = await client.send(
      new CreatePolicyCommand({ Name: 'no ec2', Description: 'why', Type: SCP, Content: content }),
    )
    const summary = created.Policy?.PolicySummary
    expect(summary).toEqual({
      Id: expect.stringMatching(/^p-[a-z0-9]{8}$/),
      Arn: expect.stringMatching(
        new RegExp(`^arn:aws:organizations::000000000001:policy/o-[a-z0-9]{10}/service_control_policy/${summary?.Id}$`),
      ),
      Name: 'no ec2',
      Description: 'why',
      Type: SCP,
      AwsManaged: false,
    })
    const PolicyId = summary?.Id
    const described = await client.send(new DescribePolicyCommand({ PolicyId }))
    expect(described.Policy).toEqual({ PolicySummary: summary, Content: content })
    const updated = await client.send(new UpdatePolicyCommand({ PolicyId, Name: 'no ec2 at all' }))
    expect(updated.Policy).toEqual({ PolicySummary: { ...summary, Name: 'no ec2 at all' }, Content: content })
    await client.send(new DeletePolicyCommand({ PolicyId }))
    await expectRefusal(
      client.send(new DescribePolicyCommand({ PolicyId })),
      'PolicyNotFoundException',
      "You specified a policy that doesn't exist.",
    )
  })

  it('include the ones AWS manages, which nobody changes', async () => {
    const described = await client.send(new DescribePolicyCommand({ PolicyId: 'p-FullAWSAccess' }))
    expect(described.Policy?.PolicySummary).toEqual({
      Id: 'p-FullAWSAccess',
      Arn: 'arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess',
      Name: 'FullAWSAccess',
      Description: 'Allows access to every operation',
      Type: SCP,
      AwsManaged: true,
    })
    const refused = [
      'InvalidInputException',
      "You specified a policy that is managed by AWS and can't be modified.",
      'IMMUTABLE_POLICY',
    ] as const
    await expectRefusal(client.send(new UpdatePolicyCommand({ PolicyId: 'p-FullAWSAccess', Name: 'x' })), ...refused)
    await expectRefusal(client.send(new DeletePolicyCommand({ PolicyId: 'p-FullAWSAccess' })), ...refused)
  })

  it('are listed by type in pages', async () => {
    for (let i = 0; i < 5; i++) await createPolicy(RCP)
    const ids: (string | undefined)[] = []
    for await (const page of paginateListPolicies({ client, pageSize: 2 }, { Filter: RCP })) {
      expect(page.Policies?.length).toBeLessThanOrEqual(2)
      ids.push(...(page.Policies ?? []).map(({ Id }) => Id))
    }
    expect(ids).toContain('p-RCPFullAWSAccess')
    expect(new Set(ids).size).toBe(6)
    await expectRefusal(
      client.send(new ListPoliciesCommand({ Filter: 'BACKUP_POLICY' })),
      'InvalidInputException',
      'Isthmus does not implement the policy type `BACKUP_POLICY`, expected SERVICE_CONTROL_POLICY or RESOURCE_CONTROL_POLICY',
      'INVALID_ENUM_POLICY_TYPE',
    )
  })

  it('have names of their own within a type', async () => {
    const named = (Type: PolicyType, Content: object) =>
      new CreatePolicyCommand({ Name: 'one name', Description: '', Type, Content: JSON.stringify(Content) })
    const taken = ['DuplicatePolicyException', 'A policy with the specified name and type already exists.'] as const
    await client.send(named(SCP, DENY))
    await expectRefusal(client.send(named(SCP, DENY)), ...taken)
    await client.send(named(RCP, RCP_DENY))
    const PolicyId = await createPolicy()
    await expectRefusal(client.send(new UpdatePolicyCommand({ PolicyId, Name: 'one name' })), ...taken)
  })

  it.each<[string, PolicyType, unknown]>([
    ['is not a policy', SCP, { Version: '2012-10-17' }],
    ['names a principal', SCP, { ...DENY, Statement: [{ ...DENY.Statement[0], Principal: '*' }] }],
    ['allows by an RCP', RCP, { ...RCP_DENY, Statement: [{ ...RCP_DENY.Statement[0], Effect: 'Allow' }] }],
    [
      'allows everything by an RCP',
      RCP,
      { ...RCP_DENY, Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] },
    ],
    ['has no principal in an RCP', RCP, DENY],
  ])('are malformed when the document %s', async (_why, type, document) => {
    await expectRefusal(
      createPolicy(type, document),
      'MalformedPolicyDocumentException',
      'The provided policy document does not meet the requirements of the specified policy type.',
    )
  })

  it('have a greatest size, white space included', async () => {
    const padded = (characters: number) => JSON.stringify(DENY).padEnd(characters, ' ')
    const create = (characters: number) =>
      client.send(
        new CreatePolicyCommand({ Name: `${characters}`, Description: '', Type: SCP, Content: padded(characters) }),
      )
    await create(10_240)
    await expectRefusal(
      create(10_241),
      'ConstraintViolationException',
      'You have exceeded the maximum policy size.',
      'POLICY_CONTENT_LIMIT_EXCEEDED',
    )
  })
})

describe('attachments', () => {
  it('are listed from both sides and taken away again', async () => {
    const PolicyId = await createPolicy()
    const TargetId = await createUnit()
    await client.send(new AttachPolicyCommand({ PolicyId, TargetId }))
    await client.send(new AttachPolicyCommand({ PolicyId, TargetId: root }))
    await client.send(new AttachPolicyCommand({ PolicyId, TargetId: ACCOUNTS.source }))
    const { Policies } = await client.send(new ListPoliciesForTargetCommand({ TargetId, Filter: SCP }))
    expect(Policies?.map(({ Id }) => Id).sort()).toEqual([PolicyId, 'p-FullAWSAccess'].sort())
    const { Targets = [] } = await client.send(new ListTargetsForPolicyCommand({ PolicyId }))
    expect(Targets.map(({ TargetId: id, Type, Name }) => ({ id, Type, Name }))).toEqual(
      expect.arrayContaining([
        { id: root, Type: 'ROOT', Name: 'Root' },
        { id: TargetId, Type: 'ORGANIZATIONAL_UNIT', Name: expect.stringMatching(/^unit/) },
        { id: ACCOUNTS.source, Type: 'ACCOUNT', Name: 'source' },
      ]),
    )
    const page = await client.send(new ListTargetsForPolicyCommand({ PolicyId, MaxResults: 2 }))
    expect(page.Targets).toHaveLength(2)
    const rest = await client.send(new ListTargetsForPolicyCommand({ PolicyId, NextToken: page.NextToken }))
    expect(rest.Targets).toHaveLength(1)

    await expectRefusal(
      client.send(new AttachPolicyCommand({ PolicyId, TargetId })),
      'DuplicatePolicyAttachmentException',
      'The selected policy is already attached to the specified target.',
    )
    await expectRefusal(
      client.send(new DeletePolicyCommand({ PolicyId })),
      'PolicyInUseException',
      'The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.',
    )
    for (const id of [TargetId, root, ACCOUNTS.source]) {
      await client.send(new DetachPolicyCommand({ PolicyId, TargetId: id }))
    }
    await expectRefusal(
      client.send(new DetachPolicyCommand({ PolicyId, TargetId })),
      'PolicyNotAttachedException',
      "The policy isn't attached to the specified target in the specified root.",
    )
    await client.send(new DeletePolicyCommand({ PolicyId }))
  })

  it('leave at least one service control policy, whichever it is', async () => {
    const TargetId = await createUnit()
    const PolicyId = await createPolicy()
    const full = { PolicyId: 'p-FullAWSAccess', TargetId }
    const last = [
      'ConstraintViolationException',
      'You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.',
      'MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED',
    ] as const
    await expectRefusal(client.send(new DetachPolicyCommand(full)), ...last)
    await client.send(new AttachPolicyCommand({ PolicyId, TargetId }))
    await client.send(new DetachPolicyCommand(full))
    await expectRefusal(client.send(new DetachPolicyCommand({ PolicyId, TargetId })), ...last)
    await client.send(new AttachPolicyCommand(full))
  })

  it('never lose RCPFullAWSAccess', async () => {
    await expectRefusal(
      client.send(new DetachPolicyCommand({ PolicyId: 'p-RCPFullAWSAccess', TargetId: root })),
      'InvalidInputException',
      "You can't detach this policy from the specified resource.",
      'NON_DETACHABLE_POLICY',
    )
  })

  it.each<[PolicyType, number]>([
    [SCP, 10],
    [RCP, 5],
  ])('of %s are at most %i to a target', async (type, most) => {
    const TargetId = await createUnit()
    for (let i = 1; i < most; i++)
      await client.send(new AttachPolicyCommand({ PolicyId: await createPolicy(type), TargetId }))
    await expectRefusal(
      client.send(new AttachPolicyCommand({ PolicyId: await createPolicy(type), TargetId })),
      'ConstraintViolationException',
      'You have attached the maximum number of policies to the specified target.',
      'MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED',
    )
  })

  it('need a policy and a target', async () => {
    const PolicyId = await createPolicy()
    const noPolicy = { PolicyId: 'p-zzzzzzzz', TargetId: root }
    const noTarget = { PolicyId, TargetId: '999999999999' }
    const policyMissing = ['PolicyNotFoundException', "You specified a policy that doesn't exist."] as const
    const targetMissing = ['TargetNotFoundException', "You specified a target that doesn't exist."] as const
    await expectRefusal(client.send(new AttachPolicyCommand(noPolicy)), ...policyMissing)
    await expectRefusal(client.send(new DetachPolicyCommand(noPolicy)), ...policyMissing)
    await expectRefusal(client.send(new ListTargetsForPolicyCommand({ PolicyId: 'p-zzzzzzzz' })), ...policyMissing)
    await expectRefusal(client.send(new AttachPolicyCommand(noTarget)), ...targetMissing)
    await expectRefusal(client.send(new DetachPolicyCommand(noTarget)), ...targetMissing)
    const list = new ListPoliciesForTargetCommand({ TargetId: '999999999999', Filter: SCP })
    await expectRefusal(client.send(list), ...targetMissing)
  })
})

describe('tags', () => {
  it('are put on the root, units, accounts and policies', async () => {
    for (const ResourceId of [root, await createUnit(), ACCOUNTS.target, await createPolicy()]) {
      const list = async () => (await client.send(new ListTagsForResourceCommand({ ResourceId }))).Tags
      await client.send(
        new TagResourceCommand({
          ResourceId,
          Tags: [
            { Key: 'a', Value: '1' },
            { Key: 'b', Value: '' },
          ],
        }),
      )
      await client.send(new TagResourceCommand({ ResourceId, Tags: [{ Key: 'a', Value: '2' }] }))
      expect(await list()).toEqual([
        { Key: 'a', Value: '2' },
        { Key: 'b', Value: '' },
      ])
      await client.send(new UntagResourceCommand({ ResourceId, TagKeys: ['a', 'absent'] }))
      expect(await list()).toEqual([{ Key: 'b', Value: '' }])
    }
  })

  it('are refused where AWS refuses them', async () => {
    const tag = (ResourceId: string, ...keys: string[]) =>
      client.send(new TagResourceCommand({ ResourceId, Tags: keys.map((Key) => ({ Key, Value: '' })) }))
    await expectRefusal(
      tag('999999999999', 'a'),
      'TargetNotFoundException',
      "You specified a target that doesn't exist.",
    )
    await expectRefusal(
      tag('p-FullAWSAccess', 'a'),
      'InvalidInputException',
      'You provided a value that does not match the required pattern.',
      'INVALID_PATTERN',
    )
    await expectRefusal(
      tag(root, 'twice', 'Twice'),
      'InvalidInputException',
      'Tag keys must be unique among the tags attached to the same entity.',
      'DUPLICATE_TAG_KEY',
    )
    await expectRefusal(
      tag(root, 'aws:x'),
      'InvalidInputException',
      "You specified a tag key that is a system tag. You can't add, edit, or delete system tag keys because they're reserved for AWS use.",
      'INVALID_SYSTEM_TAGS_PARAMETER',
    )
    const many = Array.from({ length: 51 }, (_, index) => `key${index}`)
    await expectRefusal(
      tag(root, ...many),
      'ConstraintViolationException',
      'You have exceeded the number of tags allowed on this resource.',
      'MAX_TAG_LIMIT_EXCEEDED',
    )
  })
})
