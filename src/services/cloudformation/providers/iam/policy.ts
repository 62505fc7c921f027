/** AWS::IAM::Policy: one inline policy put on roles, users and groups. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html */
import type { JsonObject } from '../../template/json.ts'
import { HandlerError, unlessMissing } from '../handler-error.ts'
import { droppedTargets, policyTargets } from './policy-targets.ts'
import { document, list, object, string } from '../property-schema.ts'
import { documentOf, textOf } from '../property-values.ts'
import type { ResourceContext, ResourceProvider } from '../provider.ts'

export const policy: ResourceProvider = {
  type: 'AWS::IAM::Policy',
  schema: object(
    {
      Groups: list(string),
      PolicyDocument: document,
      PolicyName: string,
      Roles: list(string),
      Users: list(string),
    },
    ['PolicyDocument', 'PolicyName'],
  ),
  replacedBy: new Set(),
  attributes: ['Id'],
  taggable: false,

  async create(properties, context, initiated) {
    const physicalId = context.generateShortId()
    initiated(physicalId)
    await put(properties, context)
    return { physicalId, attributes: { Id: physicalId } }
  },

  async update(next, previous, resource, context) {
    const before = previous.properties
    await put(next, context)
    const name = nameOf(before)
    const obsolete =
      name === nameOf(next)
        ? droppedTargets(policyTargets(before, context.call), policyTargets(next, context.call))
        : policyTargets(before, context.call).values()
    for (const holder of obsolete) await unlessMissing(holder.remove(name))
    return resource
  },

  async delete(properties, _resource, { call }) {
    for (const holder of policyTargets(properties, call).values()) {
      await unlessMissing(holder.remove(nameOf(properties)))
    }
  },
}

async function put(properties: JsonObject, { call }: ResourceContext): Promise<void> {
  const targets = policyTargets(properties, call)
  if (targets.size === 0) {
    throw new HandlerError('InvalidRequest', 'At least one of [Groups,Roles,Users] must be non-empty.')
  }
  const text = documentOf(properties, 'PolicyDocument') ?? ''
  for (const holder of targets.values()) await holder.put(nameOf(properties), text)
}

function nameOf(properties: JsonObject): string {
  return textOf(properties, 'PolicyName') ?? ''
}
