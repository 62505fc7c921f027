/** AWS::Lambda::EventInvokeConfig. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventinvokeconfig.html */
import type * as lambda from '@aws-sdk/client-lambda'

import type { JsonObject } from '../../template/json.ts'
import { unlessMissing } from '../handler-error.ts'
import { integer, object, string } from '../property-schema.ts'
import { numberOf, objectOf, textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

const destination = object({ Destination: string }, ['Destination'])

export const eventInvokeConfig: ResourceProvider = {
  type: 'AWS::Lambda::EventInvokeConfig',
  schema: object(
    {
      DestinationConfig: object({ OnFailure: destination, OnSuccess: destination }),
      FunctionName: string,
      MaximumEventAgeInSeconds: integer,
      MaximumRetryAttempts: integer,
      Qualifier: string,
    },
    ['FunctionName', 'Qualifier'],
  ),
  replacedBy: new Set(['FunctionName', 'Qualifier']),
  attributes: [],
  taggable: false,

  async create(properties, { call, generateShortId }, initiated) {
    const physicalId = generateShortId()
    await call('lambda', 'PutFunctionEventInvokeConfig', configurationOf(properties))
    initiated(physicalId)
    return { physicalId, attributes: {} }
  },

  async update(next, _previous, resource, { call }) {
    await call('lambda', 'PutFunctionEventInvokeConfig', configurationOf(next))
    return resource
  },

  async delete(properties, _resource, { call }) {
    await unlessMissing(call('lambda', 'DeleteFunctionEventInvokeConfig', identity(properties)))
  },
}

function identity(properties: JsonObject) {
  return { FunctionName: textOf(properties, 'FunctionName') ?? '', Qualifier: textOf(properties, 'Qualifier') }
}

function configurationOf(properties: JsonObject) {
  return {
    ...identity(properties),
    MaximumEventAgeInSeconds: numberOf(properties, 'MaximumEventAgeInSeconds'),
    MaximumRetryAttempts: numberOf(properties, 'MaximumRetryAttempts'),
    DestinationConfig: objectOf(properties, 'DestinationConfig') as lambda.DestinationConfig | undefined,
  }
}
