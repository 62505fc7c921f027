/** AWS::Events::Rule. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html */
import type * as events from '@aws-sdk/client-eventbridge'

import type { JsonObject } from '../../template/json.ts'
import { updateEventsTags } from './tags.ts'
import { HandlerError, unlessMissing } from '../handler-error.ts'
import { document, integer, list, map, object, refused, string, tags } from '../property-schema.ts'
import { documentOf, objectsOf, textOf } from '../property-values.ts'
import type { CallService, ResourceProvider } from '../provider.ts'
import { isEmpty, mergedTags, tagList } from '../tags.ts'

const RULE_NAME_LENGTH_MAX = 64

const REFUSED_OF_TARGETS = [
  'AppSyncParameters',
  'BatchParameters',
  'EcsParameters',
  'HttpParameters',
  'KinesisParameters',
  'RedshiftDataParameters',
  'RunCommandParameters',
  'SageMakerPipelineParameters',
  'SqsParameters',
]

const target = object(
  {
    ...Object.fromEntries(REFUSED_OF_TARGETS.map((name) => [name, refused])),
    Arn: string,
    DeadLetterConfig: object({ Arn: string }),
    Id: string,
    Input: string,
    InputPath: string,
    InputTransformer: object({ InputPathsMap: map(string), InputTemplate: string }, ['InputTemplate']),
    RetryPolicy: object({ MaximumEventAgeInSeconds: integer, MaximumRetryAttempts: integer }),
    RoleArn: string,
  },
  ['Arn', 'Id'],
)

export const rule: ResourceProvider = {
  type: 'AWS::Events::Rule',
  schema: object({
    Description: string,
    EventBusName: string,
    EventPattern: document,
    Name: string,
    RoleArn: string,
    ScheduleExpression: refused,
    State: string,
    Tags: tags,
    Targets: list(target),
  }),
  replacedBy: new Set(['Name', 'EventBusName']),
  nameProperty: 'Name',
  attributes: ['Arn'],
  taggable: true,

  async create(properties, { call, generateName, stackTags }, initiated) {
    const Name = textOf(properties, 'Name') ?? generateName(RULE_NAME_LENGTH_MAX)
    const allTags = mergedTags(properties, stackTags)
    const { RuleArn: Arn = '' } = await call('events', 'PutRule', {
      ...settingsOf(properties),
      Name,
      Tags: isEmpty(allTags) ? undefined : tagList(allTags),
    })
    const bus = textOf(properties, 'EventBusName')
    const physicalId = bus === undefined || bus === 'default' ? Name : `${bus}|${Name}`
    initiated(physicalId)
    await putTargets(properties, Name, call)
    return { physicalId, attributes: { Arn } }
  },

  async update(next, previous, resource, { call, stackTags }) {
    const Name = nameOf(resource.physicalId)
    await call('events', 'PutRule', { ...settingsOf(next), Name })
    const kept = targetsOf(next).map(({ Id }) => Id)
    const left = targetsOf(previous.properties).flatMap(({ Id }) => (Id === undefined || kept.includes(Id) ? [] : [Id]))
    if (left.length > 0) await call('events', 'RemoveTargets', { ...ruleOf(next, Name), Ids: left })
    await putTargets(next, Name, call)
    const tags = [mergedTags(previous.properties, previous.stackTags), mergedTags(next, stackTags)] as const
    await updateEventsTags(resource.attributes['Arn'] ?? '', ...tags, call)
    return resource
  },

  async delete(properties, { physicalId }, { call }) {
    const Name = nameOf(physicalId)
    const Ids = targetsOf(properties).flatMap(({ Id }) => (Id === undefined ? [] : [Id]))
    if (Ids.length > 0) await unlessMissing(call('events', 'RemoveTargets', { ...ruleOf(properties, Name), Ids }))
    await unlessMissing(call('events', 'DeleteRule', { Name, EventBusName: textOf(properties, 'EventBusName') }))
  },
}

function nameOf(physicalId: string): string {
  return physicalId.slice(physicalId.indexOf('|') + 1)
}

function ruleOf(properties: JsonObject, Rule: string) {
  return { Rule, EventBusName: textOf(properties, 'EventBusName') }
}

function settingsOf(properties: JsonObject) {
  return {
    EventBusName: textOf(properties, 'EventBusName'),
    EventPattern: documentOf(properties, 'EventPattern'),
    Description: textOf(properties, 'Description'),
    RoleArn: textOf(properties, 'RoleArn'),
    State: textOf(properties, 'State') as events.RuleState | undefined,
  }
}

/** INVARIANT: the schema has checked the members, which are the service's own. */
function targetsOf(properties: JsonObject): events.Target[] {
  return objectsOf(properties, 'Targets') as unknown as events.Target[]
}

async function putTargets(properties: JsonObject, name: string, call: CallService): Promise<void> {
  const Targets = targetsOf(properties)
  if (Targets.length === 0) return
  const { FailedEntries = [] } = await call('events', 'PutTargets', { ...ruleOf(properties, name), Targets })
  const [first] = FailedEntries
  if (first) throw new HandlerError('InvalidRequest', `${first.TargetId}: ${first.ErrorMessage}`)
}
