/** The networks that bear on a call: the caller's own, through which the call leaves, and the callee's, through which it does not come. */
import { isRegion } from '../../core/region.ts'
import { awsServiceAddress, TEST_INTERNET_HOST } from '../../network/plan/addresses.ts'
import { awsHostName } from '../../network/plan/names.ts'
import { networkPath, type NetworkPath, type NetworkTarget, type Placement } from './network-path.ts'
import { known, UNKNOWN, type Read, type Reader } from './reading.ts'

/** `callee` with what it can itself call. */
export interface CallNetworks {
  /** Absent where the caller is no function in a VPC. */
  readonly caller?: Read<NetworkPath>
  readonly callerPlacement?: Placement
  readonly callee?: { readonly vpcId: string; readonly paths: Read<readonly NetworkPath[]> }
}

/** Where a function is. */
export interface Whereabouts {
  readonly name: string
  readonly account: string
  readonly region: string
  readonly placement: Placement | undefined
}

export interface NetworksOptions {
  readonly caller: Whereabouts | undefined
  readonly callee: Whereabouts | undefined
  /** What the call is made to. */
  readonly service: string
  readonly region: string
  readonly reader: Reader
}

const HTTPS_PORT = 443

export async function readNetworks({
  caller,
  callee,
  service,
  region,
  reader,
}: NetworksOptions): Promise<CallNetworks> {
  const target = targetOf(service, region)
  const leaves = `whether the call of ${caller?.name ?? ''} gets out of its VPC`
  const ofCaller =
    caller?.placement === undefined || target === undefined
      ? undefined
      : await pathsOf({ ...caller, placement: caller.placement }, [target], reader, leaves)
  const ofCallee =
    callee?.placement === undefined
      ? undefined
      : await pathsOf({ ...callee, placement: callee.placement }, ownTargets(callee.region), reader, undefined)
  const [path] = ofCaller?.known === true ? ofCaller.value : []
  return {
    ...(ofCaller !== undefined && { caller: path === undefined ? UNKNOWN : known(path) }),
    ...(caller?.placement !== undefined && { callerPlacement: caller.placement }),
    ...(ofCallee !== undefined && callee?.placement && { callee: { vpcId: callee.placement.vpcId, paths: ofCallee } }),
  }
}

/** What functions call most: their data, other functions, and the internet. */
function ownTargets(region: string): readonly NetworkTarget[] {
  const services = ['s3', 'lambda'].flatMap((service) => targetOf(service, region) ?? [])
  return [...services, { host: TEST_INTERNET_HOST.address, port: HTTPS_PORT }]
}

function targetOf(service: string, region: string): NetworkTarget | undefined {
  if (!isRegion(region)) return undefined
  const called = { service, region }
  return awsServiceAddress(called) === undefined ? undefined : { host: awsHostName(called), port: HTTPS_PORT }
}

async function pathsOf(
  { name, account, region, placement }: Whereabouts & { readonly placement: Placement },
  targets: readonly NetworkTarget[],
  reader: Reader,
  leaves: string | undefined,
): Promise<Read<readonly NetworkPath[]>> {
  // EC2's client takes a while to load: not for functions outside any VPC.
  const { readNetwork } = await import('./read-network.ts')
  const { vpcId } = placement
  const note = (why: string) => {
    reader.note({ account, input: `the way of ${name} through ${vpcId}`, why, ...(leaves !== undefined && { leaves }) })
    return UNKNOWN
  }
  const read = await readNetwork({ vpcId, account, region }, leaves, reader)
  if (!read.known) return UNKNOWN
  if (read.value === undefined) return note('there is no such VPC')
  const { model, unfollowed } = read.value
  const paths = targets.map((target) => networkPath(model, placement, target))
  const beyond = paths
    .flatMap(({ ways }) => ways.flatMap(({ blockedBy }) => blockedBy?.targetId ?? []))
    .find((id) => unfollowed.has(id))
  return beyond === undefined ? known(paths) : note(`what lies beyond ${beyond} is not followed`)
}
