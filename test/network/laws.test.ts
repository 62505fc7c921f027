/** What holds of the evaluator in every world. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Flow, PacketContent } from '../../src/network/plan/flow.ts'
import type { NetworkAclEntry, NetworkModel, SecurityGroupRule } from '../../src/network/plan/model.ts'
import { decideByAcl } from '../../src/network/plan/network-acls.ts'
import { indexNetwork } from '../../src/network/plan/network-index.ts'
import { createReach, reach } from '../../src/network/plan/reach.ts'
import { effectiveRoutes, routeFor } from '../../src/network/plan/routes.ts'
import type { Verdict } from '../../src/network/plan/verdict.ts'
import { formatCidr } from '../../src/core/cidr.ts'
import { blockContains } from '../../src/network/plan/blocks.ts'
import { modelOf } from './world.ts'
import { randomScene } from './worlds.ts'

const RUNS = { numRuns: 40 }
const scene = randomScene(8)

/** What holds of the model and flows of every scene. */
function always(check: (model: NetworkModel, flows: readonly Flow[]) => void): void {
  fc.assert(
    fc.property(scene, ({ world, flows }) => check(modelOf(world), flows)),
    RUNS,
  )
}

/** What a sender and a receiver can tell, without the reasons. */
function effectOf(verdict: Verdict): unknown {
  if (verdict.outcome === 'dropped') return 'dropped'
  return { outcome: verdict.outcome, destination: verdict.destination, sourceAddress: verdict.sourceAddress }
}

/** Whatever arrived before a change still arrives after it, in the same way. */
function expectNoneLost(before: NetworkModel, after: NetworkModel, flows: readonly Flow[]): void {
  const [judge, judgeAfter] = [createReach(before), createReach(after)]
  for (const flow of flows) {
    const effect = effectOf(judge(flow))
    if (effect !== 'dropped') expect(effectOf(judgeAfter(flow))).toEqual(effect)
  }
}

function mapGroupRules(
  model: NetworkModel,
  change: (rules: readonly SecurityGroupRule[]) => readonly SecurityGroupRule[],
): NetworkModel {
  return { ...model, securityGroups: model.securityGroups.map((group) => ({ ...group, rules: change(group.rules) })) }
}

function mapAclEntries(
  model: NetworkModel,
  change: (entries: readonly NetworkAclEntry[], aclId: string) => readonly NetworkAclEntry[],
): NetworkModel {
  return { ...model, networkAcls: model.networkAcls.map((acl) => ({ ...acl, entries: change(acl.entries, acl.id) })) }
}

const groupRule: fc.Arbitrary<SecurityGroupRule> = fc.record({
  id: fc.constant('sgr-added'),
  direction: fc.constantFrom('ingress', 'egress'),
  traffic: fc.constantFrom({ protocol: 'all' } as const, { protocol: 'tcp', fromPort: 80, toPort: 443 } as const),
  peer: fc.constantFrom({ cidr: '0.0.0.0/0' }, { cidr: '10.0.0.0/8' }, { groupId: 'sg-a1' }, { groupId: 'sg-b1' }),
})

test('the same flow through the same world has the same verdict, however the world is written down', () => {
  always((model, flows) => {
    const reversed: NetworkModel = {
      vpcs: model.vpcs.toReversed(),
      subnets: model.subnets.toReversed(),
      routeTables: model.routeTables.map((table) => ({ ...table, routes: table.routes.toReversed() })).toReversed(),
      networkAcls: mapAclEntries(model, (entries) => entries.toReversed()).networkAcls,
      securityGroups: mapGroupRules(model, (rules) => rules.toReversed()).securityGroups.toReversed(),
      prefixLists: model.prefixLists.toReversed(),
      networkInterfaces: model.networkInterfaces
        .map((one) => ({ ...one, securityGroupIds: one.securityGroupIds.toReversed() }))
        .toReversed(),
      natGateways: model.natGateways.toReversed(),
      vpcEndpoints: model.vpcEndpoints.toReversed(),
      peeringConnections: model.peeringConnections.toReversed(),
      flowLogs: model.flowLogs,
    }
    for (const flow of flows) {
      expect(reach(model, flow)).toEqual(reach(model, flow))
      expect(effectOf(reach(reversed, flow))).toEqual(effectOf(reach(model, flow)))
    }
  })
})

test('the hops end with what decides, nothing before it does, and the reply comes after the request', () => {
  always((model, flows) => {
    for (const flow of flows) {
      const verdict = reach(model, flow)
      const deciding = verdict.hops.filter(
        ({ decision }) => decision === (verdict.outcome === 'refused' ? 'refuse' : 'drop'),
      )
      expect(deciding).toEqual(verdict.outcome === 'reached' ? [] : [verdict.blockedBy])
      if (verdict.outcome !== 'reached') expect(verdict.hops.at(-1)).toBe(verdict.blockedBy)
      const legs = verdict.hops.map(({ leg }) => leg)
      expect(legs).toEqual(legs.toSorted((one, other) => (one === other ? 0 : one === 'request' ? -1 : 1)))
    }
  })
})

test('another allow rule in a security group never blocks', () => {
  fc.assert(
    fc.property(scene, groupRule, ({ world, flows }, rule) => {
      const model = modelOf(world)
      expectNoneLost(
        model,
        mapGroupRules(model, (rules) => [...rules, rule]),
        flows,
      )
    }),
    RUNS,
  )
})

test('a security group rule less never lets more through', () => {
  fc.assert(
    fc.property(scene, fc.nat({ max: 5 }), ({ world, flows }, position) => {
      const model = modelOf(world)
      expectNoneLost(
        mapGroupRules(model, (rules) => rules.toSpliced(position, 1)),
        model,
        flows,
      )
    }),
    RUNS,
  )
})

test('a last entry that allows never blocks, and a first one that denies never lets more through', () => {
  fc.assert(
    fc.property(scene, fc.constantFrom('ingress', 'egress'), ({ world, flows }, direction) => {
      const model = modelOf(world)
      const entry = { direction, cidr: '0.0.0.0/0', traffic: { protocol: 'all' } } as const
      const opened = mapAclEntries(model, (entries) => [...entries, { ...entry, ruleNumber: 32_766, action: 'allow' }])
      const denied = mapAclEntries(model, (entries) => [{ ...entry, ruleNumber: 1, action: 'deny' }, ...entries])
      expectNoneLost(model, opened, flows)
      expectNoneLost(denied, model, flows)
    }),
    RUNS,
  )
})

test('a first entry that denies everything stops whatever crosses the edge of a subnet', () => {
  always((model, flows) => {
    const shut = mapAclEntries(model, (entries) => [
      { direction: 'egress', ruleNumber: 1, action: 'deny', cidr: '0.0.0.0/0', traffic: { protocol: 'all' } },
      ...entries,
    ])
    const index = indexNetwork(model)
    for (const flow of flows) {
      const verdict = reach(shut, flow)
      if (verdict.outcome === 'dropped') continue
      const sender = index.networkInterfaces.get(flow.from.kind === 'network-interface' ? flow.from.id : '')
      const receiver = verdict.destination.kind === 'network-interface' ? verdict.destination.id : ''
      const isOutside = sender === undefined && receiver === ''
      expect(isOutside || index.networkInterfaces.get(receiver)?.subnetId === sender?.subnetId).toBe(true)
    }
  })
})

test('without default routes nothing is reached that was not reached before', () => {
  always((model, flows) => {
    const routeTables = model.routeTables.map((table) => ({
      ...table,
      routes: table.routes.filter(({ destination }) => !('cidr' in destination) || destination.cidr !== '0.0.0.0/0'),
    }))
    expectNoneLost({ ...model, routeTables }, model, flows)
  })
})

test('a black hole for one address stops what a subnet sends there', () => {
  always((model, flows) => {
    for (const flow of flows) {
      if (flow.from.kind !== 'network-interface') continue
      const hole = { destination: { cidr: `${flow.to}/32` }, target: { kind: 'blackhole', id: 'nat-gone' } } as const
      const routeTables = model.routeTables.map((table) => ({ ...table, routes: [...table.routes, hole] }))
      expect(reach({ ...model, routeTables }, flow).outcome).toBe('dropped')
    }
  })
})

test('nothing enters a function or a NAT gateway', () => {
  always((model, flows) => {
    const closed = new Set(
      model.networkInterfaces
        .filter(({ kind }) => kind.kind === 'lambda' || kind.kind === 'nat-gateway')
        .map(({ id }) => id),
    )
    for (const flow of flows) {
      const verdict = reach(model, flow)
      if (verdict.outcome === 'dropped' || verdict.destination.kind !== 'network-interface') continue
      expect(closed.has(verdict.destination.id)).toBe(false)
    }
  })
})

test('without internet gateways no VPC and the internet meet', () => {
  always((model, flows) => {
    const vpcs = model.vpcs.map((vpc) => {
      const { internetGatewayId: _gone, ...rest } = vpc
      return rest
    })
    for (const flow of flows) {
      const verdict = reach({ ...model, vpcs }, flow)
      if (verdict.outcome === 'dropped') continue
      const endsInside = ['network-interface', 'vpc-endpoint'].includes(verdict.destination.kind)
      expect(endsInside).toBe(flow.from.kind === 'network-interface')
    }
  })
})

test('random worlds are worth it: flows arrive, are refused and are dropped by every kind of thing', () => {
  const outcomes = new Set<string>()
  for (const { world, flows } of fc.sample(scene, { numRuns: 150, seed: 1 })) {
    const judge = createReach(modelOf(world))
    for (const flow of flows) {
      const verdict = judge(flow)
      outcomes.add(
        verdict.outcome === 'dropped'
          ? `${verdict.blockedBy.kind} ${verdict.blockedBy.leg}`
          : `${verdict.outcome} ${verdict.destination.kind}`,
      )
    }
  }
  expect([...outcomes].toSorted()).toEqual([
    'internet request',
    'internet-gateway request',
    'nat-gateway request',
    'network-acl reply',
    'network-acl request',
    'network-interface request',
    'reached aws-service',
    'reached internet',
    'reached network-interface',
    'reached vpc-endpoint',
    'refused internet',
    'refused network-interface',
    'route-table reply',
    'route-table request',
    'security-group request',
    'vpc request',
    'vpc-endpoint request',
    'vpc-peering request',
  ])
})

const PORT_MAX = 40
const range = fc
  .tuple(fc.nat({ max: PORT_MAX }), fc.nat({ max: PORT_MAX }))
  .map(([one, other]) => ({ from: Math.min(one, other), to: Math.max(one, other) }))

function tcpTo(from: number, to: number) {
  const content: PacketContent = {
    protocol: 'tcp',
    sourcePorts: { from: 80, to: 80 },
    destinationPorts: { from, to },
  }
  return { source: '10.0.0.1', destination: '10.0.0.2', content }
}

test('a network ACL lets a range of ports through exactly when it lets every one of them through', () => {
  const entry = fc.tuple(range, fc.constantFrom<NetworkAclEntry['action']>('allow', 'allow', 'deny'))
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), range, (entries, { from, to }) => {
      const acl = {
        id: 'acl-1',
        vpcId: 'vpc-1',
        entries: entries.map(([ports, action], position): NetworkAclEntry => ({
          direction: 'ingress',
          ruleNumber: position + 1,
          action,
          cidr: '0.0.0.0/0',
          traffic: { protocol: 'tcp', fromPort: ports.from, toPort: ports.to },
        })),
      }
      const each = Array.from({ length: to - from + 1 }, (_, offset) => from + offset).map(
        (port) => entries.find(([ports]) => ports.from <= port && port <= ports.to)?.[1] === 'allow',
      )
      expect(decideByAcl(acl, 'ingress', tcpTo(from, to)).allowed).toBe(each.every(Boolean))
    }),
    { numRuns: 1000 },
  )
})

test('the route that takes an address contains it, and none that contains it is longer', () => {
  always((model, flows) => {
    const index = indexNetwork(model)
    for (const { id } of model.routeTables) {
      const routes = effectiveRoutes(index, id)
      for (const { to } of flows) {
        const containing = routes.filter(({ destination }) => blockContains(formatCidr(destination), to))
        const longest = Math.max(...containing.map(({ destination }) => destination.prefixLength))
        const taken = routeFor(routes, to)
        expect(taken?.destination.prefixLength).toBe(containing.length === 0 ? undefined : longest)
        expect(taken === undefined || containing.includes(taken)).toBe(true)
      }
    }
  })
})
