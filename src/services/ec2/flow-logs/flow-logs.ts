/** Flow logs: what passes the interfaces of a VPC, written to CloudWatch Logs. https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { parseArn } from '../../../core/arn.ts'
import { AwsError } from '../../../core/aws-error.ts'
import { onAll, onCreation, onResource } from '../access.ts'
import { invalidParameterValue, missingParameter, notImplemented } from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { checkFormat, DEFAULT_FORMAT } from './flow-log-format.ts'
import { KINDS } from '../kinds.ts'
import { pageOf } from '../requests/paging.ts'
import type { FlowLogRecord } from '../records.ts'
import type { Ec2Operations, Ec2Service, Place } from '../service.ts'
import { specifiedTags, tagList } from '../requests/tag-set.ts'

/** Who assumes the role that writes. */
export const FLOW_LOGS_SERVICE = 'vpc-flow-logs.amazonaws.com'

const AGGREGATION_SECONDS = [60, 600]
const AGGREGATION_SECONDS_DEFAULT = 600
const OBSERVED_KINDS = { VPC: 'vpc', Subnet: 'subnet', NetworkInterface: 'network-interface' } as const

type ObservedType = keyof typeof OBSERVED_KINDS

export const flowLogs: Ec2Operations = {
  CreateFlowLogs: {
    permissions: (input, caller, ec2) => {
      const type = input.ResourceType
      const kind = type !== undefined && isObserved(type) ? OBSERVED_KINDS[type] : undefined
      const roleArn = input.DeliverLogsPermissionArn
      return [
        ...onCreation(caller, 'CreateFlowLogs', 'vpc-flow-log', input.TagSpecifications),
        ...(kind ? input.ResourceIds.map((id) => onResource(ec2, caller, 'CreateFlowLogs', kind, id)) : []),
        ...(roleArn === undefined
          ? []
          : [
              {
                action: 'iam:PassRole',
                resource: roleArn,
                resourceAccount: parseArn(roleArn)?.account ?? caller.account,
                context: { 'iam:passedtoservice': FLOW_LOGS_SERVICE },
              },
            ]),
      ]
    },
    refuses: ['DeliverCrossAccountRole', 'DestinationOptions', 'TagFieldSpecifications'],
    handle(input, caller, ec2) {
      const settings = settingsFrom(input)
      const { ClientToken, ResourceType: type } = input
      if (type === undefined) throw missingParameter('ResourceType')
      if (!isObserved(type)) throw notImplemented(`ResourceType ${type}`, 'CreateFlowLogs')
      const tags = specifiedTags(input.TagSpecifications, 'vpc-flow-log')
      const FlowLogIds: string[] = []
      const Unsuccessful: sdk.UnsuccessfulItem[] = []
      for (const resourceId of new Set(input.ResourceIds)) {
        const kind = OBSERVED_KINDS[type]
        if (!ec2.find(kind, caller, resourceId)) {
          const { name, message } = KINDS[kind].notFound(resourceId)
          Unsuccessful.push({ ResourceId: resourceId, Error: { Code: name, Message: message } })
          continue
        }
        refuseSecond(ec2, caller, resourceId, settings)
        const { account, region } = caller
        const id = ec2.newId('fl')
        ec2.put('vpc-flow-log', { id, account, region, tags, resourceId, ...settings, createdMs: ec2.clock.now() })
        FlowLogIds.push(id)
      }
      return { ClientToken, FlowLogIds, Unsuccessful }
    },
  },

  DescribeFlowLogs: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeFlowLogs')],
    handle(input, caller, ec2) {
      const { FlowLogIds: ids, Filter: filters } = input
      const found = applyFilters(ec2.asked('vpc-flow-log', caller, ids), filters, FILTERS)
      const { items, NextToken } = pageOf(found, ({ id }) => id, input, { idsParameter: ids && 'flowLogIds' })
      return { FlowLogs: items.map(flowLogShape), NextToken }
    },
  },

  DeleteFlowLogs: {
    permissions: ({ FlowLogIds }, caller, ec2) =>
      FlowLogIds.map((id) => onResource(ec2, caller, 'DeleteFlowLogs', 'vpc-flow-log', id)),
    handle({ FlowLogIds: ids }, caller, ec2) {
      const missing = ids.filter((id) => !ec2.find('vpc-flow-log', caller, id))
      if (missing.length > 0) {
        throw new AwsError(
          'InvalidFlowLogId.NotFound',
          `These flow log ids in the input list are not found: [TotalCount: ${missing.length}] ${missing.join(' ')}`,
        )
      }
      for (const id of ids) ec2.delete('vpc-flow-log', ec2.get('vpc-flow-log', caller, id))
      return { Unsuccessful: [] }
    },
  },
}

type Settings = Pick<FlowLogRecord, 'trafficType' | 'logGroupName' | 'roleArn' | 'format' | 'aggregationSeconds'>

function isObserved(type: string): type is ObservedType {
  return Object.hasOwn(OBSERVED_KINDS, type)
}

function settingsFrom(input: sdk.CreateFlowLogsRequest): Settings {
  const { LogDestinationType: destination = 'cloud-watch-logs', DeliverLogsPermissionArn: roleArn } = input
  requireOneDestination(input, destination)
  if (destination !== 'cloud-watch-logs') throw notImplemented(`LogDestinationType ${destination}`, 'CreateFlowLogs')
  if (roleArn === undefined) {
    throw new AwsError(
      'InvalidParameter',
      "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
    )
  }
  if (input.TrafficType === undefined) throw missingParameter('TrafficType')
  const { MaxAggregationInterval: aggregationSeconds = AGGREGATION_SECONDS_DEFAULT } = input
  if (!AGGREGATION_SECONDS.includes(aggregationSeconds)) {
    throw invalidParameterValue('Invalid Flow Log Max Aggregation Interval')
  }
  return {
    trafficType: input.TrafficType,
    logGroupName: logGroupFrom(input),
    roleArn,
    format: input.LogFormat === undefined ? DEFAULT_FORMAT : checkFormat(input.LogFormat),
    aggregationSeconds,
  }
}

/** What AWS says of every kind of destination. */
function requireOneDestination(
  { LogGroupName: name, LogDestination: arn }: sdk.CreateFlowLogsRequest,
  destination: string,
): void {
  if (name !== undefined && arn !== undefined) {
    throw new AwsError('InvalidParameter', 'Please only provide LogGroupName or only provide LogDestination.')
  }
  if (name === undefined && arn === undefined) throw noDestination()
  if (name === undefined || destination === 'cloud-watch-logs') return
  throw new AwsError('InvalidParameter', 'LogDestination type must be cloud-watch-logs if LogGroupName is provided.')
}

function noDestination(): AwsError {
  return new AwsError('InvalidParameter', "LogDestination can't be empty if LogGroupName is not provided.")
}

/** By its name, or by its ARN as the destination: `arn:aws:logs:us-east-1:111122223333:log-group:flows`. */
function logGroupFrom({ LogGroupName: name, LogDestination: arn }: sdk.CreateFlowLogsRequest): string {
  if (name !== undefined) return name
  const named = /^log-group:([^:]+)(:\*)?$/.exec(parseArn(arn ?? '')?.resource ?? '')?.[1]
  if (named === undefined) throw noDestination()
  return named
}

function refuseSecond(ec2: Ec2Service, place: Place, resourceId: string, settings: Settings): void {
  const same = ec2
    .list('vpc-flow-log', place)
    .some(
      (other) =>
        other.resourceId === resourceId &&
        other.trafficType === settings.trafficType &&
        other.logGroupName === settings.logGroupName,
    )
  if (!same) return
  throw new AwsError(
    'FlowLogAlreadyExists',
    'Error. There is an existing Flow Log with the same configuration and log destination.',
  )
}

const FILTERS: Filters<FlowLogRecord> = {
  'deliver-log-status': (log) => deliveryStatus(log),
  'flow-log-id': ({ id }) => id,
  'log-destination-type': () => 'cloud-watch-logs',
  'log-group-name': ({ logGroupName }) => logGroupName,
  'resource-id': ({ resourceId }) => resourceId,
  'traffic-type': ({ trafficType }) => trafficType,
}

function deliveryStatus({ deliveryError }: FlowLogRecord): 'FAILED' | 'SUCCESS' {
  return deliveryError === undefined ? 'SUCCESS' : 'FAILED'
}

function flowLogShape(log: FlowLogRecord): sdk.FlowLog {
  return {
    FlowLogId: log.id,
    FlowLogStatus: 'ACTIVE',
    ResourceId: log.resourceId,
    TrafficType: log.trafficType,
    LogDestinationType: 'cloud-watch-logs',
    LogGroupName: log.logGroupName,
    DeliverLogsPermissionArn: log.roleArn,
    DeliverLogsStatus: deliveryStatus(log),
    ...(log.deliveryError !== undefined && { DeliverLogsErrorMessage: log.deliveryError }),
    LogFormat: log.format,
    MaxAggregationInterval: log.aggregationSeconds,
    CreationTime: new Date(log.createdMs),
    Tags: tagList(log.tags),
  }
}
