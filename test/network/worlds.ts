/**
 * Random VPC worlds and flows in them, built so that flows often meet what decides. Shared by the laws of the evaluator and by the comparison
 * with real packets, so it stays clear of what chance decides there: rules name service ports below 1024 or every ephemeral one.
 */
import * as fc from 'fast-check'

import type { Flow, FlowSource } from '../../src/network/plan/flow.ts'
import type { NetworkModel } from '../../src/network/plan/model.ts'
import { modelOf, type World } from './world.ts'

const PORTS = [22, 80, 443] as const
/** Addresses outside of VPCs, with one that nobody has. */
const OUTSIDE = ['203.0.113.10', '198.18.0.1', '198.18.0.129', '203.0.113.77'] as const
const NOBODY = '10.0.1.99'

const TRAFFIC = ['all', ...PORTS.map((port) => `tcp ${port}`), 'tcp 80-443', 'udp 53', 'icmp'] as const
const BLOCKS = [
  '0.0.0.0/0',
  '10.0.0.0/16',
  '10.1.0.0/16',
  '10.0.1.0/24',
  '10.0.2.0/24',
  '203.0.113.0/24',
  '198.18.0.0/16',
  '10.0.1.10/32',
] as const

/** VPC a has gateways and endpoints, b may be peered with it, and c is a's twin: the same block, joined to nothing. */
const VPCS = { a: '10.0.0.0/16', b: '10.1.0.0/16', c: '10.0.0.0/16' } as const
type VpcName = keyof typeof VPCS
const SUBNETS = [1, 2, 3] as const

const NEARBY_GROUPS: Readonly<Record<VpcName, readonly string[]>> = {
  a: ['sg-a1', 'sg-a2', 'sg-b1'],
  b: ['sg-b1', 'sg-b2', 'sg-a1'],
  c: ['sg-c1', 'sg-c2'],
}

const ROUTES: Readonly<Record<VpcName, readonly string[]>> = {
  a: [
    ...['igw-a', 'nat-a', 'nat-private', 'gone nat-old'].map((target) => `0.0.0.0/0 -> ${target}`),
    ...['igw-a', 'nat-a', 'gone nat-old', 'eni-a3-host'].map((target) => `203.0.113.0/24 -> ${target}`),
    '198.18.0.0/16 -> nat-a',
    'pl-s3 -> vpce-s3',
    '10.1.0.0/16 -> pcx-ab',
    '10.1.1.0/24 -> gone pcx-old',
  ],
  b: ['10.0.0.0/16 -> pcx-ab', '10.0.1.0/24 -> pcx-ab', '0.0.0.0/0 -> pcx-ab', '10.0.2.0/24 -> gone pcx-old'],
  c: ['0.0.0.0/0 -> igw-a', '10.1.0.0/16 -> pcx-ab'],
}

function groupRule(vpc: VpcName): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom('in', 'out'),
      fc.constantFrom(...TRAFFIC),
      fc.constantFrom(...BLOCKS, ...NEARBY_GROUPS[vpc], 'pl-s3'),
    )
    .map(([direction, traffic, peer]) => `${direction} ${traffic} ${direction === 'in' ? 'from' : 'to'} ${peer}`)
}

/** Half of the groups let everything out, else too few flows would get far. */
function groupRules(vpc: VpcName): fc.Arbitrary<string[]> {
  return fc
    .tuple(fc.array(groupRule(vpc), { maxLength: 4 }), fc.boolean(), fc.boolean())
    .map(([rules, lets, takes]) => [
      ...rules,
      ...(lets ? ['out all to 0.0.0.0/0'] : []),
      ...(takes ? ['in all from 0.0.0.0/0'] : []),
    ])
}

const aclEntry = fc
  .tuple(
    fc.constantFrom('in', 'out'),
    fc.constantFrom('allow', 'allow', 'deny'),
    fc.constantFrom(...TRAFFIC, 'tcp 1024-65535', 'tcp 1024-65535'),
    fc.constantFrom(...BLOCKS),
  )
  .map(
    ([direction, action, traffic, block]) =>
      `${direction} ${action} ${traffic} ${direction === 'in' ? 'from' : 'to'} ${block}`,
  )

/** Numbered by position; most end by allowing everything. */
const aclEntries = fc
  .tuple(fc.array(aclEntry, { maxLength: 5 }), fc.boolean(), fc.boolean())
  .map(([entries, letsOut, letsIn]) => [
    ...entries.map((entry, position) => `${(position + 1) * 10} ${entry}`),
    ...(letsOut ? ['900 out allow all to 0.0.0.0/0'] : []),
    ...(letsIn ? ['910 in allow all from 0.0.0.0/0'] : []),
  ])

function routesOf(vpc: VpcName): fc.Arbitrary<string[]> {
  return fc.uniqueArray(fc.constantFrom(...ROUTES[vpc]), {
    maxLength: 4,
    selector: (route) => route.split(' ')[0],
  })
}

interface SubnetDraw {
  readonly routes: string[]
  readonly acl: string[] | undefined
  readonly functionGroups: string[]
  readonly hostGroups: string[]
  readonly listens: number[]
  readonly isPublic: boolean
}

function subnetDraw(vpc: VpcName): fc.Arbitrary<SubnetDraw> {
  const groups = fc.uniqueArray(fc.constantFrom(`sg-${vpc}1`, `sg-${vpc}2`), { minLength: 1, maxLength: 2 })
  return fc.record({
    routes: routesOf(vpc),
    acl: fc.option(aclEntries, { nil: undefined, freq: 2 }),
    functionGroups: groups,
    hostGroups: groups,
    listens: fc.uniqueArray(fc.constantFrom(...PORTS), { maxLength: 3 }),
    isPublic: fc.boolean(),
  })
}

interface VpcDraw {
  readonly subnets: readonly SubnetDraw[]
  readonly groups: readonly string[][]
}

function vpcDraw(vpc: VpcName): fc.Arbitrary<VpcDraw> {
  return fc.record({
    subnets: fc.tuple(...SUBNETS.map(() => subnetDraw(vpc))),
    groups: fc.tuple(groupRules(vpc), groupRules(vpc)),
  })
}

const draws = fc.record({
  a: vpcDraw('a'),
  b: vpcDraw('b'),
  c: vpcDraw('c'),
  hasGateway: fc.boolean(),
  hasNat: fc.boolean(),
  hasEndpoints: fc.boolean(),
  isPeered: fc.boolean(),
})

/** As a description, which is what a person wants to see of a counterexample; `modelOf` makes the model. */
export const randomWorld: fc.Arbitrary<World> = draws.map((draw) => {
  const names: readonly VpcName[] = ['a', 'b', 'c']
  const subnets = names.flatMap((vpc) =>
    draw[vpc].subnets.map((subnet, position) => ({
      vpc,
      ...subnet,
      number: position + 1,
      id: `subnet-${vpc}${position + 1}`,
    })),
  )
  return {
    vpcs: Object.fromEntries(
      names.map((vpc) => [
        `vpc-${vpc}`,
        { cidrs: [VPCS[vpc]], ...(vpc === 'a' && draw.hasGateway ? { internetGateway: 'igw-a' } : {}) },
      ]),
    ),
    subnets: Object.fromEntries(
      subnets.map(({ id, vpc, number, routes, acl }) => [
        id,
        {
          vpc: `vpc-${vpc}`,
          cidr: `${blockOf(vpc)}.${number}.0/24`,
          routes,
          ...(acl === undefined ? {} : { acl: id.replace('subnet-', 'acl-') }),
        },
      ]),
    ),
    networkAcls: Object.fromEntries(
      subnets.flatMap(({ id, acl }) => (acl === undefined ? [] : [[id.replace('subnet-', 'acl-'), acl]])),
    ),
    groups: Object.fromEntries(
      names.map((vpc) => [
        `vpc-${vpc}`,
        Object.fromEntries(draw[vpc].groups.map((rules, position) => [`sg-${vpc}${position + 1}`, rules])),
      ]),
    ),
    interfaces: Object.fromEntries(
      subnets.flatMap(({ id, vpc, number, functionGroups, hostGroups, listens, isPublic }) => [
        [`eni-${vpc}${number}-fn`, { subnet: id, address: `${blockOf(vpc)}.${number}.10`, groups: functionGroups }],
        [
          `eni-${vpc}${number}-host`,
          {
            subnet: id,
            address: `${blockOf(vpc)}.${number}.20`,
            groups: hostGroups,
            listens,
            ...(isPublic && vpc !== 'c'
              ? { publicAddress: `${vpc === 'a' ? '198.51.100' : '192.0.2'}.${number}` }
              : {}),
          },
        ],
      ]),
    ),
    natGateways: draw.hasNat
      ? {
          'nat-a': { subnet: 'subnet-a3', address: '10.0.3.5', publicAddress: '198.51.100.5' },
          'nat-private': { subnet: 'subnet-a2', address: '10.0.2.5' },
        }
      : {},
    endpoints: draw.hasEndpoints
      ? {
          'vpce-lambda': {
            vpc: 'vpc-a',
            service: 'lambda',
            addresses: { 'subnet-a2': '10.0.2.50' },
            groups: ['sg-a2'],
          },
          'vpce-s3': { vpc: 'vpc-a', service: 's3' },
        }
      : {},
    peerings: { 'pcx-ab': { between: ['vpc-a', 'vpc-b'], active: draw.isPeered } },
  }
})

/** A flow over tcp from whoever can send to an address that means something in the world. */
export function randomFlow(model: NetworkModel): fc.Arbitrary<Flow> {
  const senders = model.networkInterfaces.filter(({ kind }) => kind.kind === 'lambda' || kind.kind === 'host')
  const addresses = model.networkInterfaces.flatMap(({ address, publicAddress }) =>
    publicAddress === undefined ? [address] : [address, publicAddress],
  )
  return fc
    .record({
      from: fc.constantFrom<FlowSource>(
        ...senders.map(({ id }) => ({ kind: 'network-interface', id }) as const),
        { kind: 'internet' },
        { kind: 'lambda-service' },
      ),
      to: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...addresses) },
        { weight: 1, arbitrary: fc.constantFrom(...OUTSIDE, NOBODY) },
      ),
      protocol: fc.constant('tcp' as const),
      port: fc.constantFrom(...PORTS),
    })
    .filter(({ from, to }) => !isToItself(model, from, to))
}

export interface Scene {
  readonly world: World
  readonly flows: readonly Flow[]
}

/** A world with so many flows in it. */
export function randomScene(flowCount: number): fc.Arbitrary<Scene> {
  return randomWorld.chain((world) =>
    fc
      .array(randomFlow(modelOf(world)), { minLength: flowCount, maxLength: flowCount })
      .map((flows) => ({ world, flows })),
  )
}

function blockOf(vpc: VpcName): string {
  return VPCS[vpc].split('.').slice(0, 2).join('.')
}

function isToItself(model: NetworkModel, from: FlowSource, to: string): boolean {
  const sender = model.networkInterfaces.find(({ id }) => from.kind === 'network-interface' && id === from.id)
  return sender !== undefined && (sender.address === to || sender.publicAddress === to)
}
