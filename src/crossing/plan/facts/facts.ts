/** What a plan knows of a callee, its account and its network. Plain data, and where each figure is from. */
import type { FunctionReference } from '../../crossing.ts'

/** `default`: what AWS gives a new account, and why nobody could read the account's own. */
export type Known =
  | { readonly value: number; readonly source: 'read' }
  | { readonly value: number; readonly source: 'default'; readonly because: string }

/** What no default stands for: without it limits are left out of the plan. */
export interface Unread {
  readonly what: string
  readonly because: string
}

export interface FunctionFacts {
  readonly to: FunctionReference
  readonly accountLimit: Known
  /** What functions of the account without a reservation share. */
  readonly unreserved: Known
  readonly environmentsPerInterval: Known
  readonly reserved?: number
  readonly memoryMb: number
  /** Absent: not read. */
  readonly timeoutMs?: number
  readonly architecture: string
  /** Of asynchronous events. */
  readonly eventAgeMs: Known
  /** It serves invocations as it is, whatever becomes of a change to it. */
  readonly isActive: boolean
  /** Of an Isthmus: execution environments that its machine has at once. Absent: it is AWS's. */
  readonly hostEnvironments?: number
  readonly network?: FunctionNetwork
  readonly unread: readonly Unread[]
}

/** What is invoked of a function. */
export interface VersionFacts {
  readonly version: string
  /** Environments of it that are initialised ahead. */
  readonly provisioned: number
}

export interface FunctionNetwork {
  readonly vpcId: string
  readonly subnets: readonly SubnetFacts[]
  readonly securityGroupIds: readonly string[]
  /** Hyperplane interfaces of the VPC, and all interfaces of the Region; undefined when they could not be counted. */
  readonly lambdaInterfaces: readonly InterfaceFacts[] | undefined
  readonly interfacesInRegion: number | undefined
  readonly interfacesPerVpc: Known
  readonly interfacesPerRegion: Known
  /** Tokens of CreateNetworkInterface, and how many come back in a second. */
  readonly createTokens: Known
  readonly createTokensPerSecond: Known
  /** Through which the subnets reach the internet. */
  readonly natGateways: readonly NatFacts[]
  /** To one destination through one address of a NAT gateway. */
  readonly natConnections: Known
}

export interface SubnetFacts {
  readonly id: string
  readonly cidr: string
  readonly zone: string
  readonly free: number
}

export interface InterfaceFacts {
  readonly subnetId: string
  readonly securityGroupIds: readonly string[]
}

export interface NatFacts {
  readonly id: string
  readonly subnetIds: readonly string[]
  readonly addresses: number
}

/** AWS keeps the first four addresses of a subnet and the last. https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
export const RESERVED_ADDRESSES = 5

export function usableAddresses(cidr: string): number {
  return 2 ** (32 - Number(cidr.split('/')[1] ?? 32)) - RESERVED_ADDRESSES
}

/** One interface serves all functions with the same subnet and the same set of security groups. */
export function interfaceKey({ subnetId, securityGroupIds }: InterfaceFacts): string {
  return [subnetId, ...[...securityGroupIds].sort()].join('/')
}

export function interfacesNeeded(network: FunctionNetwork): readonly InterfaceFacts[] {
  const { subnets, securityGroupIds } = network
  return subnets.map(({ id }) => ({ subnetId: id, securityGroupIds }))
}
