/** Internet gateways. https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { AwsError } from '../../../core/aws-error.ts'
import { onAll, onCreation, onResource } from '../access.ts'
import { dependencyViolation, invalidParameterValue } from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { pageOf } from '../requests/paging.ts'
import { checkQuota, QUOTAS } from '../quotas.ts'
import type { InternetGatewayRecord, VpcRecord } from '../records.ts'
import type { Ec2Operations, Ec2Service } from '../service.ts'
import { specifiedTags, tagList } from '../requests/tag-set.ts'

export const internetGateways: Ec2Operations = {
  CreateInternetGateway: {
    permissions: ({ TagSpecifications }, caller) =>
      onCreation(caller, 'CreateInternetGateway', 'internet-gateway', TagSpecifications),
    handle({ TagSpecifications }, { account, region }, ec2) {
      const place = { account, region }
      checkQuota(ec2, place, QUOTAS.internetGatewaysPerRegion, ec2.list('internet-gateway', place).length, {
        code: 'InternetGatewayLimitExceeded',
        message: 'The maximum number of internet gateways has been reached.',
      })
      const gateway: InternetGatewayRecord = {
        id: ec2.newId('igw'),
        account,
        region,
        tags: specifiedTags(TagSpecifications, 'internet-gateway'),
      }
      ec2.put('internet-gateway', gateway)
      return { InternetGateway: gatewayShape(gateway) }
    },
  },

  DescribeInternetGateways: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeInternetGateways')],
    handle(input, caller, ec2) {
      const { Filters: filters, InternetGatewayIds: ids } = input
      const found = applyFilters(ec2.asked('internet-gateway', caller, ids), filters, FILTERS)
      const { items, NextToken } = pageOf(found, ({ id }) => id, input, { idsParameter: ids && 'internetGatewayIds' })
      return { InternetGateways: items.map(gatewayShape), NextToken }
    },
  },

  AttachInternetGateway: {
    permissions: ({ InternetGatewayId, VpcId }, caller, ec2) => [
      onResource(ec2, caller, 'AttachInternetGateway', 'internet-gateway', InternetGatewayId),
      onResource(ec2, caller, 'AttachInternetGateway', 'vpc', VpcId),
    ],
    handle({ InternetGatewayId, VpcId }, caller, ec2) {
      const gateway = ec2.get('internet-gateway', caller, InternetGatewayId)
      const vpc = ec2.get('vpc', caller, VpcId)
      if (gateway.vpcId !== undefined) {
        throw new AwsError(
          'Resource.AlreadyAssociated',
          `resource ${gateway.id} is already attached to network ${gateway.vpcId}`,
        )
      }
      if (gatewayOf(ec2, vpc)) {
        throw invalidParameterValue(`Network ${vpc.id} already has an internet gateway attached`)
      }
      ec2.put('internet-gateway', { ...gateway, vpcId: vpc.id })
      return {}
    },
  },

  DetachInternetGateway: {
    permissions: ({ InternetGatewayId, VpcId }, caller, ec2) => [
      onResource(ec2, caller, 'DetachInternetGateway', 'internet-gateway', InternetGatewayId),
      onResource(ec2, caller, 'DetachInternetGateway', 'vpc', VpcId),
    ],
    handle({ InternetGatewayId, VpcId }, caller, ec2) {
      const gateway = ec2.get('internet-gateway', caller, InternetGatewayId)
      const vpc = ec2.get('vpc', caller, VpcId)
      if (gateway.vpcId !== vpc.id) {
        throw new AwsError('Gateway.NotAttached', `resource ${gateway.id} is not attached to network ${vpc.id}`)
      }
      const isMapped = ec2
        .list('elastic-ip', vpc)
        .some(
          ({ association }) =>
            association && ec2.find('network-interface', vpc, association.networkInterfaceId)?.vpcId === vpc.id,
        )
      if (isMapped) {
        throw dependencyViolation(
          `Network ${vpc.id} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
        )
      }
      const { vpcId: _detached, ...rest } = gateway
      ec2.put('internet-gateway', rest)
      return {}
    },
  },

  DeleteInternetGateway: {
    permissions: ({ InternetGatewayId }, caller, ec2) => [
      onResource(ec2, caller, 'DeleteInternetGateway', 'internet-gateway', InternetGatewayId),
    ],
    handle({ InternetGatewayId }, caller, ec2) {
      const gateway = ec2.get('internet-gateway', caller, InternetGatewayId)
      if (gateway.vpcId !== undefined) {
        throw dependencyViolation(`The internetGateway '${gateway.id}' has dependencies and cannot be deleted.`)
      }
      ec2.delete('internet-gateway', gateway)
      return {}
    },
  },
}

/** The gateway that is attached to a VPC. */
export function gatewayOf(
  ec2: Ec2Service,
  vpc: Pick<VpcRecord, 'id' | 'account' | 'region'>,
): InternetGatewayRecord | undefined {
  return ec2.list('internet-gateway', vpc).find(({ vpcId }) => vpcId === vpc.id)
}

const FILTERS: Filters<InternetGatewayRecord> = {
  'attachment.state': ({ vpcId }) => (vpcId === undefined ? undefined : 'available'),
  'attachment.vpc-id': ({ vpcId }) => vpcId,
  'internet-gateway-id': ({ id }) => id,
}

function gatewayShape({ id, account, tags, vpcId }: InternetGatewayRecord): sdk.InternetGateway {
  return {
    InternetGatewayId: id,
    OwnerId: account,
    // The model's word would be `attached`; AWS answers this one.
    Attachments: vpcId === undefined ? [] : [{ VpcId: vpcId, State: 'available' as sdk.AttachmentStatus }],
    Tags: tagList(tags),
  }
}
