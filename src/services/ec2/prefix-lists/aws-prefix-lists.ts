/** The prefix lists that AWS keeps of its own services' addresses. https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html */
import { createHash } from 'node:crypto'

import type { Region } from '../../../core/region.ts'
import { prefixListCidrs } from '../../../network/plan/addresses.ts'

export interface AwsPrefixList {
  readonly id: string
  /** `com.amazonaws.us-east-1.s3` */
  readonly name: string
  readonly cidrs: readonly string[]
}

const SERVICES = ['dynamodb', 's3'] as const

export type PrefixListService = (typeof SERVICES)[number]

export function awsPrefixLists(region: Region): readonly AwsPrefixList[] {
  return SERVICES.map((service) => awsPrefixList(region, service))
}

export function awsPrefixList(region: Region, service: PrefixListService): AwsPrefixList {
  const name = `com.amazonaws.${region}.${service}`
  // FIDELITY: AWS's lists have many blocks of the internet; here they are the block in which the data plane serves the service.
  return { id: idOf(name), name, cidrs: prefixListCidrs({ service, region }) ?? [] }
}

export function hasPrefixList(service: string): service is PrefixListService {
  return (SERVICES as readonly string[]).includes(service)
}

const ID_DIGITS = 8

/** FIDELITY: the same in every account, as AWS's are, but other ids than AWS's. */
function idOf(name: string): string {
  return `pl-${createHash('sha256').update(name).digest('hex').slice(0, ID_DIGITS)}`
}
