/** VPC endpoints: ways out of a VPC that lead to one service. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html */
import type * as sdk from '@aws-sdk/client-ec2'

import type { Caller } from '../../caller.ts'
import type { Permission } from '../../operation.ts'
import { endpointContext, onAll, onCreation, onResource } from '../access.ts'
import { alreadyCreated, creationOf } from '../requests/client-tokens.ts'
import { checkEndpointPolicy } from './endpoint-policies.ts'
import {
  addEndpointRoute,
  checkEndpointSubnets,
  checkEndpointTables,
  createEndpointInterfaces,
  deleteEndpointInterfaces,
  invalidParameter,
  removeEndpointRoute,
  tablesOfEndpoint,
} from './endpoint-parts.ts'
import { endpointService, serviceOf, type EndpointService } from './endpoint-services.ts'
import { endpointShape, endpointState } from './endpoint-shapes.ts'
import { invalidCombination, missingParameter, notImplemented } from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { checkGroups, defaultGroupId } from '../interfaces/interface-creation.ts'
import { pageOf } from '../requests/paging.ts'
import { checkQuota, QUOTAS } from '../quotas.ts'
import type { VpcEndpointRecord, VpcRecord } from '../records.ts'
import type { Ec2Operations, Ec2Service } from '../service.ts'
import { specifiedTags } from '../requests/tag-set.ts'

const DNS_SUFFIX_DIGITS = 8

export const vpcEndpoints: Ec2Operations = {
  CreateVpcEndpoint: {
    permissions: (input, caller, ec2) => [
      ...onCreation(
        caller,
        'CreateVpcEndpoint',
        'vpc-endpoint',
        input.TagSpecifications,
        endpointContext(input.ServiceName, input.ServiceRegion ?? caller.region),
      ),
      onResource(ec2, caller, 'CreateVpcEndpoint', 'vpc', input.VpcId),
      ...onParts(ec2, caller, 'CreateVpcEndpoint', input),
    ],
    refuses: ['DnsOptions', 'ResourceConfigurationArn', 'ServiceNetworkArn', 'SubnetConfigurations'],
    handle(input, caller, ec2) {
      const { ClientToken } = input
      const before = alreadyCreated(ec2, 'vpc-endpoint', caller, input)
      if (before) return { VpcEndpoint: endpointShape(ec2, before, ec2.clock.now()), ClientToken }
      checkAddressType(input.IpAddressType, 'CreateVpcEndpoint')
      if ((input.ServiceRegion ?? caller.region) !== caller.region) {
        throw notImplemented('ServiceRegion with another Region', 'CreateVpcEndpoint')
      }
      const vpc = ec2.get('vpc', caller, input.VpcId)
      if (input.ServiceName === undefined) throw missingParameter('ServiceName')
      const service = endpointService(vpc.region, input.ServiceName)
      const { VpcEndpointType: type = 'Gateway' } = input
      if (type !== service.type) {
        throw invalidParameter(`Endpoint type (${type}) does not match available service types ([${service.type}]).`)
      }
      const endpoint = createEndpoint(ec2, vpc, service, input)
      // However long it has taken to make.
      return { VpcEndpoint: endpointShape(ec2, endpoint, endpoint.createdMs), ClientToken }
    },
  },

  DescribeVpcEndpoints: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeVpcEndpoints')],
    handle(input, caller, ec2) {
      const { VpcEndpointIds: ids, Filters: filters } = input
      const found = applyFilters(ec2.asked('vpc-endpoint', caller, ids), filters, filtersFor(ec2))
      const { items, NextToken } = pageOf(found, ({ id }) => id, input, { idsParameter: ids && 'vpcEndpointIds' })
      return { VpcEndpoints: items.map((endpoint) => endpointShape(ec2, endpoint, ec2.clock.now())), NextToken }
    },
  },

  ModifyVpcEndpoint: {
    permissions: ({ VpcEndpointId: id, ...input }, caller, ec2) => [
      onResource(ec2, caller, 'ModifyVpcEndpoint', 'vpc-endpoint', id, {
        context: { 'ec2:attribute': Object.keys(input).filter((name) => name !== 'DryRun') },
      }),
      ...onParts(ec2, caller, 'ModifyVpcEndpoint', {
        RouteTableIds: [...(input.AddRouteTableIds ?? []), ...(input.RemoveRouteTableIds ?? [])],
        SubnetIds: [...(input.AddSubnetIds ?? []), ...(input.RemoveSubnetIds ?? [])],
        SecurityGroupIds: [...(input.AddSecurityGroupIds ?? []), ...(input.RemoveSecurityGroupIds ?? [])],
      }),
    ],
    refuses: ['DnsOptions', 'SubnetConfigurations'],
    handle(input, caller, ec2) {
      checkAddressType(input.IpAddressType, 'ModifyVpcEndpoint')
      const endpoint = ec2.get('vpc-endpoint', caller, input.VpcEndpointId)
      if (input.ResetPolicy === true && input.PolicyDocument !== undefined) {
        throw invalidCombination('The parameters PolicyDocument and ResetPolicy cannot be used together')
      }
      const { policy: _before, ...rest } = endpoint
      const asked = checkEndpointPolicy(ec2, endpoint, input.PolicyDocument)
      const policy = input.ResetPolicy === true ? undefined : (asked ?? endpoint.policy)
      const modified = { ...rest, ...(policy !== undefined && { policy }) }
      if (endpoint.type === 'Gateway') modifyGateway(ec2, modified, input)
      else modifyInterface(ec2, modified, input)
      return { Return: true }
    },
  },

  DeleteVpcEndpoints: {
    permissions: ({ VpcEndpointIds }, caller, ec2) =>
      VpcEndpointIds.map((id) => onResource(ec2, caller, 'DeleteVpcEndpoints', 'vpc-endpoint', id)),
    // FIDELITY: AWS takes a minute to delete an endpoint; here it is gone at once.
    handle({ VpcEndpointIds: ids }, caller, ec2) {
      const Unsuccessful: sdk.UnsuccessfulItem[] = []
      for (const id of new Set(ids)) {
        const endpoint = ec2.find('vpc-endpoint', caller, id)
        if (endpoint) deleteEndpoint(ec2, endpoint)
        else {
          const Message = `The Vpc Endpoint Id '${id}' does not exist`
          Unsuccessful.push({ ResourceId: id, Error: { Code: 'InvalidVpcEndpoint.NotFound', Message } })
        }
      }
      return { Unsuccessful }
    },
  },
}

interface Parts {
  readonly RouteTableIds?: readonly string[] | undefined
  readonly SubnetIds?: readonly string[] | undefined
  readonly SecurityGroupIds?: readonly string[] | undefined
}

function onParts(ec2: Ec2Service, caller: Caller, action: string, parts: Parts): readonly Permission[] {
  const { RouteTableIds = [], SubnetIds = [], SecurityGroupIds = [] } = parts
  return [
    ...RouteTableIds.map((id) => onResource(ec2, caller, action, 'route-table', id)),
    ...SubnetIds.map((id) => onResource(ec2, caller, action, 'subnet', id)),
    ...SecurityGroupIds.map((id) => onResource(ec2, caller, action, 'security-group', id)),
  ]
}

function checkAddressType(type: string | undefined, operation: string): void {
  if (type !== undefined && type !== 'ipv4') throw notImplemented(`IpAddressType ${type}`, operation)
}

function createEndpoint(
  ec2: Ec2Service,
  vpc: VpcRecord,
  service: EndpointService,
  input: sdk.CreateVpcEndpointRequest,
): VpcEndpointRecord {
  const policy = checkEndpointPolicy(ec2, vpc, input.PolicyDocument)
  const { account, region, id: vpcId } = vpc
  const endpoint: VpcEndpointRecord = {
    id: ec2.newId('vpce'),
    account,
    region,
    vpcId,
    type: service.type,
    serviceName: service.name,
    ...(policy !== undefined && { policy }),
    privateDnsEnabled: false,
    interfaces: [],
    groupIds: [],
    dnsSuffix: ec2.ids.hex(DNS_SUFFIX_DIGITS),
    createdMs: ec2.clock.now(),
    tags: specifiedTags(input.TagSpecifications, 'vpc-endpoint'),
    ...creationOf(input),
  }
  return service.type === 'Gateway'
    ? createGateway(ec2, endpoint, input)
    : createInterfaceEndpoint(ec2, endpoint, vpc, input)
}

const LIMIT_EXCEEDED = {
  code: 'VpcEndpointLimitExceeded',
  message: 'The maximum number of VPC endpoints has been reached.',
} as const

function createGateway(
  ec2: Ec2Service,
  endpoint: VpcEndpointRecord,
  input: sdk.CreateVpcEndpointRequest,
): VpcEndpointRecord {
  refuseParts(endpoint, { SubnetIds: input.SubnetIds, SecurityGroupIds: input.SecurityGroupIds })
  if (input.PrivateDnsEnabled === true) throw noPrivateDns(endpoint)
  const gateways = ec2.list('vpc-endpoint', endpoint).filter(({ type }) => type === 'Gateway')
  checkQuota(ec2, endpoint, QUOTAS.gatewayEndpointsPerRegion, gateways.length, LIMIT_EXCEEDED)
  const tables = tablesToAdd(ec2, endpoint, input.RouteTableIds)
  ec2.put('vpc-endpoint', endpoint)
  for (const table of tables) addEndpointRoute(ec2, endpoint, table)
  return endpoint
}

function tablesToAdd(ec2: Ec2Service, endpoint: VpcEndpointRecord, ids: readonly string[] = []) {
  const service = serviceOf(endpoint)
  return service.type === 'Gateway' ? checkEndpointTables(ec2, endpoint, ids, service.prefixList) : []
}

function createInterfaceEndpoint(
  ec2: Ec2Service,
  endpoint: VpcEndpointRecord,
  vpc: VpcRecord,
  input: sdk.CreateVpcEndpointRequest,
): VpcEndpointRecord {
  refuseParts(endpoint, { RouteTableIds: input.RouteTableIds })
  const { SubnetIds = [], SecurityGroupIds = [], PrivateDnsEnabled: privateDnsEnabled = true } = input
  if (privateDnsEnabled) checkPrivateDns(ec2, endpoint, vpc)
  const siblings = ec2
    .list('vpc-endpoint', vpc)
    .filter(({ type, vpcId }) => type === 'Interface' && vpcId === endpoint.vpcId)
  checkQuota(ec2, vpc, QUOTAS.interfaceEndpointsPerVpc, siblings.length, LIMIT_EXCEEDED)
  const groupIds = SecurityGroupIds.length === 0 ? [defaultGroupId(ec2, endpoint)] : [...new Set(SecurityGroupIds)]
  checkGroups(ec2, endpoint, groupIds)
  const wanted = { ...endpoint, groupIds, privateDnsEnabled }
  const subnets = checkEndpointSubnets(ec2, endpoint, SubnetIds)
  const made = { ...wanted, interfaces: createEndpointInterfaces(ec2, wanted, subnets) }
  ec2.put('vpc-endpoint', made)
  return made
}

/** https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html#prerequisites-interface-endpoints */
function checkPrivateDns(ec2: Ec2Service, endpoint: VpcEndpointRecord, vpc: VpcRecord): void {
  if (!vpc.enableDnsSupport || !vpc.enableDnsHostnames) {
    throw invalidParameter(
      `Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ${vpc.id}`,
    )
  }
  const conflict = ec2
    .list('vpc-endpoint', vpc)
    .some(
      ({ id, vpcId, serviceName, privateDnsEnabled }) =>
        id !== endpoint.id && vpcId === vpc.id && serviceName === endpoint.serviceName && privateDnsEnabled,
    )
  if (conflict) {
    throw invalidParameter(
      `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${serviceOf(endpoint).hostName} in the VPC ${vpc.id}`,
    )
  }
}

function noPrivateDns({ serviceName }: VpcEndpointRecord) {
  return invalidParameter(
    `Private DNS can't be enabled because the service ${serviceName} does not provide a private DNS name.`,
  )
}

/** The two types are made of different things. */
function refuseParts(
  { type }: VpcEndpointRecord,
  parts: Readonly<Record<string, readonly string[] | undefined>>,
): void {
  for (const [parameter, ids = []] of Object.entries(parts)) {
    if (ids.length > 0) throw invalidParameter(`The parameter ${parameter} is not supported by ${type} endpoints.`)
  }
}

function modifyGateway(ec2: Ec2Service, endpoint: VpcEndpointRecord, input: sdk.ModifyVpcEndpointRequest): void {
  const { AddSubnetIds, RemoveSubnetIds, AddSecurityGroupIds, RemoveSecurityGroupIds } = input
  refuseParts(endpoint, { AddSubnetIds, RemoveSubnetIds, AddSecurityGroupIds, RemoveSecurityGroupIds })
  if (input.PrivateDnsEnabled === true) throw noPrivateDns(endpoint)
  const { RemoveRouteTableIds = [] } = input
  const removed = RemoveRouteTableIds.map((id) => ec2.get('route-table', endpoint, id))
  const added = tablesToAdd(ec2, endpoint, input.AddRouteTableIds)
  ec2.put('vpc-endpoint', endpoint)
  for (const table of removed) removeEndpointRoute(ec2, endpoint, table)
  for (const table of added) addEndpointRoute(ec2, endpoint, table)
}

function modifyInterface(ec2: Ec2Service, endpoint: VpcEndpointRecord, input: sdk.ModifyVpcEndpointRequest): void {
  const { AddRouteTableIds, RemoveRouteTableIds } = input
  refuseParts(endpoint, { AddRouteTableIds, RemoveRouteTableIds })
  const { AddSecurityGroupIds = [], RemoveSecurityGroupIds = [], AddSubnetIds = [], RemoveSubnetIds = [] } = input
  const { PrivateDnsEnabled: privateDnsEnabled = endpoint.privateDnsEnabled } = input
  if (privateDnsEnabled && !endpoint.privateDnsEnabled) {
    checkPrivateDns(ec2, endpoint, ec2.get('vpc', endpoint, endpoint.vpcId))
  }
  const groupIds = [...new Set([...endpoint.groupIds, ...AddSecurityGroupIds])].filter(
    (id) => !RemoveSecurityGroupIds.includes(id),
  )
  if (groupIds.length === 0) throw invalidParameter('An interface endpoint must have at least one security group.')
  checkGroups(ec2, endpoint, groupIds)
  const removed = endpoint.interfaces.filter(({ subnetId }) => RemoveSubnetIds.includes(subnetId))
  const kept = endpoint.interfaces.filter((part) => !removed.includes(part))
  const present = kept.map(({ subnetId }) => subnetId)
  const subnets = checkEndpointSubnets(
    ec2,
    { ...endpoint, present },
    AddSubnetIds.filter((id) => !present.includes(id)),
  )
  const wanted = { ...endpoint, groupIds, privateDnsEnabled }
  const added = createEndpointInterfaces(ec2, wanted, subnets)
  deleteEndpointInterfaces(ec2, endpoint, removed)
  for (const { networkInterfaceId } of kept) {
    ec2.put('network-interface', { ...ec2.get('network-interface', endpoint, networkInterfaceId), groupIds })
  }
  ec2.put('vpc-endpoint', { ...wanted, interfaces: [...kept, ...added] })
}

function deleteEndpoint(ec2: Ec2Service, endpoint: VpcEndpointRecord): void {
  deleteEndpointInterfaces(ec2, endpoint, endpoint.interfaces)
  for (const table of tablesOfEndpoint(ec2, endpoint)) removeEndpointRoute(ec2, endpoint, table)
  ec2.delete('vpc-endpoint', endpoint)
}

function filtersFor(ec2: Ec2Service): Filters<VpcEndpointRecord> {
  return {
    'ip-address-type': () => 'ipv4',
    'service-name': ({ serviceName }) => serviceName,
    'service-region': ({ region }) => region,
    'vpc-endpoint-id': ({ id }) => id,
    'vpc-endpoint-state': (endpoint) => endpointState(endpoint, ec2.clock.now()),
    'vpc-endpoint-type': ({ type }) => type,
    'vpc-id': ({ vpcId }) => vpcId,
  }
}
