/**
 * What Amazon's resolver answers inside a VPC, and in Lambda's own network to functions outside any: addresses for names.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html
 */
import { isRegion, parseRegion, type Region } from '../../core/region.ts'
import { awsServiceAddress, TEST_INTERNET_HOST, type AwsService } from './addresses.ts'
import type { NetworkInterface, NetworkModel, Vpc, VpcEndpoint } from './model.ts'

/** Whose resolver is asked. */
export type Resolver = { readonly kind: 'vpc'; readonly vpcId: string } | { readonly kind: 'lambda-service' }

export type Answer =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[]; readonly source: AnswerSource }
  | { readonly kind: 'no-such-name' }
  /** The VPC has no resolver (enableDnsSupport is off): a query is never answered. */
  | { readonly kind: 'silence' }

/** Why a name has these addresses: what a person is told. */
export type AnswerSource =
  | { readonly kind: 'private-dns'; readonly vpcEndpointId: string }
  | { readonly kind: 'endpoint-name'; readonly vpcEndpointId: string }
  | { readonly kind: 'aws-service'; readonly service: string; readonly region: Region }
  | { readonly kind: 'network-interface'; readonly networkInterfaceId: string }
  | { readonly kind: 'test-internet' }

/** Names are compared as DNS does: without regard to case or a final dot. */
export function resolveName(model: NetworkModel, resolver: Resolver, name: string): Answer {
  const vpc = resolver.kind === 'vpc' ? model.vpcs.find(({ id }) => id === resolver.vpcId) : undefined
  if (resolver.kind === 'vpc' && vpc?.enableDnsSupport !== true) return { kind: 'silence' }
  const host = name.toLowerCase().replace(/\.$/, '')
  return (
    fromPrivateDns(model, vpc, host) ??
    fromEndpointName(model, host) ??
    fromPublicName(host) ??
    fromHostname(model, vpc, host) ?? { kind: 'no-such-name' }
  )
}

/** The service that a public host name belongs to: `lambda.us-east-1.amazonaws.com`, `iam.amazonaws.com`, `bucket.s3.us-east-1.amazonaws.com`. */
export function awsServiceOfName(host: string): AwsService | undefined {
  const global = GLOBAL_NAMES[host]
  if (global !== undefined) return { service: global, region: GLOBAL_REGION }
  const labels = (/^(?<labels>.+)\.amazonaws\.com$/.exec(host)?.groups?.['labels'] ?? '').split('.')
  const last = labels.at(-1) ?? ''
  const [service, region] = last === 's3' ? ['s3', GLOBAL_REGION] : [labels.at(-2) ?? '', last]
  const bucketLabels = labels.length - (last === 's3' ? 1 : 2)
  if (!isRegion(region) || (bucketLabels > 0 && service !== 's3')) return undefined
  return awsServiceAddress({ service, region }) === undefined ? undefined : { service, region }
}

/** The name that the SDK gives to a service's endpoint. */
export function awsHostName({ service, region }: AwsService): string {
  return service === 'iam' ? 'iam.amazonaws.com' : `${service}.${region}.amazonaws.com`
}

const GLOBAL_REGION = parseRegion('us-east-1')
const GLOBAL_NAMES: Readonly<Record<string, string>> = {
  'iam.amazonaws.com': 'iam',
  'sts.amazonaws.com': 'sts',
  'organizations.amazonaws.com': 'organizations',
}

/** Needs both of the VPC's DNS attributes. https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html */
function fromPrivateDns(model: NetworkModel, vpc: Vpc | undefined, host: string): Answer | undefined {
  const asked = awsServiceOfName(host)
  if (vpc?.enableDnsHostnames !== true || asked === undefined) return undefined
  const endpoint = model.vpcEndpoints.find(
    (candidate) =>
      candidate.vpcId === vpc.id &&
      candidate.type === 'Interface' &&
      candidate.privateDnsEnabled &&
      candidate.service === asked.service &&
      candidate.region === asked.region,
  )
  return endpoint === undefined
    ? undefined
    : {
        kind: 'addresses',
        addresses: addressesOf(model, endpoint),
        source: { kind: 'private-dns', vpcEndpointId: endpoint.id },
      }
}

/** These are public names of private addresses: they resolve everywhere. The first stands for every zone. */
function fromEndpointName(model: NetworkModel, host: string): Answer | undefined {
  for (const endpoint of model.vpcEndpoints) {
    const position = endpoint.dnsNames.indexOf(host)
    if (position < 0) continue
    const addresses = addressesOf(model, endpoint)
    return {
      kind: 'addresses',
      addresses: position === 0 ? addresses : addresses.slice(position - 1, position),
      source: { kind: 'endpoint-name', vpcEndpointId: endpoint.id },
    }
  }
  return undefined
}

function fromPublicName(host: string): Answer | undefined {
  if (host === TEST_INTERNET_HOST.name) {
    return { kind: 'addresses', addresses: [TEST_INTERNET_HOST.address], source: { kind: 'test-internet' } }
  }
  const service = awsServiceOfName(host) ?? serviceOfFunctionUrl(host)
  const address = service === undefined ? undefined : awsServiceAddress(service)
  return service === undefined || address === undefined
    ? undefined
    : { kind: 'addresses', addresses: [address], source: { kind: 'aws-service', ...service } }
}

/** Function URLs are reached at Lambda's public addresses, and never through an endpoint: PrivateLink has none for them. */
export function serviceOfFunctionUrl(host: string): AwsService | undefined {
  const region = /^[a-z0-9]+\.lambda-url\.([a-z0-9-]+)\.on\.aws$/.exec(host)?.[1]
  return region !== undefined && isRegion(region) ? { service: 'lambda', region } : undefined
}

/**
 * `ip-10-0-2-10.ec2.internal` within its VPC, `ec2-198-51-100-7.compute-1.amazonaws.com` everywhere: inside its VPC as the private address.
 * Both need the VPC's two DNS attributes.
 */
function fromHostname(model: NetworkModel, asking: Vpc | undefined, host: string): Answer | undefined {
  const hostname = /^(?<side>ip|ec2)-(?<address>\d+-\d+-\d+-\d+)\.(?<zone>.+)$/.exec(host)?.groups
  if (hostname === undefined) return undefined
  const isPublic = hostname['side'] === 'ec2'
  const address = hostname['address']?.replaceAll('-', '.')
  for (const networkInterface of model.networkInterfaces) {
    if ((isPublic ? networkInterface.publicAddress : networkInterface.address) !== address) continue
    const vpc = vpcOf(model, networkInterface)
    if (vpc === undefined || !vpc.enableDnsSupport || !vpc.enableDnsHostnames) continue
    if ((isPublic ? publicZone : privateZone)(vpc.region) !== hostname['zone']) continue
    if (!isPublic && vpc.id !== asking?.id) continue
    const shown = vpc.id === asking?.id ? networkInterface.address : networkInterface.publicAddress
    if (shown === undefined) continue
    const source = { kind: 'network-interface', networkInterfaceId: networkInterface.id } as const
    return { kind: 'addresses', addresses: [shown], source }
  }
  return undefined
}

function privateZone(region: Region): string {
  return region === GLOBAL_REGION ? 'ec2.internal' : `${region}.compute.internal`
}

function publicZone(region: Region): string {
  return region === GLOBAL_REGION ? 'compute-1.amazonaws.com' : `${region}.compute.amazonaws.com`
}

function vpcOf(model: NetworkModel, networkInterface: NetworkInterface): Vpc | undefined {
  const subnet = model.subnets.find(({ id }) => id === networkInterface.subnetId)
  return model.vpcs.find(({ id }) => id === subnet?.vpcId)
}

/** In the endpoint's order of interfaces. */
function addressesOf(model: NetworkModel, endpoint: VpcEndpoint): readonly string[] {
  return endpoint.networkInterfaceIds.flatMap((id) =>
    model.networkInterfaces.filter((networkInterface) => networkInterface.id === id).map(({ address }) => address),
  )
}
