/** TagResource, UntagResource, ListTags: only functions carry tags here. https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html */
import { AwsError } from '../../core/aws-error.ts'
import type { Caller } from '../caller.ts'
import { invalidParameter } from './errors.ts'
import { TAGS_MAX } from './limits.ts'
import type { FunctionRecord } from './records.ts'
import { functionPermission, type LambdaOperations, type LambdaService } from './service.ts'
import { targetOf, type Target } from './target.ts'

export const tags: LambdaOperations = {
  TagResource: {
    permissions: (input, caller, lambda) => [
      functionPermission('lambda:TagResource', resourceTarget(caller, input.Resource), caller, lambda, {
        requestTags: input.Tags,
      }),
    ],
    handle(input, caller, lambda) {
      if (Object.keys(input.Tags).length === 0) {
        throw invalidParameter('An error occurred and the request cannot be processed.')
      }
      const fn = taggedFunction(caller, input.Resource, lambda)
      const tags = { ...fn.tags, ...input.Tags }
      requireTags(tags)
      lambda.store.put({ ...fn, tags })
      return {}
    },
  },

  UntagResource: {
    permissions: (input, caller, lambda) => [
      functionPermission('lambda:UntagResource', resourceTarget(caller, input.Resource), caller, lambda, {
        context: { 'aws:tagkeys': input.TagKeys },
      }),
    ],
    handle(input, caller, lambda) {
      const fn = taggedFunction(caller, input.Resource, lambda)
      const removed = new Set(input.TagKeys)
      const tags = Object.fromEntries(Object.entries(fn.tags).filter(([key]) => !removed.has(key)))
      lambda.store.put({ ...fn, tags })
      return {}
    },
  },

  ListTags: {
    permissions: (input, caller, lambda) => [
      functionPermission('lambda:ListTags', resourceTarget(caller, input.Resource), caller, lambda),
    ],
    handle: (input, caller, lambda) => ({ Tags: { ...taggedFunction(caller, input.Resource, lambda).tags } }),
  },
}

/** Throws InvalidParameterValueException for all the tags that a function would have. */
export function requireTags(tags: Readonly<Record<string, string>>): void {
  // FIDELITY: AWS's words for Lambda have not been seen; these are IAM's.
  if (Object.keys(tags).some((key) => key.toLowerCase().startsWith('aws:'))) {
    throw invalidParameter('aws: prefixed tag key names are not allowed for external use.')
  }
  if (Object.keys(tags).length > TAGS_MAX) throw invalidParameter('Number of tags exceeds resource tag limit.')
}

function resourceTarget(caller: Caller, resource: string): Target {
  const [, kind, name] = OTHER_RESOURCE.exec(resource) ?? []
  if (kind !== undefined && name !== undefined) {
    throw new AwsError('ResourceNotFoundException', `${OTHER_KINDS[kind] ?? kind} not found: ${resource}`)
  }
  return targetOf(caller, resource)
}

/** What else could be tagged, if we had it. */
const OTHER_RESOURCE =
  /^arn:[^:]+:lambda:[^:]*:\d{12}:(event-source-mapping|capacity-provider|code-signing-config|layer):(.+)$/
const OTHER_KINDS: Readonly<Record<string, string>> = {
  'event-source-mapping': 'Event source mapping',
  'capacity-provider': 'Capacity provider',
  'code-signing-config': 'Code signing config',
  layer: 'Layer',
}

function taggedFunction(caller: Caller, resource: string, lambda: LambdaService): FunctionRecord {
  const target = resourceTarget(caller, resource)
  if (target.qualifier !== undefined) {
    throw invalidParameter('Tags on function aliases and versions are not supported. Please specify a function ARN.')
  }
  return lambda.store.require(target)
}
