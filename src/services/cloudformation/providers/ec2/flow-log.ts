/** AWS::EC2::FlowLog. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-flowlog.html */
import type { FlowLogsResourceType, LogDestinationType, TrafficType } from '@aws-sdk/client-ec2'

import { tagSpecifications, updateTags } from './tags.ts'
import { HandlerError, unlessMissing } from '../handler-error.ts'
import { integer, object, refused, string, tags } from '../property-schema.ts'
import { numberOf, textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

export const flowLog: ResourceProvider = {
  type: 'AWS::EC2::FlowLog',
  schema: object(
    {
      DeliverCrossAccountRole: refused,
      DeliverLogsPermissionArn: string,
      DestinationOptions: refused,
      LogDestination: string,
      LogDestinationType: string,
      LogFormat: string,
      LogGroupName: string,
      MaxAggregationInterval: integer,
      ResourceId: string,
      ResourceType: string,
      TagFieldSpecifications: refused,
      Tags: tags,
      TrafficType: string,
    },
    ['ResourceId', 'ResourceType'],
  ),
  replacedBy: new Set([
    'DeliverLogsPermissionArn',
    'LogDestination',
    'LogDestinationType',
    'LogFormat',
    'LogGroupName',
    'MaxAggregationInterval',
    'ResourceId',
    'ResourceType',
    'TrafficType',
  ]),
  attributes: ['Id'],
  taggable: true,

  async create(properties, context, initiated) {
    const { FlowLogIds = [], Unsuccessful = [] } = await context.call('ec2', 'CreateFlowLogs', {
      ResourceIds: [textOf(properties, 'ResourceId') ?? ''],
      ResourceType: textOf(properties, 'ResourceType') as FlowLogsResourceType,
      TrafficType: textOf(properties, 'TrafficType') as TrafficType | undefined,
      DeliverLogsPermissionArn: textOf(properties, 'DeliverLogsPermissionArn'),
      LogDestination: textOf(properties, 'LogDestination'),
      LogDestinationType: textOf(properties, 'LogDestinationType') as LogDestinationType | undefined,
      LogFormat: textOf(properties, 'LogFormat'),
      LogGroupName: textOf(properties, 'LogGroupName'),
      MaxAggregationInterval: numberOf(properties, 'MaxAggregationInterval'),
      TagSpecifications: tagSpecifications('vpc-flow-log', properties, context.stackTags),
    })
    const [id] = FlowLogIds
    if (id === undefined) throw new HandlerError('InvalidRequest', Unsuccessful[0]?.Error?.Message ?? '')
    initiated(id)
    return { physicalId: id, attributes: { Id: id } }
  },

  async update(next, previous, resource, context) {
    await updateTags(resource.physicalId, next, previous, context)
    return resource
  },

  async delete(_properties, { physicalId }, { call }) {
    await unlessMissing(call('ec2', 'DeleteFlowLogs', { FlowLogIds: [physicalId] }))
  },
}
