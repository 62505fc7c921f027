/**
 * How often an account may call each action in a Region. https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 * Every action has a bucket of its own; its category says how large it is.
 */
import { AwsError } from '../../../core/aws-error.ts'
import type { Caller } from '../../caller.ts'
import type { QuotaDefinition } from '../../directories.ts'
import { createTokenBuckets, type TokenBuckets } from '../../token-buckets.ts'
import { EC2 } from '../quotas.ts'
import type { Ec2Service } from '../service.ts'

export interface RateQuotas {
  readonly capacity: QuotaDefinition
  readonly refillPerSecond: QuotaDefinition
}

/** FIDELITY: AWS raises these rates on request, but no codes of theirs in Service Quotas have been seen; these codes are ours. */
function rateQuotas(code: string, about: string, capacity: number, refillPerSecond: number): RateQuotas {
  return {
    capacity: {
      ...EC2,
      quotaCode: `ec2-api-${code}-bucket`,
      quotaName: `API requests at once, per action: ${about}`,
      defaultValue: capacity,
    },
    refillPerSecond: {
      ...EC2,
      quotaCode: `ec2-api-${code}-refill`,
      quotaName: `API requests per second, per action: ${about}`,
      defaultValue: refillPerSecond,
    },
  }
}

export const RATES = {
  nonMutating: rateQuotas('non-mutating', 'actions that change nothing', 100, 20),
  unfiltered: rateQuotas('unfiltered', 'lists without filter and pages', 50, 10),
  mutating: rateQuotas('mutating', 'actions that change something', 50, 5),
  networkInterfaces: rateQuotas('network-interface', 'actions on network interfaces', 100, 5),
  tags: rateQuotas('tags', 'tagging', 100, 10),
  vpcEndpoints: rateQuotas('vpc-endpoint', 'actions on VPC endpoints', 4, 0.3),
} as const satisfies Readonly<Record<string, RateQuotas>>

type Category = keyof typeof RATES

/** Those with a rate of their own. */
const CATEGORIES: Readonly<Record<string, Category | undefined>> = {
  AssignPrivateIpAddresses: 'networkInterfaces',
  CreateNetworkInterface: 'networkInterfaces',
  DeleteNetworkInterface: 'networkInterfaces',
  ModifyNetworkInterfaceAttribute: 'networkInterfaces',
  UnassignPrivateIpAddresses: 'networkInterfaces',
  CreateTags: 'tags',
  DeleteTags: 'tags',
  CreateVpcEndpoint: 'vpcEndpoints',
  DeleteVpcEndpoints: 'vpcEndpoints',
  ModifyVpcEndpoint: 'vpcEndpoints',
}

/** Lists that cost more when nothing narrows them. */
const COSTLY_LISTS = new Set(['DescribeNetworkInterfaces', 'DescribeSecurityGroups'])
const NON_MUTATING = /^(Describe|Get|List|Search)/
const NARROWING = /^(Filters?|MaxResults|NextToken|.*(Ids|Names))$/

function categoryOf(action: string, input: object): Category {
  if (COSTLY_LISTS.has(action) && !isNarrowed(input)) return 'unfiltered'
  return CATEGORIES[action] ?? (NON_MUTATING.test(action) ? 'nonMutating' : 'mutating')
}

function isNarrowed(input: object): boolean {
  return Object.entries(input).some(([name, value]) => value !== undefined && NARROWING.test(name))
}

/** Throws `RequestLimitExceeded` where the account has called the action too often. */
export type Admit = (caller: Caller, action: string, input: object) => void

export function createAdmission(ec2: Ec2Service, buckets: TokenBuckets = createTokenBuckets(ec2.clock)): Admit {
  return (caller, action, input) => {
    const category = categoryOf(action, input)
    const { capacity, refillPerSecond } = RATES[category]
    const rate = {
      capacity: ec2.quota(capacity, caller),
      refillPerSecond: ec2.quota(refillPerSecond, caller),
    }
    const unfiltered = category === 'unfiltered' ? '/unfiltered' : ''
    if (buckets.take(`${caller.account}/${caller.region}/${action}${unfiltered}`, rate)) return
    throw new AwsError('RequestLimitExceeded', 'Request limit exceeded.', { status: 503 })
  }
}
