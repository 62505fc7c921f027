/** What the kernel is to hold, as the lines that `ip` and `nft` take: comparing two states is comparing lines. */

export interface KernelState {
  readonly namespaces: ReadonlyMap<string, NamespaceState>
  /** By a name of their own that stays the same from state to state. */
  readonly links: ReadonlyMap<string, Link>
}

export interface NamespaceState {
  /** After `ip addr add`: `10.0.1.50/32 dev lo`. */
  readonly addresses: readonly string[]
  /** After `ip route replace`: `default via 169.254.1.3 dev igw onlink table 1001`. */
  readonly routes: readonly string[]
  /** After `ip rule add`: `pref 200 from 10.0.1.0/24 lookup 1001`. */
  readonly rules: readonly string[]
  readonly ruleset: Ruleset
}

/** A pair of virtual Ethernet interfaces. */
export type Link = readonly [LinkEnd, LinkEnd]

export interface LinkEnd {
  readonly namespace: string
  /** At most 15 characters. */
  readonly name: string
}

/** One nftables table of family `ip`. */
export interface Ruleset {
  readonly sets: ReadonlyMap<string, NftSet>
  readonly chains: ReadonlyMap<string, NftChain>
}

export interface NftSet {
  readonly kind: 'set' | 'map'
  /** `type ipv4_addr : verdict; flags interval` */
  readonly declaration: string
  /** `10.0.1.10 : jump sg_1`. Those that come and go between states, as attachments do, are not here. */
  readonly elements: readonly string[]
}

export interface NftChain {
  /** `type filter hook forward priority 0; policy drop`: absent of a chain that others jump to. */
  readonly hook?: string
  readonly rules: readonly string[]
}

export const EMPTY_STATE: KernelState = { namespaces: new Map(), links: new Map() }

/** The fabric's own namespace: it is there from the start and never removed. */
export const HUB = 'hub'
