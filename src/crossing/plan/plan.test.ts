/** Each limit that is counted rather than simulated, made to bind by the facts: what is needed of it, when it breaks, and how to raise it. */
import { describe, expect, it } from 'vitest'

import { functionReference } from '../crossing.ts'
import { constantly } from './simulation/durations.ts'
import type { FunctionFacts, FunctionNetwork, Known } from './facts/facts.ts'
import type { LimitKind, LimitVerdict, Plan } from './plan-data.ts'
import type { PlanOrder } from './plan-order.ts'
import { makePlan } from './plan.ts'
import { planReport } from './report.ts'
import { verdictText } from './verdict-text.ts'

const read = (value: number): Known => ({ value, source: 'read' })

const NETWORK: FunctionNetwork = {
  vpcId: 'vpc-1',
  subnets: [
    { id: 'subnet-a', cidr: '10.0.0.0/28', zone: 'us-east-1a', free: 11 },
    { id: 'subnet-b', cidr: '10.0.1.0/24', zone: 'us-east-1b', free: 250 },
  ],
  securityGroupIds: ['sg-2', 'sg-1'],
  lambdaInterfaces: [{ subnetId: 'subnet-b', securityGroupIds: ['sg-1', 'sg-2'] }],
  interfacesInRegion: 40,
  interfacesPerVpc: read(500),
  interfacesPerRegion: read(5000),
  createTokens: read(100),
  createTokensPerSecond: read(5),
  natGateways: [{ id: 'nat-1', subnetIds: ['subnet-a'], addresses: 1 }],
  natConnections: read(55_000),
}

const LATEST = { version: '$LATEST', provisioned: 0 }

const FACTS: FunctionFacts = {
  to: functionReference({ account: '444455556666', region: 'us-east-1', name: 'callee', qualifier: undefined }),
  accountLimit: read(1_000_000),
  unreserved: read(1_000_000),
  environmentsPerInterval: read(1_000_000),
  memoryMb: 512,
  timeoutMs: 3000,
  architecture: 'arm64',
  eventAgeMs: read(60_000),
  unread: [],
  isActive: false,
}

function planOf(
  network: Partial<FunctionNetwork>,
  more: Partial<PlanOrder> = {},
  facts: Partial<FunctionFacts> = {},
): Plan {
  const times = {
    duration: { durations: constantly(100), source: 'given' },
    init: { durations: constantly(0), source: 'given' },
  } as const
  return makePlan({
    // In second 5 a hundred a second, and so ten at once; in second 10 two hundred.
    profile: { executor: 'ramping-arrival-rate', start: 0, stages: [{ durationMs: 20_000, target: 400 }], warmUpMs: 0 },
    spacing: 'even',
    seed: 1,
    thinkTimeMs: 0,
    answerMs: 0,
    functions: [{ facts: { ...FACTS, network: { ...NETWORK, ...network }, ...facts }, ...times }],
    crossings: [{ fn: 0, version: LATEST, type: 'RequestResponse', weight: 1 }],
    connectionsPerEnvironment: 1,
    isToBeDeployed: false,
    notes: [],
    ...more,
  })
}

function limit({ limits }: Plan, kind: LimitKind, of?: string): LimitVerdict | undefined {
  return limits.find((row) => row.kind === kind && (of === undefined || row.of === of))
}

describe('a plan', () => {
  it('holds where there is enough of everything, and counts what is needed', () => {
    const plan = planOf({})
    expect(plan.limits.filter(({ holds }) => !holds)).toEqual([])
    expect(plan.ok).toBe(true)
    // One pair is there already, whatever the order of its security groups.
    expect(limit(plan, 'interfaces-per-vpc')).toMatchObject({ needed: 2, limit: 500, headroom: 498 })
    expect(limit(plan, 'interfaces-per-region')).toMatchObject({ needed: 41, limit: 5000 })
    expect(limit(plan, 'subnet-addresses', 'subnet-a')).toMatchObject({ needed: 1, limit: 11 })
    expect(limit(plan, 'subnet-addresses', 'subnet-b')).toMatchObject({ needed: 0, limit: 250 })
    expect(limit(plan, 'subnet-addresses', 'subnet-a')?.remark).toContain('11 of 11 addresses of 10.0.0.0/28')
    expect(limit(plan, 'account-concurrency')).toMatchObject({
      needed: 40,
      formula: { needed: expect.closeTo(40, 0) as number },
    })
  })

  it.each([
    ['interfaces-per-vpc', { interfacesPerVpc: read(1) }, 'ENILimitReachedException', 'L-9FEE3D26'],
    ['interfaces-per-region', { interfacesPerRegion: read(40) }, 'ENILimitReachedException', 'L-DF5E4CA3'],
    [
      'subnet-addresses',
      { subnets: NETWORK.subnets.map((subnet) => ({ ...subnet, free: 0 })) },
      'SubnetIPAddressLimitReachedException',
      undefined,
    ],
    // The role is checked with one, so that none is left for the interface.
    ['create-interface-requests', { createTokens: read(1) }, 'EC2ThrottledException', undefined],
  ] as const)('breaks when it is deployed: %s', (kind, network, cause, quotaCode) => {
    const plan = planOf(network)
    const broken = plan.limits.filter(({ holds }) => !holds)
    expect(broken).toMatchObject([{ kind, cause, headroom: -1, whenDeployed: true, firstSecond: 0, refused: 4000 }])
    expect(broken[0]?.raise?.quotaCode).toBe(quotaCode)
    expect(plan.functions).toMatchObject([{ arrived: 4000, served: 0, throttled: 0, unconnected: 4000 }])
    expect(plan.ok).toBe(false)
  })

  it('lets a function that is active serve on, whatever becomes of an update of it', () => {
    const plan = planOf({ interfacesPerVpc: read(1) }, {}, { isActive: true })
    expect(limit(plan, 'interfaces-per-vpc')).toMatchObject({ holds: false, whenDeployed: true })
    expect(plan.functions).toMatchObject([{ served: 4000, unconnected: 0 }])
  })

  it('connects functions one after the other: those that share interfaces share what becomes of them', () => {
    const [one] = [{ ...FACTS, network: NETWORK }]
    const other = { ...one, network: { ...NETWORK, securityGroupIds: ['sg-3'] } }
    const times = {
      duration: { durations: constantly(100), source: 'given' },
      init: { durations: constantly(0), source: 'given' },
    } as const
    const limits = { ...NETWORK, interfacesPerVpc: read(2) }
    const plan = planOf(
      {},
      {
        functions: [one, one, other].map((facts) => ({
          facts: { ...facts, network: { ...limits, securityGroupIds: facts.network.securityGroupIds } },
          ...times,
        })),
        crossings: [0, 1, 2].map((fn) => ({ fn, version: LATEST, type: 'RequestResponse', weight: 1 })),
      },
    )
    expect(plan.functions.map(({ unconnected }) => unconnected > 0)).toEqual([false, false, true])
  })

  it('never says that a limit holds whose figure nobody could read', () => {
    const because = 'User: nobody is not authorized'
    const assumed = planOf({}, {}, { unreserved: { value: 1000, source: 'default', because } })
    expect([assumed.verdict, assumed.ok]).toEqual(['assumed', false])
    expect(limit(assumed, 'account-concurrency')).toMatchObject({ holds: true, source: 'default', because })
    expect(verdictText(assumed)).toBe(
      'no limit that could be read breaks, but 1 is assumed: AWS was not asked or did not answer',
    )
    expect(planReport(assumed)).toContain(
      `assumed: AWS's default of 1,000, for its own could not be read: ${because}`.replaceAll("'", '&#39;'),
    )
    const unread = [{ what: 'its reserved concurrency', because }]
    const unjudged = planOf({}, {}, { unread })
    expect(unjudged).toMatchObject({
      verdict: 'assumed',
      ok: false,
      unjudged: [{ of: FACTS.to.unqualifiedArn, ...unread[0] }],
    })
    expect(planReport(unjudged)).not.toContain('very limit holds')
    // What breaks breaks, whatever could not be read besides.
    const broken = planOf({ createTokens: read(0) }, {}, { unread })
    expect(broken.verdict).toBe('breaks')
    expect(verdictText(broken)).toMatch(/^1 of \d+ limits break, first CreateNetworkInterface .*; 1 not judged: /)
    expect(verdictText(planOf({}, { isToBeDeployed: true }))).toBe('every limit of a new account holds')
  })

  it('makes every interface anew where everything is to be deployed', () => {
    expect(limit(planOf({}, { isToBeDeployed: true }), 'create-interface-requests')).toMatchObject({ needed: 3 })
  })

  it('counts connections: downstream, through a NAT gateway, and by interfaces', () => {
    const downstream = limit(planOf({}, { downstreamMax: 15 }), 'downstream-connections')
    // 150 a second, at 7.5 s.
    expect(downstream).toMatchObject({ needed: 40, holds: false, headroom: -25, firstSecond: 7 })
    // Half of the environments are in the subnet with the gateway.
    expect(limit(planOf({}, { connectionsPerEnvironment: 2500 }), 'nat-connections')).toMatchObject({
      needed: 50_000,
      limit: 55_000,
      holds: true,
    })
    const many = planOf({}, { connectionsPerEnvironment: 5000 })
    expect(limit(many, 'nat-connections')).toMatchObject({
      needed: 100_000,
      holds: false,
      cause: 'ErrorPortAllocation',
      firstSecond: 11,
    })
    // 200,000 connections are more than 65,000 by each of two interfaces: Lambda adds one in each subnet.
    expect(limit(many, 'connections-per-interface')).toMatchObject({ needed: 200_000, limit: 130_000, holds: true })
    expect(limit(many, 'interfaces-per-vpc')).toMatchObject({ needed: 4 })
    expect(limit(many, 'subnet-addresses', 'subnet-b')).toMatchObject({ needed: 1 })
  })

  it('says that a limit is hidden by another', () => {
    const plan = planOf({}, {}, { reserved: 10, accountLimit: read(10), environmentsPerInterval: read(3) })
    // It never grows to ten: it may not grow so fast.
    const reserved = limit(plan, 'reserved-concurrency')
    expect(reserved).toMatchObject({
      holds: false,
      needed: 40,
      headroom: -30,
      aloneSecond: 5,
      cause: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      formula: { firstSecond: 5 },
    })
    expect(reserved?.firstSecond).toBeUndefined()
    const scaling = limit(plan, 'scaling-rate')
    expect(scaling).toMatchObject({ holds: false, firstSecond: scaling?.aloneSecond })
    expect(plan.functions[0]?.ramp?.fromSecond).toBe(scaling?.firstSecond)
  })

  it('gives events up when they are too old', () => {
    const crossings = [{ fn: 0, version: LATEST, type: 'Event', weight: 1 }] as const
    const plan = planOf({}, { crossings }, { reserved: 1 })
    const [{ queue } = {}] = plan.functions
    expect(queue?.expired).toBeGreaterThan(0)
    expect(queue?.oldestSeconds).toBeCloseTo(60, 6)
    // The last came at 20 s, and is given up a minute later.
    expect(queue?.emptyAtSecond).toBeGreaterThanOrEqual(79)
    expect(queue?.emptyAtSecond).toBeLessThanOrEqual(80)
    expect(limit(plan, 'event-age')).toMatchObject({ holds: false, cause: 'EventAgeExceeded', refused: queue?.expired })
    expect(limit(plan, 'request-rate')).toBeUndefined()
  })

  it('takes from the account what does not run in provisioned environments', () => {
    const version = { version: '7', provisioned: 15 }
    const crossings = [
      { fn: 0, version, type: 'RequestResponse', weight: 1 },
      { fn: 0, version, type: 'RequestResponse', weight: 3 },
    ] as const
    expect(limit(planOf({}, { crossings }), 'account-concurrency')).toMatchObject({
      needed: 25,
      formula: { needed: expect.closeTo(25, 0) as number },
    })
  })

  it('is drawn as a page that needs nothing else', () => {
    const page = planReport(planOf({}, { notes: ['<b>careful</b>'] }, { reserved: 10 }))
    for (const text of ['Concurrency', 'Throttles a second', 'reserved concurrency 10', '&lt;b&gt;careful&lt;/b&gt;']) {
      expect(page).toContain(text)
    }
    expect(page).not.toMatch(/<script|src=|href=/)
  })

  it('draws what runs on through seconds in which nothing comes', () => {
    const plan = planOf(
      {},
      {
        profile: {
          executor: 'ramping-arrival-rate',
          start: 3,
          stages: [
            { durationMs: 1000, target: 3 },
            { durationMs: 0, target: 0 },
            { durationMs: 7000, target: 0 },
          ],
          warmUpMs: 0,
        },
        functions: [
          {
            facts: FACTS,
            duration: { durations: constantly(4500), source: 'given' },
            init: { durations: constantly(0), source: 'given' },
          },
        ],
      },
    )
    expect(plan.seconds.map(({ second, runningMax, running }) => [second, runningMax, running])).toEqual([
      [0, 3, 3],
      [4, 3, 1],
      [5, 1, 0],
    ])
    const [, line = ''] = /<path d="([^"]*)" class="line c1">/.exec(planReport(plan)) ?? []
    // Of six seconds, without a gap.
    expect(line.match(/[ML]/g)?.join('')).toBe('MLLLLL')
  })
})

describe('the machine of an Isthmus', () => {
  // A hundred a second for half a minute, each of which takes a second.
  const profile = {
    executor: 'constant-arrival-rate',
    start: 100,
    stages: [{ durationMs: 30_000, target: 100 }],
    warmUpMs: 0,
  } as const
  const slow = (hostEnvironments?: number) =>
    planOf(
      {},
      {
        profile,
        functions: [
          {
            facts: { ...FACTS, isActive: true, ...(hostEnvironments !== undefined && { hostEnvironments }) },
            duration: { durations: constantly(1000), source: 'given' },
            init: { durations: constantly(0), source: 'given' },
          },
        ],
      },
    )

  it('is no limit where it suffices, nor on AWS', () => {
    expect(slow(101).host).toBeUndefined()
    expect(slow().host).toBeUndefined()
  })

  it('refuses who finds none for ten seconds', () => {
    const { host, ok, notes } = slow(50)
    // Waits grow by a second for each second of arrivals beyond what is served.
    expect(host).toMatchObject({ environmentsMax: 50, firstSecond: 10 })
    // From then on every other one.
    expect(host?.refused).toBeGreaterThan(950)
    expect(host?.refused).toBeLessThan(1050)
    expect(ok).toBe(true)
    expect(notes.join('\n')).toContain('meets ServiceException at 10 s')
  })
})
