/** Whether a call that a function makes leaves its network, from each subnet that its environments may be in, hop by hop. Pure. */
import { formatIpv4, lastOfCidr, parseCidr } from '../../core/cidr.ts'
import { judgeCall, type CallVerdict } from '../../network/plan/call.ts'
import type { FlowSource } from '../../network/plan/flow.ts'
import { OPEN_INTERNET } from '../../network/plan/internet.ts'
import type { NetworkInterface, NetworkModel, Subnet } from '../../network/plan/model.ts'
import { hopName, type Destination, type Hop } from '../../network/plan/verdict.ts'

/** A function's VpcConfig. */
export interface Placement {
  readonly vpcId: string
  readonly subnetIds: readonly string[]
  readonly securityGroupIds: readonly string[]
}

export interface NetworkTarget {
  readonly host: string
  readonly port: number
}

export interface NetworkPath extends NetworkTarget {
  /** `depends`: on the subnet that an environment happens to be in. */
  readonly outcome: 'connects' | 'fails' | 'depends'
  /** What happens, in words that go on from "the call": `times out at route-table rtb-1: no route leads to 198.18.0.1`. */
  readonly text: string
  readonly ways: readonly Way[]
}

/** From one subnet, or from Lambda's own network. */
export interface Way {
  readonly subnetId?: string
  /** The function's own there. */
  readonly sourceAddress?: string
  /** What the name leads to. */
  readonly address?: string
  readonly outcome: 'connects' | 'refused' | 'times-out' | 'no-such-name'
  readonly text: string
  readonly hops: readonly Hop[]
  readonly blockedBy?: Hop
  /** What would stop it next, were the first repaired. */
  readonly alsoBlockedBy: readonly Hop[]
  readonly destination?: Destination
}

/** `placement` is undefined for a function outside any VPC. */
export function networkPath(
  model: NetworkModel,
  placement: Placement | undefined,
  { host, port }: NetworkTarget,
): NetworkPath {
  const judge = (judged: NetworkModel, from: FlowSource): CallVerdict =>
    judgeCall(judged, { from, host, port }, OPEN_INTERNET)
  const ways =
    placement === undefined
      ? [wayOf(judge(model, { kind: 'lambda-service' }))]
      : placement.subnetIds.map((subnetId) => {
          const placed = withInterface(model, placement, subnetId)
          const way = wayOf(judge(placed.model, { kind: 'network-interface', id: placed.id }))
          return { subnetId, sourceAddress: placed.address, ...way }
        })
  const failing = ways.filter(({ outcome }) => outcome !== 'connects')
  const [first] = failing.length > 0 ? failing : ways
  const text = first?.text ?? 'goes nowhere: the function has no subnet'
  if (failing.length === 0) return { host, port, outcome: ways.length === 0 ? 'fails' : 'connects', text, ways }
  return failing.length === ways.length
    ? { host, port, outcome: 'fails', text, ways }
    : { host, port, outcome: 'depends', text: `${text} (from ${namesOf(failing)} only)`, ways }
}

function namesOf(ways: readonly Way[]): string {
  return ways.map(({ subnetId = '' }) => subnetId).join(', ')
}

function wayOf({ answer, address, verdict }: CallVerdict): Omit<Way, 'subnetId'> {
  if (verdict === undefined) {
    return answer?.kind === 'silence'
      ? {
          outcome: 'times-out',
          text: 'times out: the VPC has no resolver (enableDnsSupport is off)',
          hops: [],
          alsoBlockedBy: [],
        }
      : { outcome: 'no-such-name', text: 'fails: there is no such name', hops: [], alsoBlockedBy: [] }
  }
  const { hops } = verdict
  if (verdict.outcome === 'reached') {
    const { destination } = verdict
    return {
      address,
      outcome: 'connects',
      text: `connects${viaText(hops, destination)}`,
      hops,
      alsoBlockedBy: [],
      destination,
    }
  }
  const { blockedBy } = verdict
  const at = `${hopName(blockedBy)}: ${blockedBy.reason}`
  return verdict.outcome === 'refused'
    ? { address, outcome: 'refused', text: `is refused by ${at}`, hops, blockedBy, alsoBlockedBy: [] }
    : {
        address,
        outcome: 'times-out',
        text: `times out at ${at}`,
        hops,
        blockedBy,
        alsoBlockedBy: verdict.alsoBlockedBy,
      }
}

function viaText(hops: readonly Hop[], destination: Destination): string {
  if (destination.kind === 'vpc-endpoint') return ` through ${destination.id}`
  const gateway =
    hops.find(({ kind }) => kind === 'nat-gateway') ?? hops.find(({ kind }) => kind === 'internet-gateway')
  return gateway === undefined ? '' : ` through ${gateway.resourceId}`
}

/** The interface that Lambda has for a function in a subnet: shared by all with the same subnet and the same groups. */
export function lambdaInterface(
  model: NetworkModel,
  { securityGroupIds }: Pick<Placement, 'securityGroupIds'>,
  subnetId: string,
): NetworkInterface | undefined {
  const groups = [...securityGroupIds].sort().join()
  return model.networkInterfaces.find(
    (candidate) =>
      candidate.kind.kind === 'lambda' &&
      candidate.subnetId === subnetId &&
      [...candidate.securityGroupIds].sort().join() === groups,
  )
}

/** As it is, or as Lambda would make it. */
function withInterface(
  model: NetworkModel,
  { securityGroupIds }: Placement,
  subnetId: string,
): { readonly model: NetworkModel; readonly id: string; readonly address: string } {
  const existing = lambdaInterface(model, { securityGroupIds }, subnetId)
  if (existing !== undefined) return { model, id: existing.id, address: existing.address }
  const id = `the function's interface in ${subnetId}`
  const subnet = model.subnets.find((candidate) => candidate.id === subnetId)
  const made: NetworkInterface = {
    id,
    subnetId,
    address: subnet === undefined ? '' : freeAddress(model, subnet),
    securityGroupIds,
    sourceDestCheck: true,
    kind: { kind: 'lambda' },
  }
  return { model: { ...model, networkInterfaces: [...model.networkInterfaces, made] }, id, address: made.address }
}

/** AWS reserves the first four of a subnet and the last. */
const RESERVED = 4

function freeAddress(model: NetworkModel, { cidr, vpcId }: Subnet): string {
  const block = parseCidr(cidr)
  if (block === undefined) return ''
  const subnets = new Set(model.subnets.filter((subnet) => subnet.vpcId === vpcId).map(({ id }) => id))
  const taken = new Set(
    model.networkInterfaces.filter(({ subnetId }) => subnets.has(subnetId)).map(({ address }) => address),
  )
  for (let number = block.first + RESERVED; number < lastOfCidr(block); number++) {
    const address = formatIpv4(number)
    if (!taken.has(address)) return address
  }
  return ''
}
