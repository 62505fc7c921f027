/** AWS::Lambda::Url. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-url.html */
import type * as lambda from '@aws-sdk/client-lambda'

import type { JsonObject } from '../../template/json.ts'
import { unlessMissing } from '../handler-error.ts'
import { boolean, integer, list, object, string } from '../property-schema.ts'
import { objectOf, textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

export const functionUrl: ResourceProvider = {
  type: 'AWS::Lambda::Url',
  schema: object(
    {
      AuthType: string,
      Cors: object({
        AllowCredentials: boolean,
        AllowHeaders: list(string),
        AllowMethods: list(string),
        AllowOrigins: list(string),
        ExposeHeaders: list(string),
        MaxAge: integer,
      }),
      InvokeMode: string,
      Qualifier: string,
      TargetFunctionArn: string,
    },
    ['AuthType', 'TargetFunctionArn'],
  ),
  replacedBy: new Set(['Qualifier', 'TargetFunctionArn']),
  attributes: ['FunctionArn', 'FunctionUrl'],
  taggable: false,

  async create(properties, { call }, initiated) {
    const { FunctionArn = '', FunctionUrl = '' } = await call('lambda', 'CreateFunctionUrlConfig', {
      ...identity(properties),
      ...settings(properties),
      AuthType: textOf(properties, 'AuthType') as lambda.FunctionUrlAuthType,
    })
    initiated(FunctionArn)
    return { physicalId: FunctionArn, attributes: { FunctionArn, FunctionUrl } }
  },

  async update(next, _previous, resource, { call }) {
    await call('lambda', 'UpdateFunctionUrlConfig', {
      ...identity(next),
      // What the template no longer says goes back to what it was at first.
      Cors: {},
      InvokeMode: 'BUFFERED',
      ...settings(next),
      AuthType: textOf(next, 'AuthType') as lambda.FunctionUrlAuthType,
    })
    return resource
  },

  async delete(properties, _resource, { call }) {
    await unlessMissing(call('lambda', 'DeleteFunctionUrlConfig', identity(properties)))
  },
}

function identity(properties: JsonObject) {
  return { FunctionName: textOf(properties, 'TargetFunctionArn') ?? '', Qualifier: textOf(properties, 'Qualifier') }
}

function settings(properties: JsonObject) {
  const cors = objectOf(properties, 'Cors') as lambda.Cors | undefined
  const invokeMode = textOf(properties, 'InvokeMode') as lambda.InvokeMode | undefined
  return { ...(cors && { Cors: cors }), ...(invokeMode && { InvokeMode: invokeMode }) }
}
