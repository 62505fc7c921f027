/** The organization a project asks for, and the policies that authorization then sees above each account. */
import { beforeEach, describe, expect, it } from 'vitest'

import { parseAccountId } from '../../core/account.ts'
import { systemClock } from '../../core/clock.ts'
import { randomIds } from '../../core/ids.ts'
import { createState, type State } from '../../state/state.ts'
import { createOrganizations, type OrganizationPlan, type Organizations } from './index.ts'

const MANAGEMENT = parseAccountId('000000000001')
const SOURCE = parseAccountId('111122223333')
const TARGET = parseAccountId('444455556666')

const DENY = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'lambda:*', Resource: '*' }] }
const RCP_DENY = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Principal: '*', Action: 'sts:*', Resource: '*' }],
}
const MEMBERS = [
  { account: SOURCE, name: 'source' },
  { account: TARGET, name: 'target' },
]
const PLAIN: OrganizationPlan = { managementAccount: MANAGEMENT, members: MEMBERS }

function planned(
  organization: Partial<NonNullable<NonNullable<OrganizationPlan['project']>['organization']>>,
  parents: Readonly<Record<string, string>> = {},
): OrganizationPlan {
  const accounts = Object.fromEntries(
    MEMBERS.map(({ name, account }) => [name, { id: account, parent: parents[name], profile: undefined }]),
  )
  return {
    ...PLAIN,
    project: {
      accounts,
      organization: {
        organizationalUnits: {},
        serviceControlPolicies: {},
        resourceControlPolicies: {},
        ...organization,
      },
    },
  }
}

let state: State
let organizations: Organizations

beforeEach(() => {
  state = createState()
  organizations = createOrganizations({ state, clock: systemClock, ids: randomIds })
})

const scpNames = (account: string) =>
  organizations.directory.scpsOf(account)?.map((level) => level.map(({ name }) => name))
const rcpNames = (account: string) =>
  organizations.directory.rcpsOf(account)?.map((level) => level.map(({ name }) => name))

describe('a plan without a project', () => {
  it('puts the accounts under the root, with full access at each level', () => {
    organizations.ensureOrganization(PLAIN)
    expect(scpNames(SOURCE)).toEqual([['FullAWSAccess'], ['FullAWSAccess']])
    expect(rcpNames(SOURCE)).toEqual([['RCPFullAWSAccess'], ['RCPFullAWSAccess']])
    const facts = organizations.directory.organizationOf(SOURCE)
    expect(facts?.managementAccount).toBe(MANAGEMENT)
    expect(facts?.arn).toMatch(/^arn:aws:organizations::000000000001:organization\/o-[a-z0-9]{10}$/)
    expect(facts?.path).toMatch(/^o-[a-z0-9]{10}\/r-[a-z0-9]{4}\/$/)
  })

  it('leaves the management account and strangers without policies above them', () => {
    organizations.ensureOrganization(PLAIN)
    expect(scpNames(MANAGEMENT)).toBeUndefined()
    expect(rcpNames(MANAGEMENT)).toBeUndefined()
    expect(organizations.directory.organizationOf(MANAGEMENT)).toBeDefined()
    expect(scpNames('999999999999')).toBeUndefined()
    expect(organizations.directory.organizationOf('999999999999')).toBeUndefined()
  })
})

describe('a plan with a project', () => {
  const plan = planned(
    {
      organizationalUnits: { prod: { parent: 'workloads' }, workloads: {} },
      serviceControlPolicies: { NoLambda: { document: DENY, targets: ['prod', 'source'] } },
      resourceControlPolicies: { NoSts: { document: RCP_DENY, targets: ['root'] } },
    },
    { target: 'prod' },
  )

  it('makes units, placements, policies and attachments', () => {
    organizations.ensureOrganization(plan)
    expect(scpNames(SOURCE)).toEqual([['FullAWSAccess'], ['FullAWSAccess', 'NoLambda']])
    expect(scpNames(TARGET)).toEqual([
      ['FullAWSAccess'],
      ['FullAWSAccess'],
      ['FullAWSAccess', 'NoLambda'],
      ['FullAWSAccess'],
    ])
    expect(rcpNames(TARGET)?.[0]).toEqual(['RCPFullAWSAccess', 'NoSts'])
    expect(
      organizations.directory
        .organizationOf(TARGET)
        ?.path.split('/')
        .map((id) => id.split('-')[0]),
    ).toEqual(['o', 'r', 'ou', 'ou', ''])
  })

  it('names policies by their ARNs', () => {
    organizations.ensureOrganization(plan)
    const [full, own] = organizations.directory.scpsOf(SOURCE)?.[1] ?? []
    expect(full?.arn).toBe('arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess')
    expect(own?.arn).toMatch(
      /^arn:aws:organizations::000000000001:policy\/o-[a-z0-9]{10}\/service_control_policy\/p-[a-z0-9]{8}$/,
    )
  })

  it('changes nothing when it is carried out again', () => {
    organizations.ensureOrganization(plan)
    const before = state.snapshot()
    organizations.ensureOrganization(plan)
    expect(state.snapshot()).toEqual(before)
  })

  it('takes up a changed document and a changed placement', () => {
    organizations.ensureOrganization(plan)
    const before = organizations.directory.scpsOf(SOURCE)?.[1]?.[1]
    organizations.ensureOrganization(
      planned(
        {
          organizationalUnits: { workloads: {} },
          serviceControlPolicies: {
            NoLambda: { document: { ...DENY, Version: '2012-10-17', Id: 'new' }, targets: ['source'] },
          },
        },
        { target: 'workloads' },
      ),
    )
    const after = organizations.directory.scpsOf(SOURCE)?.[1]?.[1]
    expect(after?.arn).toBe(before?.arn)
    expect(after).not.toBe(before)
    expect(scpNames(TARGET)).toEqual([['FullAWSAccess'], ['FullAWSAccess'], ['FullAWSAccess']])
  })

  it('is refused when it names what is not there, or a circle', () => {
    expect(() => organizations.ensureOrganization(planned({}, { source: 'nowhere' }))).toThrow('`nowhere`')
    const circle = { a: { parent: 'b' }, b: { parent: 'a' } }
    expect(() => organizations.ensureOrganization(planned({ organizationalUnits: circle }))).toThrow('circle')
  })

  it('is refused when AWS would refuse a policy', () => {
    const serviceControlPolicies = { Bad: { document: { Statement: 'x' }, targets: ['root'] } }
    expect(() => organizations.ensureOrganization(planned({ serviceControlPolicies }))).toThrow(
      'The provided policy document does not meet the requirements of the specified policy type.',
    )
  })
})

describe('what the directory remembers', () => {
  it('is the very same until something changes', () => {
    organizations.ensureOrganization(PLAIN)
    expect(organizations.directory.scpsOf(SOURCE)).toBe(organizations.directory.scpsOf(SOURCE))
  })

  it('goes with a reset and comes back with a restore', () => {
    organizations.ensureOrganization(PLAIN)
    const path = organizations.directory.organizationOf(SOURCE)?.path
    const snapshot = state.snapshot()
    state.reset()
    expect(organizations.directory.organizationOf(SOURCE)).toBeUndefined()
    organizations.ensureOrganization({ ...PLAIN, members: [] })
    expect(organizations.directory.organizationOf(SOURCE)).toBeUndefined()
    state.restore(snapshot)
    expect(organizations.directory.organizationOf(SOURCE)?.path).toBe(path)
    expect(scpNames(SOURCE)).toEqual([['FullAWSAccess'], ['FullAWSAccess']])
  })
})
