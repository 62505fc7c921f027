/** The numbers that stand for AWS's ids in the kernel: each kind has its own, for they end up in different names. */
import type { NetworkModel } from '../model.ts'
import { FIRST_VPC_NUMBER, PEERINGS_MAX } from './layout.ts'
import { createNumbering, type Numbering } from './numbering.ts'

export interface Numbers {
  readonly vpcs: Numbering
  readonly networkInterfaces: Numbering
  readonly routeTables: Numbering
  readonly networkAcls: Numbering
  readonly securityGroups: Numbering
  /** Lists of security groups that interfaces have in common: by `groupListKey`. */
  readonly groupLists: Numbering
  readonly natGateways: Numbering
  readonly gatewayEndpoints: Numbering
  readonly peeringConnections: Numbering
}

const NUMBER_MAX = 65_535

export function createNumbers(): Numbers {
  const numbering = () => createNumbering(1, NUMBER_MAX)
  return {
    vpcs: createNumbering(FIRST_VPC_NUMBER, NUMBER_MAX),
    networkInterfaces: numbering(),
    routeTables: numbering(),
    networkAcls: numbering(),
    securityGroups: numbering(),
    groupLists: numbering(),
    natGateways: numbering(),
    gatewayEndpoints: numbering(),
    peeringConnections: createNumbering(1, PEERINGS_MAX),
  }
}

/** Frees the numbers of what is in the model no more. */
export function forgetAllBut(numbers: Numbers, model: NetworkModel): void {
  const ids = (things: readonly { readonly id: string }[]) => things.map(({ id }) => id)
  numbers.vpcs.keepOnly(ids(model.vpcs))
  numbers.networkInterfaces.keepOnly(ids(model.networkInterfaces))
  numbers.routeTables.keepOnly(ids(model.routeTables))
  numbers.networkAcls.keepOnly(ids(model.networkAcls))
  numbers.securityGroups.keepOnly(ids(model.securityGroups))
  numbers.groupLists.keepOnly(model.networkInterfaces.map(({ securityGroupIds }) => groupListKey(securityGroupIds)))
  numbers.natGateways.keepOnly(ids(model.natGateways))
  numbers.gatewayEndpoints.keepOnly(ids(model.vpcEndpoints))
  numbers.peeringConnections.keepOnly(ids(model.peeringConnections))
}

export function groupListKey(securityGroupIds: readonly string[]): string {
  return securityGroupIds.toSorted().join(' ')
}
