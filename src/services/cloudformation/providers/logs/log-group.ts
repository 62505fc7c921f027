/** AWS::Logs::LogGroup. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html */
import type * as logs from '@aws-sdk/client-cloudwatch-logs'

import { formatArn } from '../../../../core/arn.ts'
import { HandlerError, unlessMissing } from '../handler-error.ts'
import { boolean, integer, object, refused, string, tags } from '../property-schema.ts'
import { booleanOf, changedProperties, numberOf, textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'
import { isEmpty, mergedTags, tagChanges } from '../tags.ts'

const LOG_GROUP_NAME_LENGTH_MAX = 512

/** Changed in place on AWS, by operations that Isthmus does not have. */
const FIXED = ['KmsKeyId', 'LogGroupClass', 'DeletionProtectionEnabled']

export const logGroup: ResourceProvider = {
  type: 'AWS::Logs::LogGroup',
  schema: object({
    BearerTokenAuthenticationEnabled: refused,
    DataProtectionPolicy: refused,
    DeletionProtectionEnabled: boolean,
    FieldIndexPolicies: refused,
    KmsKeyId: string,
    LogGroupClass: string,
    LogGroupName: string,
    ResourcePolicyDocument: refused,
    RetentionInDays: integer,
    Tags: tags,
  }),
  replacedBy: new Set(['LogGroupName']),
  nameProperty: 'LogGroupName',
  attributes: ['Arn'],
  taggable: true,

  async create(properties, { account, region, call, generateName, stackTags }, initiated) {
    const logGroupName = textOf(properties, 'LogGroupName') ?? generateName(LOG_GROUP_NAME_LENGTH_MAX)
    const allTags = mergedTags(properties, stackTags)
    await call('logs', 'CreateLogGroup', {
      logGroupName,
      kmsKeyId: textOf(properties, 'KmsKeyId'),
      logGroupClass: textOf(properties, 'LogGroupClass') as logs.LogGroupClass | undefined,
      deletionProtectionEnabled: booleanOf(properties, 'DeletionProtectionEnabled'),
      tags: isEmpty(allTags) ? undefined : allTags,
    })
    initiated(logGroupName)
    const retentionInDays = numberOf(properties, 'RetentionInDays')
    if (retentionInDays !== undefined) await call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays })
    return {
      physicalId: logGroupName,
      attributes: { Arn: formatArn({ service: 'logs', region, account, resource: `log-group:${logGroupName}:*` }) },
    }
  },

  async update(next, previous, resource, { account, region, call, stackTags }) {
    const logGroupName = resource.physicalId
    const before = previous.properties
    const fixed = changedProperties(before, next).find((name) => FIXED.includes(name))
    if (fixed !== undefined) {
      throw new HandlerError('NotUpdatable', `Isthmus does not change ${fixed} of a log group that exists`)
    }
    const retentionInDays = numberOf(next, 'RetentionInDays')
    if (retentionInDays !== numberOf(before, 'RetentionInDays')) {
      if (retentionInDays === undefined) await call('logs', 'DeleteRetentionPolicy', { logGroupName })
      else await call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays })
    }
    const { set, removed } = tagChanges(mergedTags(before, previous.stackTags), mergedTags(next, stackTags))
    const resourceArn = formatArn({ service: 'logs', region, account, resource: `log-group:${logGroupName}` })
    if (!isEmpty(set)) await call('logs', 'TagResource', { resourceArn, tags: set })
    if (removed.length > 0) await call('logs', 'UntagResource', { resourceArn, tagKeys: removed })
    return resource
  },

  async delete(_properties, { physicalId: logGroupName }, { call }) {
    await unlessMissing(call('logs', 'DeleteLogGroup', { logGroupName }))
  },
}
