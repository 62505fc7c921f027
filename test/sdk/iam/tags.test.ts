/** Tags of users, roles and policies. */
import {
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  ListPolicyTagsCommand,
  ListRoleTagsCommand,
  ListUserTagsCommand,
  TagPolicyCommand,
  TagRoleCommand,
  TagUserCommand,
  UntagPolicyCommand,
  UntagRoleCommand,
  UntagUserCommand,
  type Tag,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { allowing, trusting } from './documents.ts'

const PolicyArn = 'arn:aws:iam::111122223333:policy/t'

let cloud: TestCloud
let iam: IAMClient

beforeAll(async () => {
  cloud = await startCloud()
  iam = cloud.client(IAMClient, 'source')
  await iam.send(new CreateUserCommand({ UserName: 't' }))
  await iam.send(new CreateRoleCommand({ RoleName: 't', AssumeRolePolicyDocument: trusting('*') }))
  await iam.send(new CreatePolicyCommand({ PolicyName: 't', PolicyDocument: allowing('s3:*') }))
})
afterAll(() => cloud.close())

interface Kind {
  tag(tags: Tag[]): Promise<unknown>
  untag(keys: string[]): Promise<unknown>
  list(page: object): Promise<{ Tags?: Tag[] | undefined; Marker?: string | undefined }>
}

const kinds: Readonly<Record<string, Kind>> = {
  user: {
    tag: (Tags) => iam.send(new TagUserCommand({ UserName: 't', Tags })),
    untag: (TagKeys) => iam.send(new UntagUserCommand({ UserName: 't', TagKeys })),
    list: (page) => iam.send(new ListUserTagsCommand({ UserName: 't', ...page })),
  },
  role: {
    tag: (Tags) => iam.send(new TagRoleCommand({ RoleName: 't', Tags })),
    untag: (TagKeys) => iam.send(new UntagRoleCommand({ RoleName: 't', TagKeys })),
    list: (page) => iam.send(new ListRoleTagsCommand({ RoleName: 't', ...page })),
  },
  policy: {
    tag: (Tags) => iam.send(new TagPolicyCommand({ PolicyArn, Tags })),
    untag: (TagKeys) => iam.send(new UntagPolicyCommand({ PolicyArn, TagKeys })),
    list: (page) => iam.send(new ListPolicyTagsCommand({ PolicyArn, ...page })),
  },
}

describe.each(Object.entries(kinds))('the tags of a %s', (_, entity) => {
  test('are added, replaced regardless of case, listed in pages and removed', async () => {
    await entity.tag([
      { Key: 'Team', Value: 'red' },
      { Key: 'Shift', Value: 'day' },
    ])
    await entity.tag([{ Key: 'team', Value: 'blue' }])
    const first = await entity.list({ MaxItems: 1 })
    expect(first).toMatchObject({ Tags: [{ Key: 'Shift', Value: 'day' }], IsTruncated: true })
    expect(await entity.list({ Marker: first.Marker })).toMatchObject({ Tags: [{ Key: 'team', Value: 'blue' }] })
    await entity.untag(['TEAM', 'Shift', 'never there'])
    expect((await entity.list({})).Tags).toEqual([])
  })

  test('have distinct keys, are not named like those of AWS, and are at most fifty', async () => {
    await expect(
      entity.tag([
        { Key: 'a', Value: '1' },
        { Key: 'A', Value: '2' },
      ]),
    ).rejects.toMatchObject({
      name: 'InvalidInputException',
      message: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    })
    await expect(entity.tag([{ Key: 'aws:x', Value: '1' }])).rejects.toMatchObject({ name: 'InvalidInputException' })
    await entity.tag(Array.from({ length: 50 }, (_unused, i) => ({ Key: `k${i}`, Value: '' })))
    await expect(entity.tag([{ Key: 'one more', Value: '' }])).rejects.toMatchObject({ name: 'LimitExceededException' })
    await expect(
      entity.tag(Array.from({ length: 51 }, (_unused, i) => ({ Key: `k${i}`, Value: '' }))),
    ).rejects.toMatchObject({ name: 'ValidationError' })
  })
})
