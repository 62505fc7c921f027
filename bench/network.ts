/**
 * What the data plane of VPCs costs: starting it, a VPC, an interface, a place for an environment, and its memory; five hundred places at once.
 * Needs namespaces, no privilege. Run directly: `npx tsx bench/network.ts`.
 */
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

import { formatTable } from '../src/cli/terminal/table.ts'
import { systemClock } from '../src/core/clock.ts'
import { detect } from '../src/network/linux/detect.ts'
import { createLinuxNetwork } from '../src/network/linux/linux-network.ts'
import type { Network } from '../src/network/network.ts'
import type { NetworkModel } from '../src/network/plan/model.ts'
import { modelOf, type World } from '../test/network/world.ts'
import { median } from './median.ts'

export interface NetworkMeasurements {
  /** From nothing to the first place; p50. */
  readonly startMs: number
  /** Two subnets, two security groups, a Lambda interface, an interface endpoint; p50. */
  readonly vpcMs: number
  /** The same with an internet gateway and a NAT gateway; p50. */
  readonly vpcWithNatMs: number
  /** One more Lambda interface in a VPC that is there; p50. */
  readonly interfaceMs: number
  /** One rule of one security group; p50. */
  readonly ruleMs: number
  /** One place alone; p50. */
  readonly placeMs: number
  /** A place is given its interface; p50. */
  readonly attachMs: number
  /** Five hundred places asked for at once, to the last. */
  readonly manyPlacesMs: number
  /** What the kernel needs for one of them. */
  readonly placeKib: number
  /** To the end of the last of five hundred removals. */
  readonly manyRemovalsMs: number
}

const ROUNDS = 15
const PLACES = 500
const PATH = process.env['PATH'] ?? ''

/** Undefined where the machine has no namespaces for us. */
export async function run(): Promise<NetworkMeasurements | undefined> {
  if ((await detect(PATH)) !== undefined) return undefined
  const startMs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const network = benchNetwork()
    startMs.push(await timed(() => network.createPlace()))
    await network.close()
  }
  const network = benchNetwork()
  try {
    await network.createPlace()
    return { startMs: median(startMs), ...(await changes(network)), ...(await places(network)) }
  } finally {
    await network.close()
  }
}

async function changes(network: Network) {
  const measured = { vpcMs: [], vpcWithNatMs: [], interfaceMs: [], ruleMs: [] } as Record<string, number[]>
  const time = async (name: string, model: NetworkModel) => {
    measured[name]?.push(await timed(() => network.apply(model)))
  }
  const empty = modelOf({ vpcs: {}, subnets: {} })
  for (let round = 0; round < ROUNDS; round++) {
    await time('vpcWithNatMs', modelOf(withNat(VPC)))
    await network.apply(empty)
    await time('vpcMs', modelOf(VPC))
    const another = { subnet: 'subnet-2', address: '10.0.2.10', groups: ['sg-fn'] }
    const larger = { ...VPC, interfaces: { ...VPC.interfaces, 'eni-another': another } }
    await time('interfaceMs', modelOf(larger))
    const groups = { 'vpc-a': { ...VPC.groups?.['vpc-a'], 'sg-endpoint': ['in tcp 443 from 10.0.0.0/16'] } }
    await time('ruleMs', modelOf({ ...larger, groups }))
    await network.apply(empty)
  }
  const of = (name: string) => median(measured[name] ?? [])
  return { vpcMs: of('vpcMs'), vpcWithNatMs: of('vpcWithNatMs'), interfaceMs: of('interfaceMs'), ruleMs: of('ruleMs') }
}

async function places(network: Network) {
  await network.apply(modelOf(VPC))
  const placeMs: number[] = []
  const attachMs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const begunMs = performance.now()
    const place = await network.createPlace()
    placeMs.push(performance.now() - begunMs)
    attachMs.push(await timed(() => place.attach({ kind: 'vpc', networkInterfaceId: 'eni-fn' })))
    await place.remove()
  }
  const before = kernelKib()
  const begunMs = performance.now()
  const many = await Promise.all(Array.from({ length: PLACES }, () => network.createPlace()))
  const manyPlacesMs = performance.now() - begunMs
  const placeKib = (kernelKib() - before) / PLACES
  const manyRemovalsMs = await timed(() => Promise.all(many.map((place) => place.remove())))
  return { placeMs: median(placeMs), attachMs: median(attachMs), manyPlacesMs, placeKib, manyRemovalsMs }
}

const VPC: World = {
  vpcs: { 'vpc-a': { cidrs: ['10.0.0.0/16'], internetGateway: 'igw-a' } },
  subnets: {
    'subnet-1': { vpc: 'vpc-a', cidr: '10.0.1.0/24' },
    'subnet-2': { vpc: 'vpc-a', cidr: '10.0.2.0/24', routes: ['0.0.0.0/0 -> igw-a'] },
  },
  groups: { 'vpc-a': { 'sg-fn': ['out all to 0.0.0.0/0'], 'sg-endpoint': ['in tcp 443 from sg-fn'] } },
  interfaces: { 'eni-fn': { subnet: 'subnet-1', address: '10.0.1.10', groups: ['sg-fn'] } },
  endpoints: {
    'vpce-lambda': { vpc: 'vpc-a', service: 'lambda', addresses: { 'subnet-1': '10.0.1.50' }, groups: ['sg-endpoint'] },
  },
}

function withNat(world: World): World {
  const subnet = { vpc: 'vpc-a', cidr: '10.0.1.0/24', routes: ['0.0.0.0/0 -> nat-a'] }
  return {
    ...world,
    subnets: { ...world.subnets, 'subnet-1': subnet },
    natGateways: { 'nat-a': { subnet: 'subnet-2', address: '10.0.2.5', publicAddress: '198.19.0.5' } },
  }
}

function benchNetwork(): Network {
  const host = { onAwsConnection() {}, onRuntimeConnection() {}, notice() {} }
  return createLinuxNetwork({ host, clock: systemClock, path: PATH })
}

/** Of everybody on the machine: only the difference within a moment says something. */
function kernelKib(): number {
  const text = readFileSync('/proc/meminfo', 'utf8')
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)
  return of('Slab') + of('Percpu') + of('KernelStack')
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const begunMs = performance.now()
  await action()
  return performance.now() - begunMs
}

export function tableOf(measured: NetworkMeasurements | undefined): string[] {
  if (measured === undefined) return ['NETWORK  not measured: this machine has no namespaces for us']
  return formatTable(
    [{ title: 'NETWORK' }, { title: 'MS', align: 'right' }],
    [
      ['the fabric, to its first place, p50', measured.startMs.toFixed(1)],
      ['a VPC with an endpoint, p50', measured.vpcMs.toFixed(1)],
      ['the same with a NAT gateway, p50', measured.vpcWithNatMs.toFixed(1)],
      ['one more Lambda interface, p50', measured.interfaceMs.toFixed(1)],
      ['one rule of a security group, p50', measured.ruleMs.toFixed(1)],
      ['one place, p50', measured.placeMs.toFixed(1)],
      ['attaching it to an interface, p50', measured.attachMs.toFixed(2)],
      [`${PLACES} places at once, all of them`, measured.manyPlacesMs.toFixed(0)],
      [`removing ${PLACES} places, all of them`, measured.manyRemovalsMs.toFixed(0)],
      ['memory of the kernel per place, KiB', measured.placeKib.toFixed(0)],
    ],
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(tableOf(await run()).join('\n'))
