/** The services that VPC endpoints lead to. https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html */
import { createHash } from 'node:crypto'

import type * as sdk from '@aws-sdk/client-ec2'

import { AwsError } from '../../../core/aws-error.ts'
import type { Region } from '../../../core/region.ts'
import { serviceDescriptions } from '../../../wire/service-description.ts'
import { onAll } from '../access.ts'
import { hasPrefixList, type PrefixListService } from '../prefix-lists/aws-prefix-lists.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { pageOf } from '../requests/paging.ts'
import type { Tags, VpcEndpointRecord } from '../records.ts'
import type { Ec2Operations } from '../service.ts'
import { zoneIdOf, zonesOf } from '../zones/zones.ts'

export type EndpointService = InterfaceEndpointService | GatewayEndpointService

interface EndpointServiceFacts {
  /** `com.amazonaws.us-east-1.lambda` */
  readonly name: string
  readonly region: Region
  /** What requests to it are signed for: `lambda`. */
  readonly signingName: string
  /** What its actions begin with, which are those the endpoint's policy is about: `lambda`. */
  readonly actionPrefix: string
  /** `lambda.us-east-1.amazonaws.com` */
  readonly hostName: string
}

export interface InterfaceEndpointService extends EndpointServiceFacts {
  readonly type: 'Interface'
}

export interface GatewayEndpointService extends EndpointServiceFacts {
  readonly type: 'Gateway'
  readonly prefixList: PrefixListService
}

interface Peculiarities {
  /** The only Region whose VPCs can have an endpoint. */
  readonly region?: string
  readonly name?: string
  readonly hostName?: string
  readonly actionPrefix?: string
}

/**
 * IAM and Organizations live in Northern Virginia. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam_vpc_endpoint_create.html
 * CloudWatch signs for `monitoring` and has actions of `cloudwatch`.
 */
const PECULIARITIES: Readonly<Record<string, Peculiarities | undefined>> = {
  iam: { region: 'us-east-1', name: 'com.amazonaws.iam', hostName: 'iam.amazonaws.com' },
  organizations: { region: 'us-east-1' },
  monitoring: { actionPrefix: 'cloudwatch' },
}

/** FIDELITY: AWS has interface endpoints for these two as well. */
const GATEWAY_SERVICES = ['dynamodb', 's3']

/** In the order of their names. */
export function endpointServices(region: Region): readonly EndpointService[] {
  const signingNames = Object.values(serviceDescriptions).map(({ signingName }) => signingName)
  return [...signingNames, ...GATEWAY_SERVICES]
    .filter((signingName) => (PECULIARITIES[signingName]?.region ?? region) === region)
    .map((signingName) => endpointServiceOf(region, signingName))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function endpointServiceOf(region: Region, signingName: string): EndpointService {
  const {
    name = `com.amazonaws.${region}.${signingName}`,
    hostName = `${signingName}.${region}.amazonaws.com`,
    actionPrefix = signingName,
  } = PECULIARITIES[signingName] ?? {}
  const facts = { name, region, signingName, actionPrefix, hostName }
  return hasPrefixList(signingName)
    ? { type: 'Gateway', prefixList: signingName, ...facts }
    : { type: 'Interface', ...facts }
}

/** Throws AWS's error where there is none of the name in the Region. */
export function endpointService(region: Region, name: string): EndpointService {
  const service = endpointServices(region).find((candidate) => candidate.name === name)
  if (service) return service
  throw new AwsError('InvalidServiceName', `The Vpc Endpoint Service '${name}' does not exist`)
}

/** INVARIANT: of an endpoint that was made. */
export function serviceOf({ region, serviceName }: Pick<VpcEndpointRecord, 'region' | 'serviceName'>): EndpointService {
  return endpointService(region, serviceName)
}

export const vpcEndpointServices: Ec2Operations = {
  DescribeVpcEndpointServices: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeVpcEndpointServices')],
    handle(input, { region }) {
      const { ServiceNames: names, ServiceRegions: regions = [region], Filters: filters } = input
      const asked = names?.length
        ? [...new Set(names)].map((name) => endpointService(region, name))
        : endpointServices(region)
      const here = asked.filter((service) => regions.includes(service.region)).map((service) => ({ service, tags: {} }))
      const found = applyFilters(here, filters, FILTERS)
      const { items, NextToken } = pageOf(found, ({ service: { name } }) => name, input)
      return {
        ServiceNames: items.map(({ service: { name } }) => name),
        ServiceDetails: items.map(({ service }) => serviceShape(service)),
        NextToken,
      }
    },
  },
}

const ID_DIGITS = 17

/** FIDELITY: the same in every account, as AWS's are, but other ids than AWS's. */
function serviceId(name: string): string {
  return `vpce-svc-${createHash('sha256').update(name).digest('hex').slice(0, ID_DIGITS)}`
}

interface Found {
  readonly service: EndpointService
  readonly tags: Tags
}

const FILTERS: Filters<Found> = {
  owner: () => 'amazon',
  'service-name': ({ service: { name } }) => name,
  'service-region': ({ service: { region } }) => region,
  'service-type': ({ service: { type } }) => type,
  'supported-ip-address-types': () => 'ipv4',
}

function serviceShape({ name, region, signingName, type, hostName }: EndpointService): sdk.ServiceDetail {
  const zones = zonesOf(region)
  return {
    ServiceName: name,
    ServiceId: serviceId(name),
    ServiceType: [{ ServiceType: type }],
    ServiceRegion: region,
    AvailabilityZones: [...zones],
    AvailabilityZoneIds: zones.map(zoneIdOf),
    Owner: 'amazon',
    BaseEndpointDnsNames: [type === 'Gateway' ? hostName : `${signingName}.${region}.vpce.amazonaws.com`],
    ...(type === 'Interface' && {
      PrivateDnsName: hostName,
      PrivateDnsNames: [{ PrivateDnsName: hostName }],
      PrivateDnsNameVerificationState: 'verified',
    }),
    VpcEndpointPolicySupported: true,
    AcceptanceRequired: false,
    ManagesVpcEndpoints: false,
    Tags: [],
    SupportedIpAddressTypes: ['ipv4'],
  }
}
