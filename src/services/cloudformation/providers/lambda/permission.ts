/** AWS::Lambda::Permission: one statement of a function's policy. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html */
import type * as lambda from '@aws-sdk/client-lambda'

import { unlessMissing } from '../handler-error.ts'
import { boolean, object, string } from '../property-schema.ts'
import { booleanOf, textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

const STATEMENT_ID_LENGTH_MAX = 100

const PROPERTIES = [
  'Action',
  'EventSourceToken',
  'FunctionName',
  'FunctionUrlAuthType',
  'Principal',
  'PrincipalOrgID',
  'SourceAccount',
  'SourceArn',
]

export const permission: ResourceProvider = {
  type: 'AWS::Lambda::Permission',
  schema: object({ ...Object.fromEntries(PROPERTIES.map((name) => [name, string])), InvokedViaFunctionUrl: boolean }, [
    'FunctionName',
    'Action',
    'Principal',
  ]),
  replacedBy: new Set([...PROPERTIES, 'InvokedViaFunctionUrl']),
  attributes: ['Id'],
  taggable: false,

  async create(properties, { call, generateName }, initiated) {
    const StatementId = generateName(STATEMENT_ID_LENGTH_MAX)
    await call('lambda', 'AddPermission', {
      StatementId,
      FunctionName: textOf(properties, 'FunctionName') ?? '',
      Action: textOf(properties, 'Action') ?? '',
      Principal: textOf(properties, 'Principal') ?? '',
      EventSourceToken: textOf(properties, 'EventSourceToken'),
      FunctionUrlAuthType: textOf(properties, 'FunctionUrlAuthType') as lambda.FunctionUrlAuthType | undefined,
      InvokedViaFunctionUrl: booleanOf(properties, 'InvokedViaFunctionUrl'),
      PrincipalOrgID: textOf(properties, 'PrincipalOrgID'),
      SourceAccount: textOf(properties, 'SourceAccount'),
      SourceArn: textOf(properties, 'SourceArn'),
    })
    initiated(StatementId)
    return { physicalId: StatementId, attributes: { Id: StatementId } }
  },

  update: (_next, _previous, resource) => Promise.resolve(resource),

  async delete(properties, { physicalId }, { call }) {
    const FunctionName = textOf(properties, 'FunctionName') ?? ''
    await unlessMissing(call('lambda', 'RemovePermission', { FunctionName, StatementId: physicalId }))
  },
}
