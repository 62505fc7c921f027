/** AWS::Lambda::LayerVersion. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-layerversion.html */
import type * as lambda from '@aws-sdk/client-lambda'

import type { JsonObject } from '../../template/json.ts'
import { list, object, string } from '../property-schema.ts'
import { objectOf, textOf, textsOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

const LAYER_NAME_LENGTH_MAX = 64

export const layerVersion: ResourceProvider = {
  type: 'AWS::Lambda::LayerVersion',
  schema: object(
    {
      CompatibleArchitectures: list(string),
      CompatibleRuntimes: list(string),
      // A template can name an object of S3 only, which Lambda here refuses by name.
      Content: object({ S3Bucket: string, S3Key: string, S3ObjectVersion: string }, ['S3Bucket', 'S3Key']),
      Description: string,
      LayerName: string,
      LicenseInfo: string,
    },
    ['Content'],
  ),
  replacedBy: new Set([
    'CompatibleArchitectures',
    'CompatibleRuntimes',
    'Content',
    'Description',
    'LayerName',
    'LicenseInfo',
  ]),
  attributes: ['LayerVersionArn'],
  taggable: false,

  async create(properties, { call, generateName }, initiated) {
    const { LayerVersionArn: arn = '' } = await call('lambda', 'PublishLayerVersion', {
      LayerName: textOf(properties, 'LayerName') ?? generateName(LAYER_NAME_LENGTH_MAX),
      Content: objectOf(properties, 'Content') as lambda.LayerVersionContentInput,
      Description: textOf(properties, 'Description'),
      LicenseInfo: textOf(properties, 'LicenseInfo'),
      CompatibleRuntimes: textsIfAny(properties, 'CompatibleRuntimes') as lambda.Runtime[] | undefined,
      CompatibleArchitectures: textsIfAny(properties, 'CompatibleArchitectures') as lambda.Architecture[] | undefined,
    })
    initiated(arn)
    return { physicalId: arn, attributes: { LayerVersionArn: arn } }
  },

  update: (_next, _previous, resource) => Promise.resolve(resource),

  async delete(_properties, { physicalId }, { call }) {
    await call('lambda', 'DeleteLayerVersion', versionOf(physicalId))
  },
}

function textsIfAny(properties: JsonObject, name: string): readonly string[] | undefined {
  return properties[name] === undefined ? undefined : textsOf(properties, name)
}

/** `arn:…:layer:<name>:<version>` as the operations of layers take it. */
export function versionOf(arn: string): { readonly LayerName: string; readonly VersionNumber: number } {
  const colon = arn.lastIndexOf(':')
  return { LayerName: arn.slice(0, colon), VersionNumber: Number(arn.slice(colon + 1)) }
}
