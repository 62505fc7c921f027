/** The prefix lists that AWS keeps of its own services' addresses. https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html */
import { createHash } from 'node:crypto'

import type { Region } from '../../core/region.ts'

export interface AwsPrefixList {
  readonly id: string
  /** `com.amazonaws.us-east-1.s3` */
  readonly name: string
  readonly cidrs: readonly string[]
}

/**
 * FIDELITY: AWS's lists differ in every Region, have more blocks and change; here every Region has these, which are some of those of Northern
 * Virginia. The data plane gives the services their addresses in them.
 */
const CIDRS = {
  s3: ['52.216.0.0/15', '54.231.0.0/16', '3.5.0.0/19'],
  dynamodb: ['52.94.0.0/22', '52.119.224.0/20', '3.218.180.0/22'],
} as const

export type PrefixListService = keyof typeof CIDRS

export function awsPrefixLists(region: Region): readonly AwsPrefixList[] {
  return (Object.keys(CIDRS) as PrefixListService[]).map((service) => awsPrefixList(region, service))
}

export function awsPrefixList(region: Region, service: PrefixListService): AwsPrefixList {
  const name = `com.amazonaws.${region}.${service}`
  return { id: idOf(name), name, cidrs: CIDRS[service] }
}

export function hasPrefixList(service: string): service is PrefixListService {
  return Object.hasOwn(CIDRS, service)
}

const ID_DIGITS = 8

/** FIDELITY: the same in every account, as AWS's are, but other ids than AWS's. */
function idOf(name: string): string {
  return `pl-${createHash('sha256').update(name).digest('hex').slice(0, ID_DIGITS)}`
}
