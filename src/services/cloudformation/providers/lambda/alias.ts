/** AWS::Lambda::Alias. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-alias.html */
import type { JsonObject } from '../../template/json.ts'
import { unlessMissing } from '../handler-error.ts'
import { list, number, object, refused, string } from '../property-schema.ts'
import { numberOf, objectOf, objectsOf, textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

export const alias: ResourceProvider = {
  type: 'AWS::Lambda::Alias',
  schema: object(
    {
      Description: string,
      FunctionName: string,
      FunctionVersion: string,
      Name: string,
      ProvisionedConcurrencyConfig: refused,
      RoutingConfig: object({
        AdditionalVersionWeights: list(
          object({ FunctionVersion: string, FunctionWeight: number }, ['FunctionVersion', 'FunctionWeight']),
        ),
      }),
    },
    ['FunctionName', 'FunctionVersion', 'Name'],
  ),
  replacedBy: new Set(['Name', 'FunctionName']),
  attributes: ['AliasArn'],
  taggable: false,

  async create(properties, { call }, initiated) {
    const { AliasArn: arn = '' } = await call('lambda', 'CreateAlias', {
      ...identity(properties),
      FunctionVersion: textOf(properties, 'FunctionVersion') ?? '',
      Description: textOf(properties, 'Description'),
      RoutingConfig: routing(properties),
    })
    initiated(arn)
    return { physicalId: arn, attributes: { AliasArn: arn } }
  },

  async update(next, previous, resource, { call }) {
    await call('lambda', 'UpdateAlias', {
      ...identity(next),
      FunctionVersion: textOf(next, 'FunctionVersion'),
      Description: textOf(next, 'Description') ?? '',
      RoutingConfig: routing(next) ?? (routing(previous.properties) ? { AdditionalVersionWeights: {} } : undefined),
    })
    return resource
  },

  async delete(properties, _resource, { call }) {
    await unlessMissing(call('lambda', 'DeleteAlias', identity(properties)))
  },
}

function identity(properties: JsonObject): { FunctionName: string; Name: string } {
  return { FunctionName: textOf(properties, 'FunctionName') ?? '', Name: textOf(properties, 'Name') ?? '' }
}

/** A list of weights in the template, a map in the service. */
function routing(properties: JsonObject): { AdditionalVersionWeights: Record<string, number> } | undefined {
  const config = objectOf(properties, 'RoutingConfig')
  if (!config) return undefined
  const weights = objectsOf(config, 'AdditionalVersionWeights').map(
    (entry) => [textOf(entry, 'FunctionVersion') ?? '', numberOf(entry, 'FunctionWeight') ?? 0] as const,
  )
  return { AdditionalVersionWeights: Object.fromEntries(weights) }
}
