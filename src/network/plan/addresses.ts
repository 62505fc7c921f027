/**
 * The fixed addresses outside of VPCs: the test internet, AWS's public endpoints, what is elastic, and the link-local ones. The evaluator, the
 * resolver, the kernel driver and EC2 agree on them here.
 *
 * FIDELITY: AWS's public addresses and the ranges of its prefix lists are those of 198.18.0.0/16, elastic ones those of 198.51.100.0/24 and
 * 192.0.2.0/24: blocks that the internet reserves for tests and documentation (RFC 2544, RFC 5737), so that no packet is ever for somebody.
 */
import { formatIpv4, parseIpv4 } from '../../core/cidr.ts'
import { isRegion, type Region } from '../../core/region.ts'

/** A host on the test internet that answers every GET with the address it saw. */
export const TEST_INTERNET_HOST = { name: 'internet.isthmus.test', address: '203.0.113.10', port: 80 } as const

/** What Lambda's own network shows the internet as its address: of functions outside any VPC. */
export const LAMBDA_SERVICE_ADDRESS = '198.18.255.1'

/** Where elastic and public addresses of interfaces and NAT gateways are taken from. */
export const ELASTIC_ADDRESSES: readonly string[] = ['198.51.100.0/24', '192.0.2.0/24']

/** Every public endpoint of AWS lies in it, and Lambda's own network. */
export const AWS_ADDRESSES = '198.18.0.0/16'

/** AWS's public endpoints answer on these and are silent on every other. Inside, both speak plain HTTP. */
export const AWS_SERVICE_PORTS: readonly number[] = [80, 443]

/** Interface endpoints answer on this and are silent on every other. */
export const INTERFACE_ENDPOINT_PORTS: readonly number[] = [443]

/** The resolver, in every VPC and in Lambda's own network; in a VPC also at the second address after its primary block's first. */
export const LINK_LOCAL_RESOLVER = '169.254.169.253'
export const RESOLVER_PORT = 53
export const RESOLVER_OFFSET = 2

/** Where an environment finds its Runtime API: a link of its own, not in the VPC. */
export const RUNTIME_API = { address: '169.254.100.1', port: 9001 } as const

/** Reserved for addresses that have no meaning beyond one link. */
export const LINK_LOCAL_ADDRESSES = '169.254.0.0/16'

/** The Regions of the `aws` partition. INVARIANT: only ever appended to, because the position is in every address. */
const REGIONS: readonly string[] = [
  ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'af-south-1', 'ap-east-1', 'ap-south-1', 'ap-south-2'],
  ['ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-7'],
  ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ca-central-1', 'ca-west-1', 'eu-central-1', 'eu-central-2'],
  ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'il-central-1', 'me-central-1'],
  ['me-south-1', 'mx-central-1', 'sa-east-1', 'ap-southeast-6', 'ap-east-2'],
].flat()

/**
 * The services that have an address, by the name in front of their endpoints' Region, which is their signing name too.
 * INVARIANT: only ever appended to, because the position is in every address.
 */
const SERVICES: readonly string[] = [
  ['lambda', 'iam', 'sts', 'organizations', 'cloudformation', 'logs', 'ec2', 'servicequotas', 'monitoring', 'events'],
  ['cloudtrail', 'kms', 'sqs', 'sns', 'secretsmanager', 'ssm', 'states', 'kinesis', 'scheduler', 'xray', 'rds'],
].flat()

/** The services that gateway endpoints serve: their addresses have blocks of their own, which are AWS's prefix lists. */
const GATEWAY_SERVICES: readonly string[] = ['s3', 'dynamodb']

/** 198.18.0.0: then a byte for the Region. */
const AWS_BASE = 0xc6_12_00_00
/** Last bytes: services from 1, gateway services from 128 in blocks of 32. */
const FIRST_SERVICE_HOST = 1
const FIRST_GATEWAY_HOST = 128
const GATEWAY_BLOCK_SIZE = 32
const GATEWAY_BLOCK_LENGTH = 27

/** One service in one Region, reached at its public endpoint. */
export interface AwsService {
  /** `lambda` */
  readonly service: string
  readonly region: Region
}

/** The address of a service's public endpoint in a Region; undefined for a service or a Region that has none here. */
export function awsServiceAddress({ service, region }: AwsService): string | undefined {
  const host = hostOf(service)
  return host === undefined ? undefined : addressIn(region, host)
}

/** Whose public endpoint an address is. */
export function awsServiceAt(address: string): AwsService | undefined {
  const offset = (parseIpv4(address) ?? 0) - AWS_BASE
  const region = REGIONS[Math.floor(offset / 256)]
  const service = [...SERVICES, ...GATEWAY_SERVICES].find((name) => hostOf(name) === offset % 256)
  return region === undefined || !isRegion(region) || service === undefined ? undefined : { service, region }
}

/** Every public endpoint there is. */
export function awsServices(): readonly AwsService[] {
  return REGIONS.filter(isRegion).flatMap((region) =>
    [...SERVICES, ...GATEWAY_SERVICES].map((service) => ({ service, region })),
  )
}

/** The addresses in AWS's prefix list `com.amazonaws.<region>.<service>`; undefined where AWS has no such list here. */
export function prefixListCidrs({ service, region }: AwsService): readonly string[] | undefined {
  const block = GATEWAY_SERVICES.indexOf(service)
  const first = block < 0 ? undefined : addressIn(region, FIRST_GATEWAY_HOST + block * GATEWAY_BLOCK_SIZE)
  return first === undefined ? undefined : [`${first}/${GATEWAY_BLOCK_LENGTH}`]
}

function hostOf(service: string): number | undefined {
  const block = GATEWAY_SERVICES.indexOf(service)
  if (block >= 0) return FIRST_GATEWAY_HOST + block * GATEWAY_BLOCK_SIZE + 1
  const position = SERVICES.indexOf(service)
  return position < 0 ? undefined : FIRST_SERVICE_HOST + position
}

function addressIn(region: Region, host: number): string | undefined {
  const position = REGIONS.indexOf(region)
  return position < 0 ? undefined : formatIpv4(AWS_BASE + position * 256 + host)
}
