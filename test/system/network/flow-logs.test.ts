/** Flow records of real packets: what interfaces let through and what they did not. */
import { setTimeout as sleep } from 'node:timers/promises'

import { describe, expect, it } from 'vitest'

import { type Clock, systemClock } from '../../../src/core/clock.ts'
import type { FlowRecord } from '../../../src/network/plan/flow-record.ts'
import type { FlowLog, NetworkModel } from '../../../src/network/plan/model.ts'
import { modelOf } from '../../network/world.ts'
import { probe } from './probe.ts'
import { createWorld, isRefusedHere, type World } from './world.ts'

const refused = await isRefusedHere()

/** Seconds become fractions of seconds. */
const hasty: Clock = { now: () => systemClock.now(), after: (ms, action) => systemClock.after(ms / 25, action) }
const WAIT_MS_MAX = 10_000

function modelWith(flowLogs: readonly FlowLog[]): NetworkModel {
  const model = modelOf({
    vpcs: { 'vpc-a': { cidrs: ['10.0.0.0/16'], internetGateway: 'igw-a' } },
    subnets: {
      'subnet-public': { vpc: 'vpc-a', cidr: '10.0.0.0/24', routes: ['0.0.0.0/0 -> igw-a'] },
      'subnet-fn': { vpc: 'vpc-a', cidr: '10.0.1.0/24', routes: ['0.0.0.0/0 -> nat-a'] },
      'subnet-db': { vpc: 'vpc-a', cidr: '10.0.2.0/24' },
      'subnet-shut': { vpc: 'vpc-a', cidr: '10.0.3.0/24', acl: 'acl-shut' },
    },
    networkAcls: { 'acl-shut': ['100 out allow all to 0.0.0.0/0'] },
    groups: { 'vpc-a': { 'sg-fn': ['out all to 0.0.0.0/0'], 'sg-db': ['in tcp 443 from sg-fn'] } },
    interfaces: { 'eni-fn': { subnet: 'subnet-fn', address: '10.0.1.10', groups: ['sg-fn'] } },
    natGateways: { 'nat-a': { subnet: 'subnet-public', address: '10.0.0.5', publicAddress: '198.19.0.5' } },
    endpoints: {
      'vpce-lambda': {
        vpc: 'vpc-a',
        service: 'lambda',
        addresses: { 'subnet-db': '10.0.2.50', 'subnet-shut': '10.0.3.50' },
        groups: ['sg-db'],
      },
    },
  })
  return { ...model, flowLogs }
}

async function until(world: World, wanted: (flows: readonly FlowRecord[]) => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < WAIT_MS_MAX && !wanted(world.flows); waitedMs += 50) await sleep(50)
}

/** Whether records still come when all packets have: the last ones may be told by a later reading. */
async function grows(world: World): Promise<boolean> {
  for (let look = 0; look < 10; look++) {
    const before = world.flows.length
    await sleep(500)
    if (world.flows.length === before) return false
  }
  return true
}

/** `eni-fn 10.0.1.10 > 10.0.2.50:443 ACCEPT`; the sender's port is chance. */
function shown({ networkInterfaceId, sourceAddress, destinationAddress, destinationPort, action }: FlowRecord): string {
  return `${networkInterfaceId} ${sourceAddress} > ${destinationAddress}:${destinationPort} ${action}`
}

describe.skipIf(refused)('flow logs', () => {
  it('tell of accepted and rejected packets at both interfaces, and of NAT gateways', async () => {
    await using world = createWorld({ clock: hasty })
    await world.network.apply(modelWith([{ id: 'fl-all', resourceId: 'vpc-a', trafficType: 'ALL' }]))
    const place = await world.network.createPlace()
    await place.attach({ kind: 'vpc', networkInterfaceId: 'eni-fn' })
    await probe(place.prefix, [
      { protocol: 'tcp', to: '10.0.2.50', port: 443, sourcePort: 4001 },
      { protocol: 'tcp', to: '10.0.2.50', port: 22, sourcePort: 4002 },
      { protocol: 'tcp', to: '10.0.3.50', port: 443, sourcePort: 4003 },
      { protocol: 'tcp', to: '203.0.113.10', port: 80, sourcePort: 4004 },
    ])
    const expected = [
      'eni-fn 10.0.1.10 > 10.0.2.50:443 ACCEPT',
      'eni-vpce-lambda-subnet-db 10.0.1.10 > 10.0.2.50:443 ACCEPT',
      'eni-vpce-lambda-subnet-db 10.0.2.50 > 10.0.1.10:4001 ACCEPT',
      'eni-fn 10.0.2.50 > 10.0.1.10:4001 ACCEPT',
      'eni-fn 10.0.1.10 > 10.0.2.50:22 ACCEPT',
      'eni-vpce-lambda-subnet-db 10.0.1.10 > 10.0.2.50:22 REJECT',
      'eni-fn 10.0.1.10 > 10.0.3.50:443 ACCEPT',
      'eni-vpce-lambda-subnet-shut 10.0.1.10 > 10.0.3.50:443 REJECT',
      'eni-fn 10.0.1.10 > 203.0.113.10:80 ACCEPT',
      'eni-nat-a 10.0.1.10 > 203.0.113.10:80 ACCEPT',
      'eni-nat-a 10.0.0.5 > 203.0.113.10:80 ACCEPT',
      'eni-nat-a 203.0.113.10 > 10.0.0.5:4004 ACCEPT',
      'eni-nat-a 203.0.113.10 > 10.0.1.10:4004 ACCEPT',
      'eni-fn 203.0.113.10 > 10.0.1.10:4004 ACCEPT',
    ].toSorted()
    await until(world, (flows) => new Set(flows.map(shown)).size >= expected.length)
    expect([...new Set(world.flows.map(shown))].toSorted()).toEqual(expected)
    for (const { flowLogIds, packets, bytes, protocol, startMs, endMs } of world.flows) {
      expect({ flowLogIds, protocol }).toEqual({ flowLogIds: ['fl-all'], protocol: 6 })
      expect(bytes).toBeGreaterThanOrEqual(packets * 40)
      expect(endMs).toBeGreaterThanOrEqual(startMs)
    }
    expect(await grows(world)).toBe(false)
  })

  it('tell each log what it is for, and go on across changes of the network', async () => {
    await using world = createWorld({ clock: hasty })
    const logs: readonly FlowLog[] = [
      { id: 'fl-rejected', resourceId: 'subnet-db', trafficType: 'REJECT' },
      { id: 'fl-interface', resourceId: 'eni-vpce-lambda-subnet-db', trafficType: 'ALL' },
    ]
    await world.network.apply(modelWith(logs))
    const place = await world.network.createPlace()
    await place.attach({ kind: 'vpc', networkInterfaceId: 'eni-fn' })
    await probe(place.prefix, [
      { protocol: 'tcp', to: '10.0.2.50', port: 443 },
      { protocol: 'tcp', to: '10.0.2.50', port: 22 },
    ])
    // What was counted until now is told before the counters go.
    await world.network.apply(modelWith([]))
    const byPort = new Map(world.flows.map(({ destinationPort, flowLogIds }) => [destinationPort, flowLogIds]))
    expect(byPort.get(443)).toEqual(['fl-interface'])
    expect(byPort.get(22)).toEqual(['fl-rejected', 'fl-interface'])
    expect(new Set(world.flows.map(({ networkInterfaceId }) => networkInterfaceId))).toEqual(
      new Set(['eni-vpce-lambda-subnet-db']),
    )
  })
})
