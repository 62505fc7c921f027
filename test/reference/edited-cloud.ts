/** IAM, Organizations and the authorize step of a cloud, without the rest: something to edit and to ask. */
import { parseAccountId } from '../../src/core/account.ts'
import { systemClock } from '../../src/core/clock.ts'
import { randomIds } from '../../src/core/ids.ts'
import { parseRegion } from '../../src/core/region.ts'
import type { Principal } from '../../src/policy/model.ts'
import { createAuthorizer, type Authorizer } from '../../src/server/authorize.ts'
import type { Caller } from '../../src/services/caller.ts'
import type { CloudService } from '../../src/services/cloud-service.ts'
import { createIam } from '../../src/services/iam/index.ts'
import { createOrganizations } from '../../src/services/organizations/index.ts'
import { EncodedMessages } from '../../src/services/sts/encoded-messages.ts'
import { createState } from '../../src/state/state.ts'
import type { Document, Statement } from './documents.ts'

const MANAGEMENT = parseAccountId('000000000001')
export const MEMBER = parseAccountId('111122223333')
const OTHER = '444455556666'

export const NAMES = ['one', 'two'] as const
export const NODES = ['root', 'outer', 'inner', 'account'] as const
export const PARENTS = ['root', 'outer', 'inner'] as const
export const FULL_ACCESS: Document = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
}
export const FULL_RCP: Document = {
  Version: '2012-10-17',
  Statement: [{ ...FULL_ACCESS.Statement[0], Principal: '*' } as Statement],
}

export type Name = (typeof NAMES)[number]
export type Node = (typeof NODES)[number]
export type Parent = (typeof PARENTS)[number]
export type Who = 'role' | 'user'

export interface Clouds {
  readonly iam: Run
  readonly organizations: Run
  readonly authorizer: Authorizer
  readonly callers: Readonly<Record<Who, Caller>>
  readonly nodeIds: Readonly<Record<Node, string>>
  readonly scpIds: Readonly<Record<Name, string>>
  readonly organizationId: string
}

type Run = (operation: string, input: object) => unknown

export function createClouds(): Clouds {
  const foundations = { state: createState(), clock: systemClock, ids: randomIds }
  const iam = createIam(foundations)
  const organizations = createOrganizations(foundations)
  organizations.ensureOrganization({
    managementAccount: MANAGEMENT,
    members: [
      { account: MEMBER, name: 'member' },
      { account: parseAccountId(OTHER), name: 'other' },
    ],
  })
  const runIam = runAs(iam.service, callerOf({ kind: 'root', account: MEMBER, arn: `arn:aws:iam::${MEMBER}:root` }))
  const management: Principal = { kind: 'root', account: MANAGEMENT, arn: `arn:aws:iam::${MANAGEMENT}:root` }
  const runOrganizations = runAs(organizations.service, callerOf(management))

  runIam('CreateRole', { RoleName: 'role', AssumeRolePolicyDocument: TRUST })
  runIam('CreateUser', { UserName: 'user' })
  runIam('CreateGroup', { GroupName: 'group' })
  for (const PolicyName of NAMES) runIam('CreatePolicy', { PolicyName, PolicyDocument: JSON.stringify(FULL_ACCESS) })
  const { Roots } = runOrganizations('ListRoots', {}) as { Roots: readonly { Id: string }[] }
  const root = Roots[0]?.Id ?? ''
  const createUnit = (Name: string, ParentId: string): string => {
    const created = runOrganizations('CreateOrganizationalUnit', { Name, ParentId })
    return (created as { OrganizationalUnit: { Id: string } }).OrganizationalUnit.Id
  }
  const outer = createUnit('outer', root)
  const inner = createUnit('inner', outer)
  const createScp = (Name: string): string => {
    const input = { Name, Description: '', Type: 'SERVICE_CONTROL_POLICY', Content: JSON.stringify(FULL_ACCESS) }
    const created = runOrganizations('CreatePolicy', input) as { Policy: { PolicySummary: { Id: string } } }
    return created.Policy.PolicySummary.Id
  }
  const roleArn = `arn:aws:iam::${MEMBER}:role/role`
  const userArn = `arn:aws:iam::${MEMBER}:user/user`
  return {
    iam: runIam,
    organizations: runOrganizations,
    authorizer: createAuthorizer({
      identities: iam.directory,
      organizations: organizations.directory,
      endpoints: { endpoint: () => undefined },
      messages: new EncodedMessages(foundations),
      clock: systemClock,
    }),
    callers: {
      role: callerOf({
        kind: 'role-session',
        account: MEMBER,
        arn: `arn:aws:sts::${MEMBER}:assumed-role/role/session`,
        roleArn,
        roleId: iam.directory.uniqueIdOf(roleArn) ?? '',
        roleName: 'role',
        sessionName: 'session',
        serviceLinked: false,
      }),
      user: callerOf({
        kind: 'user',
        account: MEMBER,
        arn: userArn,
        uniqueId: iam.directory.uniqueIdOf(userArn) ?? '',
        name: 'user',
      }),
    },
    nodeIds: { root, outer, inner, account: MEMBER },
    scpIds: { one: createScp('one'), two: createScp('two') },
    organizationId: organizations.directory.organizationOf(MEMBER)?.id ?? '',
  }
}

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})

function runAs(service: CloudService, caller: Caller): Run {
  return (operation, input) => {
    const bound = service.operations[operation]
    if (bound === undefined) throw new Error(`no operation ${operation}`)
    return bound.handle(input, caller)
  }
}

function callerOf(principal: Extract<Principal, { account: string }>): Caller {
  return {
    principal,
    account: parseAccountId(principal.account),
    region: parseRegion('us-east-1'),
    requestId: 'test',
  }
}

/** `o-a/r-b/ou-c/` */
export function pathOf(parent: Parent, { organizationId, nodeIds: { root, outer, inner } }: Clouds): string {
  const units = { root: [], outer: [outer], inner: [outer, inner] }[parent]
  return [organizationId, root, ...units, ''].join('/')
}
