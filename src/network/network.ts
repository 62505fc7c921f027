/**
 * The data plane of VPCs: carries what functions send. `linux/` does it with namespaces, `modelled/` judges calls to AWS by the same rules
 * where the machine refuses namespaces. `cloud.ts` introduces it to compute (which places environments in it), to EC2 (whose resources it
 * follows) and to the listener (which gets the connections that reach AWS).
 */
import type { Socket } from 'node:net'

import type { FlowRecord } from './plan/flow-record.ts'
import { LINK_LOCAL_RESOLVER } from './plan/addresses.ts'
import type { NetworkModel } from './plan/model.ts'

export interface Network {
  /** `reason` says what the machine lacks, in one sentence. */
  readonly dataPlane: { readonly kind: 'real' } | { readonly kind: 'modelled'; readonly reason: string }
  /** Makes the kernel follow the model; resolves when it does. Calls are serialised, and superseded ones are skipped. */
  apply(model: NetworkModel): Promise<void>
  /** A namespace for one execution environment, attached to nothing. Real data plane only. */
  createPlace(): Promise<Place>
  close(): Promise<void>
}

/** `real`, or `modelled (what the machine lacks)`. */
export function dataPlaneText(dataPlane: Network['dataPlane']): string {
  return dataPlane.kind === 'real' ? 'real' : `modelled (${dataPlane.reason})`
}

/** A network namespace of its own: own loopback, `eth0`, the Runtime API at 169.254.100.1:9001. */
export interface Place {
  /** The environment's address on the link to Lambda's own network: tells environments apart at the Runtime API. */
  readonly address: string
  /**
   * Put before a command line: runs it in the place's network namespace and in the fabric's user and process namespaces, as the root of the
   * former; the mount namespace stays the caller's. It starts two processes: `nsenter`, which waits and passes on the exit status, and the
   * command, whose end (with all it started in a process namespace of its own) follows from the end of the fabric, but not from that of
   * `nsenter`: kill the process group, or let the command ask for a parent-death signal. The command can change the place's network
   * until it gives up its capabilities over the user namespace.
   */
  readonly prefix: readonly string[]
  /** From now on everything leaves through this attachment; before, nothing but the Runtime API is reached. */
  attach(attachment: Attachment): Promise<void>
  /** The processes in it must have ended. Idempotent. */
  remove(): Promise<void>
}

/** What `/etc/resolv.conf` holds in every place. */
export const RESOLV_CONF = `nameserver ${LINK_LOCAL_RESOLVER}\noptions timeout:1 attempts:5\n`

export type Attachment =
  /** A function in a VPC: through its Hyperplane interface. */
  | { readonly kind: 'vpc'; readonly networkInterfaceId: string }
  /** A function outside any VPC: Lambda's own network, which reaches AWS and the test internet. */
  | { readonly kind: 'lambda-service' }

/** Where a connection that reached one of AWS's services came from: the source of `aws:SourceIp`, `aws:SourceVpce`, … */
export interface ConnectionOrigin {
  /** As the service sees it: a NAT gateway's address, or Lambda's own. Absent through an endpoint. */
  readonly sourceIp?: string
  readonly endpoint?: {
    readonly vpcEndpointId: string
    readonly vpcId: string
    /** `aws:VpcSourceIp` */
    readonly sourceIp: string
  }
}

export interface NetworkHost {
  /** A connection to an AWS service; the socket speaks plain HTTP. */
  onAwsConnection(socket: Socket, origin: ConnectionOrigin): void
  /** A connection to the Runtime API from the place with this address. */
  onRuntimeConnection(socket: Socket, placeAddress: string): void
  /** What flow logs want to know, some seconds after it happened. */
  onFlow?(record: FlowRecord): void
  /** So many packets found no port in a NAT gateway, a second ago at most. */
  onPortErrors?(natGatewayId: string, packets: number): void
  /** Something the person at the terminal should know; said once. */
  notice(message: string): void
}
