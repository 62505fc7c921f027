/**
 * AWS's limits with their codes in Service Quotas and what a new account has.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
 */
import { ENVIRONMENTS_MAX } from '../../../core/host-capacity.ts'
import { ENVIRONMENTS_PER_INTERVAL } from '../../../core/lambda-admission.ts'

export interface Quota {
  readonly serviceCode: string
  readonly quotaCode: string
  readonly defaultValue: number
  /** AWS has no code for it; Isthmus has one, so that it can be lowered. */
  readonly isLocal?: true
}

export const QUOTAS = {
  concurrency: { serviceCode: 'lambda', quotaCode: 'L-B99A9384', defaultValue: 1000 },
  /** AWS's pages give 250, 500 and 3,000; this is what Lambda's own page of quotas says. */
  interfacesPerVpc: { serviceCode: 'lambda', quotaCode: 'L-9FEE3D26', defaultValue: 500 },
  interfacesPerRegion: { serviceCode: 'vpc', quotaCode: 'L-DF5E4CA3', defaultValue: 5000 },
  scaling: {
    serviceCode: 'lambda',
    quotaCode: 'lambda-function-scaling',
    defaultValue: ENVIRONMENTS_PER_INTERVAL,
    isLocal: true,
  },
  hostEnvironments: {
    serviceCode: 'lambda',
    quotaCode: 'lambda-host-environments',
    defaultValue: ENVIRONMENTS_MAX,
    isLocal: true,
  },
  /** https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html */
  createTokens: {
    serviceCode: 'ec2',
    quotaCode: 'ec2-api-network-interface-bucket',
    defaultValue: 100,
    isLocal: true,
  },
  createTokensPerSecond: {
    serviceCode: 'ec2',
    quotaCode: 'ec2-api-network-interface-refill',
    defaultValue: 5,
    isLocal: true,
  },
  /** To one destination through one address. https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html */
  natConnections: {
    serviceCode: 'vpc',
    quotaCode: 'vpc-nat-connections',
    defaultValue: 55_000,
    isLocal: true,
  },
} as const satisfies Readonly<Record<string, Quota>>

/** What is no quota at all. */
export const CONNECTIONS_PER_INTERFACE = 65_000
