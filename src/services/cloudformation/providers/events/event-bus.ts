/** AWS::Events::EventBus. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbus.html */
import { updateEventsTags } from './tags.ts'
import { HandlerError, unlessMissing } from '../handler-error.ts'
import { document, object, refused, string, tags } from '../property-schema.ts'
import { documentOf, textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'
import { isEmpty, mergedTags, tagList } from '../tags.ts'

export const eventBus: ResourceProvider = {
  type: 'AWS::Events::EventBus',
  schema: object(
    {
      DeadLetterConfig: refused,
      Description: string,
      EventSourceName: refused,
      KmsKeyIdentifier: refused,
      LogConfig: refused,
      Name: string,
      Policy: document,
      Tags: tags,
    },
    ['Name'],
  ),
  replacedBy: new Set(['Name']),
  nameProperty: 'Name',
  attributes: ['Arn', 'Name'],
  taggable: true,

  async create(properties, { call, stackTags }, initiated) {
    const Name = textOf(properties, 'Name') ?? ''
    const allTags = mergedTags(properties, stackTags)
    const { EventBusArn: Arn = '' } = await call('events', 'CreateEventBus', {
      Name,
      Description: textOf(properties, 'Description'),
      Tags: isEmpty(allTags) ? undefined : tagList(allTags),
    })
    initiated(Name)
    const Policy = documentOf(properties, 'Policy')
    if (Policy !== undefined) await call('events', 'PutPermission', { EventBusName: Name, Policy })
    return { physicalId: Name, attributes: { Arn, Name } }
  },

  async update(next, previous, resource, { call, stackTags }) {
    const EventBusName = resource.physicalId
    if (textOf(next, 'Description') !== textOf(previous.properties, 'Description')) {
      throw new HandlerError('NotUpdatable', 'Isthmus does not change Description of an event bus that exists')
    }
    const Policy = documentOf(next, 'Policy')
    if (Policy !== undefined) await call('events', 'PutPermission', { EventBusName, Policy })
    else if (documentOf(previous.properties, 'Policy') !== undefined) {
      await call('events', 'RemovePermission', { EventBusName, RemoveAllPermissions: true })
    }
    const tags = [mergedTags(previous.properties, previous.stackTags), mergedTags(next, stackTags)] as const
    await updateEventsTags(resource.attributes['Arn'] ?? '', ...tags, call)
    return resource
  },

  async delete(_properties, { physicalId: Name }, { call }) {
    await unlessMissing(call('events', 'DeleteEventBus', { Name }))
  },
}
