/**
 * What flow logs need of a router: packets counted by addresses and ports, for each interface that is logged, once where they leave it and
 * once where they enter. Nothing at all in a VPC without flow logs.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
 */
import type { NetworkIndex } from '../network-index.ts'
import { NAT_LINKS } from './layout.ts'
import type { NftChain, NftSet, Ruleset } from './state.ts'
import type { PlannedNatGateway, PlannedVpc } from './vpc.ts'

export type FlowDirection = 'egress' | 'ingress'
export type FlowAction = 'ACCEPT' | 'REJECT'

/** One set of counters in a router. */
export interface FlowMeter {
  readonly set: string
  readonly direction: FlowDirection
  readonly action: FlowAction
  /** Whose packets they are: by the address on their side of the packet, or all of one interface. */
  readonly interfaces: ReadonlyMap<string, string> | string
}

/** The verdict that ends a packet in a direction. */
export type Reject = (direction: FlowDirection) => string

export interface FlowLogging {
  readonly meters: readonly FlowMeter[]
  readonly ruleset: Ruleset
  readonly reject: Reject
}

const NO_LOGGING: FlowLogging = {
  meters: [],
  ruleset: { sets: new Map(), chains: new Map() },
  reject: () => 'drop',
}

const DIRECTIONS = ['egress', 'ingress'] as const
const VERDICTS = [
  ['accepted', 'ACCEPT'],
  ['rejected', 'REJECT'],
] as const

/** `nft` knows keys of at most five fields: these are all. */
const FLOW = 'ip saddr . ip daddr . meta l4proto . th sport . th dport'
/** A flow of which nothing was seen for so long is forgotten; it has been read many times by then. */
const COUNTERS =
  'type ipv4_addr . ipv4_addr . inet_proto . inet_service . inet_service; flags dynamic,timeout; timeout 5m; size 65535'

export function flowLogging(index: NetworkIndex, planned: PlannedVpc): FlowLogging {
  const resources = new Set(index.model.flowLogs.map(({ resourceId }) => resourceId))
  const isLogged = (networkInterfaceId: string, subnetId: string) =>
    [planned.vpc.id, subnetId, networkInterfaceId].some((id) => resources.has(id))
  const byAddress = new Map(
    [...planned.lambdaInterfaces, ...planned.localInterfaces]
      .filter(({ networkInterface, subnet }) => isLogged(networkInterface.id, subnet.id))
      .map(({ networkInterface }) => [networkInterface.address, networkInterface.id]),
  )
  const natGateways = planned.natGateways.filter(({ networkInterface, subnet }) =>
    isLogged(networkInterface.id, subnet.id),
  )
  if (byAddress.size === 0 && natGateways.length === 0) return NO_LOGGING
  const meters = DIRECTIONS.flatMap((direction) =>
    VERDICTS.flatMap(([verdict, action]): FlowMeter[] => [
      { set: `${verdict}_${direction}`, direction, action, interfaces: byAddress },
      ...natGateways.map((it) => natMeter(it, direction, verdict, action)),
    ]),
  )
  return {
    meters,
    ruleset: { sets: sets(meters, byAddress), chains: chains(natGateways) },
    reject: (direction) => `goto reject_${direction}`,
  }
}

function natMeter(
  { name, networkInterface }: PlannedNatGateway,
  direction: FlowDirection,
  verdict: string,
  action: FlowAction,
): FlowMeter {
  return { set: `${name}_${verdict}_${direction}`, direction, action, interfaces: networkInterface.id }
}

function sets(meters: readonly FlowMeter[], byAddress: ReadonlyMap<string, string>): ReadonlyMap<string, NftSet> {
  return new Map<string, NftSet>([
    ['logged', { kind: 'set', declaration: 'type ipv4_addr', elements: [...byAddress.keys()] }],
    ...meters.map(({ set }): [string, NftSet] => [set, { kind: 'set', declaration: COUNTERS, elements: [] }]),
  ])
}

function chains(natGateways: readonly PlannedNatGateway[]): ReadonlyMap<string, NftChain> {
  const count = (verdict: string, direction: FlowDirection): NftChain => {
    const [side, link] = direction === 'egress' ? ['saddr', 'iifname'] : ['daddr', 'oifname']
    return {
      rules: [
        ...natGateways.map(
          ({ name }) => `${link} "${name}" update @${name}_${verdict}_${direction} { ${FLOW} counter }`,
        ),
        // What a NAT gateway passes on has other people's addresses.
        `${link} "${NAT_LINKS}" return`,
        `ip ${side} @logged update @${verdict}_${direction} { ${FLOW} counter }`,
      ],
    }
  }
  // Between the filters of the sender's side and those of the receiver's, and behind all of them.
  const priorities = { egress: 5, ingress: 15 }
  return new Map(
    DIRECTIONS.flatMap((direction): [string, NftChain][] => [
      ...VERDICTS.map(([verdict]): [string, NftChain] => [`count_${verdict}_${direction}`, count(verdict, direction)]),
      [`reject_${direction}`, { rules: [`jump count_rejected_${direction}`, 'drop'] }],
      ...(['forward', 'input', 'output'] as const).map((hook): [string, NftChain] => [
        `log_${direction}_${hook}`,
        {
          hook: `type filter hook ${hook} priority ${priorities[direction]}; policy accept`,
          rules: [`jump count_accepted_${direction}`],
        },
      ]),
    ]),
  )
}
