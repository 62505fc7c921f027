/** AWS::Lambda::Version. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html */
import { HandlerError, unlessMissing } from '../handler-error.ts'
import { object, refused, string } from '../property-schema.ts'
import { textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

export const version: ResourceProvider = {
  type: 'AWS::Lambda::Version',
  schema: object(
    {
      CodeSha256: string,
      Description: string,
      FunctionName: string,
      FunctionScalingConfig: refused,
      ProvisionedConcurrencyConfig: refused,
      RuntimePolicy: refused,
    },
    ['FunctionName'],
  ),
  replacedBy: new Set(['FunctionName', 'Description', 'CodeSha256']),
  attributes: ['Version', 'FunctionArn'],
  taggable: false,

  async create(properties, { call, ownerOf }, initiated) {
    const { Version: number = '', FunctionArn: arn = '' } = await call('lambda', 'PublishVersion', {
      FunctionName: textOf(properties, 'FunctionName') ?? '',
      CodeSha256: textOf(properties, 'CodeSha256'),
      Description: textOf(properties, 'Description'),
    })
    // Lambda answers the existing version when nothing has changed since.
    // FIDELITY: AWS also refuses a version that somebody published by hand; here it becomes the stack's.
    if (ownerOf(arn) !== undefined) {
      throw new HandlerError(
        'AlreadyExists',
        `A version for this Lambda function exists ( ${number} ). Modify the function to create a new version.`,
      )
    }
    initiated(arn)
    return { physicalId: arn, attributes: { Version: number, FunctionArn: arn } }
  },

  update: (_next, _previous, resource) => Promise.resolve(resource),

  async delete(properties, { attributes }, { call }) {
    const FunctionName = textOf(properties, 'FunctionName') ?? ''
    await unlessMissing(call('lambda', 'DeleteFunction', { FunctionName, Qualifier: attributes['Version'] }))
  },
}
