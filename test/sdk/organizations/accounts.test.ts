/** Accounts and organizational units: made, moved, listed, named and removed. */
import {
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  DeleteOrganizationalUnitCommand,
  DescribeAccountCommand,
  DescribeCreateAccountStatusCommand,
  DescribeOrganizationalUnitCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListChildrenCommand,
  ListCreateAccountStatusCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListPoliciesForTargetCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
  paginateListAccounts,
  UpdateOrganizationalUnitCommand,
} from '@aws-sdk/client-organizations'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { expectRefusal } from './errors.ts'

const NO_UNIT = 'ou-zzzz-zzzzzzzz'

let cloud: TestCloud
let client: OrganizationsClient
let root: string

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(OrganizationsClient, 'management')
  root = (await client.send(new ListRootsCommand({}))).Roots?.[0]?.Id ?? ''
})
afterAll(() => cloud.close())

async function createUnit(Name: string, ParentId = root): Promise<string> {
  const { OrganizationalUnit } = await client.send(new CreateOrganizationalUnitCommand({ Name, ParentId }))
  return OrganizationalUnit?.Id ?? ''
}

describe('accounts', () => {
  it('are listed and described', async () => {
    const { Accounts = [] } = await client.send(new ListAccountsCommand({}))
    expect(Accounts.map(({ Id }) => Id)).toEqual([ACCOUNTS.management, ACCOUNTS.source, ACCOUNTS.target])
    const { Account } = await client.send(new DescribeAccountCommand({ AccountId: ACCOUNTS.source }))
    expect(Account).toEqual({
      Id: ACCOUNTS.source,
      Arn: expect.stringMatching(/^arn:aws:organizations::000000000001:account\/o-[a-z0-9]{10}\/111122223333$/),
      Email: 'source@example.com',
      Name: 'source',
      Status: 'ACTIVE',
      State: 'ACTIVE',
      Paths: [expect.stringMatching(/^o-[a-z0-9]{10}\/r-[a-z0-9]{4}\/111122223333\/$/)],
      JoinedMethod: 'CREATED',
      JoinedTimestamp: expect.any(Date),
    })
  })

  it('come in pages', async () => {
    const pages: (readonly (string | undefined)[])[] = []
    for await (const page of paginateListAccounts({ client, pageSize: 2 }, {})) {
      pages.push((page.Accounts ?? []).map(({ Id }) => Id))
    }
    expect(pages.map(({ length }) => length)).toEqual([2, 1])
    expect(new Set(pages.flat()).size).toBe(3)
    await expectRefusal(
      client.send(new ListAccountsCommand({ NextToken: 'nonsense' })),
      'InvalidInputException',
      'You specified an invalid value.',
      'INVALID_NEXT_TOKEN',
    )
  })

  it('that do not exist are not found', async () => {
    await expectRefusal(
      client.send(new DescribeAccountCommand({ AccountId: '999999999999' })),
      'AccountNotFoundException',
      "You specified an account that doesn't exist.",
    )
  })

  it('are created, and the request tells how it went', async () => {
    const { CreateAccountStatus: begun } = await client.send(
      new CreateAccountCommand({ AccountName: 'fresh', Email: 'fresh@example.org', Tags: [{ Key: 'k', Value: 'v' }] }),
    )
    expect(begun).toMatchObject({ AccountName: 'fresh', State: 'IN_PROGRESS', Id: expect.stringMatching(/^car-/) })
    const { CreateAccountStatus: done } = await client.send(
      new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: begun?.Id }),
    )
    expect(done).toMatchObject({ State: 'SUCCEEDED', AccountId: expect.stringMatching(/^\d{12}$/) })
    const { Account } = await client.send(new DescribeAccountCommand({ AccountId: done?.AccountId }))
    expect(Account).toMatchObject({ Name: 'fresh', Email: 'fresh@example.org', Status: 'ACTIVE' })
    const { Policies } = await client.send(
      new ListPoliciesForTargetCommand({ TargetId: done?.AccountId, Filter: 'RESOURCE_CONTROL_POLICY' }),
    )
    expect(Policies?.map(({ Id }) => Id)).toEqual(['p-RCPFullAWSAccess'])
  })

  it('fail to be created with an address that is taken', async () => {
    const request = new CreateAccountCommand({ AccountName: 'again', Email: 'source@example.com' })
    const { CreateAccountStatus: begun } = await client.send(request)
    const { CreateAccountStatus: done } = await client.send(
      new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: begun?.Id }),
    )
    expect(done).toMatchObject({ State: 'FAILED', FailureReason: 'EMAIL_ALREADY_EXISTS' })
    expect(done?.AccountId).toBeUndefined()
    const { CreateAccountStatuses } = await client.send(new ListCreateAccountStatusCommand({ States: ['FAILED'] }))
    expect(CreateAccountStatuses?.map(({ Id }) => Id)).toEqual([begun?.Id])
    const page = await client.send(new ListCreateAccountStatusCommand({ MaxResults: 1 }))
    expect(page.CreateAccountStatuses).toHaveLength(1)
    expect(page.NextToken).toBeDefined()
  })

  it('have no request but those that were made', async () => {
    await expectRefusal(
      client.send(new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: 'car-zzzzzzzz' })),
      'CreateAccountStatusNotFoundException',
      "We can't find a create account request with the CreateAccountRequestId that you specified.",
    )
  })
})

describe('organizational units', () => {
  it('are made under the root or each other, with full access attached', async () => {
    const outer = await createUnit('outer')
    expect(outer).toMatch(new RegExp(`^ou-${root.slice(2)}-[a-z0-9]{8}$`))
    const inner = await createUnit('inner', outer)
    const { OrganizationalUnit } = await client.send(
      new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: inner }),
    )
    expect(OrganizationalUnit).toEqual({
      Id: inner,
      Arn: expect.stringMatching(new RegExp(`^arn:aws:organizations::000000000001:ou/o-[a-z0-9]{10}/${inner}$`)),
      Name: 'inner',
      Path: expect.stringMatching(new RegExp(`^o-[a-z0-9]{10}/${root}/${outer}/${inner}/$`)),
    })
    const { Policies } = await client.send(
      new ListPoliciesForTargetCommand({ TargetId: inner, Filter: 'SERVICE_CONTROL_POLICY' }),
    )
    expect(Policies?.map(({ Id }) => Id)).toEqual(['p-FullAWSAccess'])
    const { OrganizationalUnits } = await client.send(new ListOrganizationalUnitsForParentCommand({ ParentId: outer }))
    expect(OrganizationalUnits?.map(({ Name }) => Name)).toEqual(['inner'])
  })

  it('have names of their own among siblings', async () => {
    const parent = await createUnit('names')
    const one = await createUnit('one', parent)
    const two = await createUnit('two', parent)
    const duplicate = ['DuplicateOrganizationalUnitException', 'An OU with the same name already exists.'] as const
    await expectRefusal(createUnit('one', parent), ...duplicate)
    const rename = new UpdateOrganizationalUnitCommand({ OrganizationalUnitId: two, Name: 'one' })
    await expectRefusal(client.send(rename), ...duplicate)
    const renamed = await client.send(new UpdateOrganizationalUnitCommand({ OrganizationalUnitId: one, Name: 'three' }))
    expect(renamed.OrganizationalUnit?.Name).toBe('three')
    await createUnit('one', parent)
  })

  it('go five levels deep', async () => {
    let parent = await createUnit('level 1')
    for (let level = 2; level <= 5; level++) parent = await createUnit(`level ${level}`, parent)
    await expectRefusal(
      createUnit('level 6', parent),
      'ConstraintViolationException',
      'You have exceeded the maximum nesting depth for organizational units.',
      'OU_DEPTH_LIMIT_EXCEEDED',
    )
  })

  it('are deleted once they are empty', async () => {
    const parent = await createUnit('full')
    const child = await createUnit('child', parent)
    await expectRefusal(
      client.send(new DeleteOrganizationalUnitCommand({ OrganizationalUnitId: parent })),
      'OrganizationalUnitNotEmptyException',
      'The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.',
    )
    await client.send(new DeleteOrganizationalUnitCommand({ OrganizationalUnitId: child }))
    await client.send(new DeleteOrganizationalUnitCommand({ OrganizationalUnitId: parent }))
    await expectRefusal(
      client.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: parent })),
      'OrganizationalUnitNotFoundException',
      "You specified an organizational unit that doesn't exist.",
    )
  })

  it('that do not exist are no parents', async () => {
    const missing = ['ParentNotFoundException', "You specified parent that doesn't exist."] as const
    await expectRefusal(createUnit('orphan', NO_UNIT), ...missing)
    await expectRefusal(client.send(new ListAccountsForParentCommand({ ParentId: NO_UNIT })), ...missing)
    await expectRefusal(client.send(new ListOrganizationalUnitsForParentCommand({ ParentId: NO_UNIT })), ...missing)
    await expectRefusal(client.send(new ListChildrenCommand({ ParentId: NO_UNIT, ChildType: 'ACCOUNT' })), ...missing)
  })
})

describe('the tree', () => {
  it('is walked down and up, and accounts move in it', async () => {
    const unit = await createUnit('home')
    const move = { AccountId: ACCOUNTS.target, SourceParentId: root, DestinationParentId: unit }
    await client.send(new MoveAccountCommand(move))
    const { Accounts } = await client.send(new ListAccountsForParentCommand({ ParentId: unit }))
    expect(Accounts?.map(({ Id }) => Id)).toEqual([ACCOUNTS.target])
    const children = await client.send(new ListChildrenCommand({ ParentId: unit, ChildType: 'ACCOUNT' }))
    expect(children.Children).toEqual([{ Id: ACCOUNTS.target, Type: 'ACCOUNT' }])
    const units = await client.send(new ListChildrenCommand({ ParentId: root, ChildType: 'ORGANIZATIONAL_UNIT' }))
    expect(units.Children).toContainEqual({ Id: unit, Type: 'ORGANIZATIONAL_UNIT' })
    const parents = await client.send(new ListParentsCommand({ ChildId: ACCOUNTS.target }))
    expect(parents.Parents).toEqual([{ Id: unit, Type: 'ORGANIZATIONAL_UNIT' }])
    expect((await client.send(new ListParentsCommand({ ChildId: unit }))).Parents).toEqual([{ Id: root, Type: 'ROOT' }])

    await expectRefusal(
      client.send(new MoveAccountCommand({ ...move, SourceParentId: unit })),
      'DuplicateAccountException',
      'That account is already present in the specified destination.',
    )
    const elsewhere = await createUnit('elsewhere')
    await expectRefusal(
      client.send(new MoveAccountCommand({ ...move, DestinationParentId: elsewhere })),
      'AccountNotFoundException',
      "You specified an account that doesn't exist.",
    )
    await expectRefusal(
      client.send(new MoveAccountCommand({ ...move, SourceParentId: NO_UNIT })),
      'SourceParentNotFoundException',
      "You specified a source parent that doesn't exist.",
    )
    await expectRefusal(
      client.send(new MoveAccountCommand({ ...move, DestinationParentId: NO_UNIT })),
      'DestinationParentNotFoundException',
      "You specified a destination parent that doesn't exist.",
    )
  })

  it('has no children but its own', async () => {
    await expectRefusal(
      client.send(new ListParentsCommand({ ChildId: '999999999999' })),
      'ChildNotFoundException',
      "You specified a child that doesn't exist.",
    )
  })
})
