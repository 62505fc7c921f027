/** What becomes of a flow, and everything that decided about it on the way. */
import type { Region } from '../../core/region.ts'
import type { HostListener } from './model.ts'

export type Verdict = Reached | Refused | Dropped

/** Somebody answers. */
export interface Reached {
  readonly outcome: 'reached'
  readonly destination: Destination
  /** As the destination sees it. */
  readonly sourceAddress: string
  /** The whole way there and back. */
  readonly hops: readonly Hop[]
}

/** It arrives, nobody listens, and the sender is told so at once. */
export interface Refused {
  readonly outcome: 'refused'
  readonly destination: Destination
  readonly sourceAddress: string
  /** The last one refuses. */
  readonly hops: readonly Hop[]
  readonly blockedBy: Hop
}

/** Silence: the sender runs into its own timeout. */
export interface Dropped {
  readonly outcome: 'dropped'
  /** The last one drops. */
  readonly hops: readonly Hop[]
  readonly blockedBy: Hop
  /** What would drop it next on the same way, were the first repaired. */
  readonly alsoBlockedBy: readonly Hop[]
}

export type Destination =
  | { readonly kind: 'network-interface'; readonly id: string; readonly listener?: HostListener }
  | {
      readonly kind: 'vpc-endpoint'
      readonly id: string
      readonly vpcId: string
      readonly service: string
      readonly region: Region
    }
  /** A service's public endpoint. */
  | { readonly kind: 'aws-service'; readonly service: string; readonly region: Region }
  | { readonly kind: 'internet'; readonly address: string }
  | { readonly kind: 'resolver' }
  | { readonly kind: 'runtime-api' }

export type HopKind =
  | 'security-group'
  | 'network-acl'
  | 'route-table'
  | 'internet-gateway'
  | 'nat-gateway'
  | 'vpc-peering'
  | 'vpc-endpoint'
  | 'network-interface'
  | 'vpc'
  | 'internet'
  | 'lambda-service'

export interface Hop {
  readonly leg: 'request' | 'reply'
  readonly kind: HopKind
  /** AWS's id; of the internet and Lambda's own network the kind. */
  readonly resourceId: string
  /** Of security groups and network ACLs. */
  readonly direction?: 'egress' | 'ingress'
  readonly decision: 'pass' | 'drop' | 'refuse'
  /** The rule, entry or route that decides, in words: `sgr-1 allows tcp 443 to 0.0.0.0/0`. */
  readonly reason: string
  /** Of route tables: what the route leads to, where it names something. */
  readonly targetId?: string
}

/** One hop in a few words: `network-acl acl-1 ingress of the reply`. */
export function hopName({ kind, resourceId, direction, leg }: Hop): string {
  const name = kind === resourceId ? kind : `${kind} ${resourceId}`
  return `${name}${direction === undefined ? '' : ` ${direction}`}${leg === 'reply' ? ' of the reply' : ''}`
}
