/** Flow records: what an interface let through and what it did not, over a while. Made of the kernel's counters. Pure. */
import type { FlowLog, NetworkModel } from './model.ts'
import type { FlowMeter } from './kernel/flow-logs.ts'

/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html */
export interface FlowRecord {
  /** Those that want it: of the interface, its subnet or its VPC, and of this action. */
  readonly flowLogIds: readonly string[]
  readonly networkInterfaceId: string
  readonly sourceAddress: string
  readonly destinationAddress: string
  /** 0 where the protocol has none. */
  readonly sourcePort: number
  readonly destinationPort: number
  /** IANA's number. */
  readonly protocol: number
  readonly packets: number
  readonly bytes: number
  /** Milliseconds since the epoch. */
  readonly startMs: number
  readonly endMs: number
  readonly action: 'ACCEPT' | 'REJECT'
  /** As the interface sees it. */
  readonly direction: 'ingress' | 'egress'
}

/** One counter of a meter, as `nft -nn list set` prints it. */
export interface FlowCounter {
  /** `10.0.1.10 . 10.0.2.10 . 6 . 40000 . 5432` */
  readonly key: string
  readonly packets: number
  readonly bytes: number
}

const ELEMENT = /([\d.]+ \. [\d.]+ \. \d+ \. \d+ \. \d+)[^,}]*? counter packets (\d+) bytes (\d+)/g
const PROTOCOLS_WITH_PORTS = [6, 17]

export function parseCounters(listing: string): readonly FlowCounter[] {
  return [...listing.matchAll(ELEMENT)].map(([, key = '', packets, bytes]) => ({
    key,
    packets: Number(packets),
    bytes: Number(bytes),
  }))
}

export interface Window {
  readonly startMs: number
  readonly endMs: number
}

/** The records of what a meter counted in a while; none for interfaces that nobody logs. */
export function flowRecords(
  model: NetworkModel,
  { direction, action, interfaces }: FlowMeter,
  counted: readonly FlowCounter[],
  window: Window,
): readonly FlowRecord[] {
  return counted.flatMap(({ key, packets, bytes }) => {
    const [sourceAddress = '', destinationAddress = '', protocolText, sourceText, destinationText] = key.split(' . ')
    const own = direction === 'egress' ? sourceAddress : destinationAddress
    const networkInterfaceId = typeof interfaces === 'string' ? interfaces : interfaces.get(own)
    if (networkInterfaceId === undefined) return []
    const flowLogIds = flowLogsOf(model, networkInterfaceId)
      .filter(({ trafficType }) => trafficType === 'ALL' || trafficType === action)
      .map(({ id }) => id)
    if (flowLogIds.length === 0) return []
    const protocol = Number(protocolText)
    const hasPorts = PROTOCOLS_WITH_PORTS.includes(protocol)
    const sourcePort = hasPorts ? Number(sourceText) : 0
    const destinationPort = hasPorts ? Number(destinationText) : 0
    const flow = { networkInterfaceId, sourceAddress, destinationAddress, sourcePort, destinationPort, protocol }
    return [{ flowLogIds, ...flow, packets, bytes, ...window, action, direction }]
  })
}

function flowLogsOf(model: NetworkModel, networkInterfaceId: string): readonly FlowLog[] {
  const networkInterface = model.networkInterfaces.find(({ id }) => id === networkInterfaceId)
  const subnet = model.subnets.find(({ id }) => id === networkInterface?.subnetId)
  const resources = [networkInterfaceId, subnet?.id, subnet?.vpcId]
  return model.flowLogs.filter(({ resourceId }) => resources.includes(resourceId))
}
