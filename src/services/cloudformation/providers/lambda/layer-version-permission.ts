/** AWS::Lambda::LayerVersionPermission: one statement of a layer version's policy. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-layerversionpermission.html */
import { unlessMissing } from '../handler-error.ts'
import { versionOf } from './layer-version.ts'
import { object, string } from '../property-schema.ts'
import { textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

const STATEMENT_ID_LENGTH_MAX = 100

export const layerVersionPermission: ResourceProvider = {
  type: 'AWS::Lambda::LayerVersionPermission',
  schema: object({ Action: string, LayerVersionArn: string, OrganizationId: string, Principal: string }, [
    'Action',
    'LayerVersionArn',
    'Principal',
  ]),
  replacedBy: new Set(['Action', 'LayerVersionArn', 'OrganizationId', 'Principal']),
  attributes: ['Id'],
  taggable: false,

  async create(properties, { call, generateName }, initiated) {
    const StatementId = generateName(STATEMENT_ID_LENGTH_MAX)
    const arn = textOf(properties, 'LayerVersionArn') ?? ''
    await call('lambda', 'AddLayerVersionPermission', {
      ...versionOf(arn),
      StatementId,
      Action: textOf(properties, 'Action') ?? '',
      Principal: textOf(properties, 'Principal') ?? '',
      OrganizationId: textOf(properties, 'OrganizationId'),
    })
    const physicalId = `${arn}#${StatementId}`
    initiated(physicalId)
    return { physicalId, attributes: { Id: physicalId } }
  },

  update: (_next, _previous, resource) => Promise.resolve(resource),

  async delete(_properties, { physicalId }, { call }) {
    const [arn = '', StatementId = ''] = physicalId.split('#')
    await unlessMissing(call('lambda', 'RemoveLayerVersionPermission', { ...versionOf(arn), StatementId }))
  },
}
