/** Route tables and what they are associated with. https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { AwsError } from '../../../core/aws-error.ts'
import type { Permission } from '../../operation.ts'
import type { Caller } from '../../caller.ts'
import { onAll, onCreation, onResource, resourceArn } from '../access.ts'
import { alreadyCreated, creationOf } from '../requests/client-tokens.ts'
import { dependencyViolation, invalidParameterValue, missingParameter } from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { pageOf } from '../requests/paging.ts'
import { checkQuota, QUOTAS } from '../quotas.ts'
import type { RouteTableAssociation, RouteTableRecord } from '../records.ts'
import { routeShapes } from './route-shapes.ts'
import type { Ec2Operations, Ec2Service, Place } from '../service.ts'
import { specifiedTags, tagList } from '../requests/tag-set.ts'

export const routeTables: Ec2Operations = {
  CreateRouteTable: {
    permissions: ({ TagSpecifications, VpcId }, caller, ec2) => [
      ...onCreation(caller, 'CreateRouteTable', 'route-table', TagSpecifications, {
        'ec2:vpc': resourceArn('vpc', caller, VpcId),
      }),
      onResource(ec2, caller, 'CreateRouteTable', 'vpc', VpcId),
    ],
    handle(input, caller, ec2) {
      const before = alreadyCreated(ec2, 'route-table', caller, input)
      if (before) return { RouteTable: tableShape(ec2, before), ClientToken: input.ClientToken }
      const vpc = ec2.get('vpc', caller, input.VpcId)
      const siblings = ec2.list('route-table', vpc).filter(({ vpcId }) => vpcId === vpc.id)
      checkQuota(ec2, vpc, QUOTAS.routeTablesPerVpc, siblings.length, {
        code: 'RouteTableLimitExceeded',
        message: 'The maximum number of route tables has been reached.',
      })
      const table: RouteTableRecord = {
        id: ec2.newId('rtb'),
        account: vpc.account,
        region: vpc.region,
        vpcId: vpc.id,
        associations: [],
        routes: [],
        tags: specifiedTags(input.TagSpecifications, 'route-table'),
        ...creationOf(input),
      }
      ec2.put('route-table', table)
      return { RouteTable: tableShape(ec2, table), ClientToken: input.ClientToken }
    },
  },

  DescribeRouteTables: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeRouteTables')],
    handle(input, caller, ec2) {
      const { Filters: filters, RouteTableIds: ids } = input
      const found = applyFilters(ec2.asked('route-table', caller, ids), filters, filtersFor(ec2))
      const { items, NextToken } = pageOf(found, ({ id }) => id, input, { idsParameter: ids && 'routeTableIds' })
      return { RouteTables: items.map((table) => tableShape(ec2, table)), NextToken }
    },
  },

  DeleteRouteTable: {
    permissions: ({ RouteTableId }, caller, ec2) => [
      onResource(ec2, caller, 'DeleteRouteTable', 'route-table', RouteTableId),
    ],
    handle({ RouteTableId }, caller, ec2) {
      const table = ec2.get('route-table', caller, RouteTableId)
      if (table.associations.length > 0) {
        throw dependencyViolation(`The routeTable '${table.id}' has dependencies and cannot be deleted.`)
      }
      ec2.delete('route-table', table)
      return {}
    },
  },

  AssociateRouteTable: {
    permissions: ({ RouteTableId, SubnetId }, caller, ec2) => [
      onResource(ec2, caller, 'AssociateRouteTable', 'route-table', RouteTableId),
      ...(SubnetId === undefined ? [] : [onResource(ec2, caller, 'AssociateRouteTable', 'subnet', SubnetId)]),
    ],
    refuses: ['GatewayId', 'PublicIpv4Pool'],
    handle({ RouteTableId, SubnetId }, caller, ec2) {
      const table = ec2.get('route-table', caller, RouteTableId)
      if (SubnetId === undefined) throw missingParameter('subnetId')
      const subnet = ec2.get('subnet', caller, SubnetId)
      if (subnet.vpcId !== table.vpcId) {
        throw invalidParameterValue(`route table ${table.id} and subnet ${subnet.id} belong to different networks`)
      }
      for (const other of ec2.list('route-table', caller)) {
        const existing = other.associations.find(({ subnetId }) => subnetId === subnet.id)
        if (!existing) continue
        if (other.id === table.id) return associated(existing.id)
        throw new AwsError(
          'Resource.AlreadyAssociated',
          `the specified association for route table ${table.id} conflicts with an existing association`,
        )
      }
      const association: RouteTableAssociation = { id: ec2.newId('rtbassoc'), subnetId: subnet.id }
      ec2.put('route-table', { ...table, associations: [...table.associations, association] })
      return associated(association.id)
    },
  },

  DisassociateRouteTable: {
    permissions: ({ AssociationId }, caller, ec2) =>
      onAssociation(ec2, caller, 'DisassociateRouteTable', AssociationId),
    handle({ AssociationId }, caller, ec2) {
      const { table, association } = associationOf(ec2, caller, AssociationId)
      if (association.subnetId === undefined) {
        throw invalidParameterValue(`cannot disassociate the main route table association ${association.id}`)
      }
      ec2.put('route-table', without(table, association))
      return {}
    },
  },

  ReplaceRouteTableAssociation: {
    permissions: ({ AssociationId, RouteTableId }, caller, ec2) => [
      onResource(ec2, caller, 'ReplaceRouteTableAssociation', 'route-table', RouteTableId),
      ...onAssociation(ec2, caller, 'ReplaceRouteTableAssociation', AssociationId).slice(1),
    ],
    handle({ AssociationId, RouteTableId }, caller, ec2) {
      const { table, association } = associationOf(ec2, caller, AssociationId)
      const next = ec2.get('route-table', caller, RouteTableId)
      if (next.vpcId !== table.vpcId) {
        throw invalidParameterValue(`route table ${next.id} and network ${table.vpcId} belong to different networks`)
      }
      const replaced: RouteTableAssociation = { ...association, id: ec2.newId('rtbassoc') }
      ec2.put('route-table', without(table, association))
      const target = ec2.get('route-table', caller, RouteTableId)
      ec2.put('route-table', { ...target, associations: [...target.associations, replaced] })
      return { NewAssociationId: replaced.id, AssociationState: { State: 'associated' } }
    },
  },
}

function associated(AssociationId: string): sdk.AssociateRouteTableResult {
  return { AssociationId, AssociationState: { State: 'associated' } }
}

function without(table: RouteTableRecord, association: RouteTableAssociation): RouteTableRecord {
  return { ...table, associations: table.associations.filter(({ id }) => id !== association.id) }
}

interface Found {
  readonly table: RouteTableRecord
  readonly association: RouteTableAssociation
}

function findAssociation(ec2: Ec2Service, place: Place, associationId: string): Found | undefined {
  for (const table of ec2.list('route-table', place)) {
    const association = table.associations.find(({ id }) => id === associationId)
    if (association) return { table, association }
  }
  return undefined
}

function associationOf(ec2: Ec2Service, place: Place, id: string): Found {
  const found = findAssociation(ec2, place, id)
  if (!found) throw new AwsError('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`)
  return found
}

/** On the table and, unless it is the main association, on the subnet. */
function onAssociation(ec2: Ec2Service, caller: Caller, action: string, id: string): readonly Permission[] {
  const found = findAssociation(ec2, caller, id)
  const subnetId = found?.association.subnetId
  return [
    onResource(ec2, caller, action, 'route-table', found?.table.id),
    ...(subnetId === undefined ? [] : [onResource(ec2, caller, action, 'subnet', subnetId)]),
  ]
}

function filtersFor(ec2: Ec2Service): Filters<RouteTableRecord> {
  const ofRoutes = (read: (route: sdk.Route) => string | undefined) => (table: RouteTableRecord) =>
    routeShapes(ec2, table).map(read)
  return {
    'association.gateway-id': () => undefined,
    'association.main': ({ associations }) => associations.map(({ subnetId }) => subnetId === undefined),
    'association.route-table-association-id': ({ associations }) => associations.map(({ id }) => id),
    'association.route-table-id': ({ id, associations }) => (associations.length > 0 ? id : undefined),
    'association.subnet-id': ({ associations }) => associations.map(({ subnetId }) => subnetId),
    'route.destination-cidr-block': ofRoutes(({ DestinationCidrBlock }) => DestinationCidrBlock),
    'route.destination-prefix-list-id': ofRoutes(({ DestinationPrefixListId }) => DestinationPrefixListId),
    'route.gateway-id': ofRoutes(({ GatewayId }) => GatewayId),
    'route.nat-gateway-id': ofRoutes(({ NatGatewayId }) => NatGatewayId),
    'route.origin': ofRoutes(({ Origin }) => Origin),
    'route.state': ofRoutes(({ State }) => State),
    'route.vpc-peering-connection-id': ofRoutes(({ VpcPeeringConnectionId }) => VpcPeeringConnectionId),
    'route-table-id': ({ id }) => id,
    'vpc-id': ({ vpcId }) => vpcId,
  }
}

function tableShape(ec2: Ec2Service, table: RouteTableRecord): sdk.RouteTable {
  return {
    RouteTableId: table.id,
    VpcId: table.vpcId,
    OwnerId: table.account,
    Associations: table.associations.map(({ id, subnetId }) => ({
      Main: subnetId === undefined,
      RouteTableAssociationId: id,
      RouteTableId: table.id,
      SubnetId: subnetId,
      AssociationState: { State: 'associated' },
    })),
    PropagatingVgws: [],
    Routes: routeShapes(ec2, table),
    Tags: tagList(table.tags),
  }
}
