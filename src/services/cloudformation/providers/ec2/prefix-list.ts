/** AWS::EC2::PrefixList. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-prefixlist.html */
import type { ManagedPrefixList } from '@aws-sdk/client-ec2'

import type { JsonObject } from '../../template/json.ts'
import { tagSpecifications, updateTags } from './tags.ts'
import { unlessMissing } from '../handler-error.ts'
import { integer, list, object, string, tags } from '../property-schema.ts'
import { numberOf, objectsOf, textOf } from '../property-values.ts'
import type { Resource, ResourceProvider } from '../provider.ts'

export const prefixList: ResourceProvider = {
  type: 'AWS::EC2::PrefixList',
  schema: object(
    {
      AddressFamily: string,
      Entries: list(object({ Cidr: string, Description: string }, ['Cidr'])),
      MaxEntries: integer,
      PrefixListName: string,
      Tags: tags,
    },
    ['PrefixListName', 'AddressFamily'],
  ),
  replacedBy: new Set(['AddressFamily']),
  attributes: ['Arn', 'OwnerId', 'PrefixListId', 'Version'],
  taggable: true,

  async create(properties, context, initiated) {
    const Entries = entriesOf(properties)
    const { PrefixList } = await context.call('ec2', 'CreateManagedPrefixList', {
      PrefixListName: nameOf(properties),
      AddressFamily: textOf(properties, 'AddressFamily') ?? '',
      MaxEntries: numberOf(properties, 'MaxEntries') ?? Entries.length,
      Entries,
      TagSpecifications: tagSpecifications('prefix-list', properties, context.stackTags),
    })
    initiated(PrefixList?.PrefixListId ?? '')
    return resourceOf(PrefixList)
  },

  /** The size first, since AWS does not take both at once. */
  async update(next, previous, resource, context) {
    const { call } = context
    const PrefixListId = resource.physicalId
    const MaxEntries = numberOf(next, 'MaxEntries')
    if (MaxEntries !== undefined && MaxEntries !== numberOf(previous.properties, 'MaxEntries')) {
      await call('ec2', 'ModifyManagedPrefixList', { PrefixListId, MaxEntries })
    }
    const { PrefixLists } = await call('ec2', 'DescribeManagedPrefixLists', { PrefixListIds: [PrefixListId] })
    const wanted = entriesOf(next)
    const before = entriesOf(previous.properties)
    const isKept = ({ Cidr }: { readonly Cidr: string }) => wanted.some((entry) => entry.Cidr === Cidr)
    const RemoveEntries = before.filter((entry) => !isKept(entry)).map(({ Cidr }) => ({ Cidr }))
    const AddEntries = wanted.filter(
      (entry) => !before.some(({ Cidr, Description }) => Cidr === entry.Cidr && Description === entry.Description),
    )
    const { PrefixList } = await call('ec2', 'ModifyManagedPrefixList', {
      PrefixListId,
      PrefixListName: nameOf(next),
      ...(AddEntries.length + RemoveEntries.length > 0 && {
        CurrentVersion: PrefixLists?.[0]?.Version,
        AddEntries,
        RemoveEntries,
      }),
    })
    await updateTags(PrefixListId, next, previous, context)
    return resourceOf(PrefixList)
  },

  async delete(_properties, { physicalId: PrefixListId }, { call }) {
    await unlessMissing(call('ec2', 'DeleteManagedPrefixList', { PrefixListId }))
  },
}

function nameOf(properties: JsonObject): string {
  return textOf(properties, 'PrefixListName') ?? ''
}

function entriesOf(properties: JsonObject) {
  return objectsOf(properties, 'Entries').map((entry) => ({
    Cidr: textOf(entry, 'Cidr') ?? '',
    Description: textOf(entry, 'Description'),
  }))
}

function resourceOf(made: ManagedPrefixList | undefined): Resource {
  const PrefixListId = made?.PrefixListId ?? ''
  return {
    physicalId: PrefixListId,
    attributes: {
      Arn: made?.PrefixListArn ?? '',
      OwnerId: made?.OwnerId ?? '',
      PrefixListId,
      Version: String(made?.Version ?? 1),
    },
  }
}
