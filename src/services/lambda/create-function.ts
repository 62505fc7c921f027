/** CreateFunction. https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
import type { CreateFunctionRequest } from '@aws-sdk/client-lambda'

import { AwsError } from '../../core/aws-error.ts'
import type { Caller } from '../caller.ts'
import { requireDeadLetterTarget } from './asynchronous/dead-letters.ts'
import { invalidParameter, notHonoured } from './errors.ts'
import { passRolePermissions, requireExecutionRole } from './execution-role.ts'
import { functionConfiguration } from './function-configuration.ts'
import { LATEST } from './function-name.ts'
import { layerContext, layerPermissions, layerReferences, requireUnzippedSize } from './layers/function-layers.ts'
import { FUNCTION_NAME_CHARACTERS_MAX } from './limits.ts'
import { publish } from './publishing.ts'
import type { FunctionRecord } from './records.ts'
import { functionPermission, type LambdaOperations } from './service.ts'
import { settingsForCreation } from './settings.ts'
import { requireTags } from './tags.ts'
import { requireTracing } from './invocation/tracing.ts'
import { unqualifiedTarget, type Target } from './target.ts'
import { vpcContext, vpcSettings } from './vpc/vpc-config.ts'

export const createFunction: LambdaOperations = {
  CreateFunction: {
    refuses: [
      'CodeSigningConfigArn',
      'ImageConfig',
      'PublishTo',
      'TenancyConfig',
      'CapacityProviderConfig',
      'DurableConfig',
    ],
    permissions(input, caller, lambda) {
      const target = ownTarget(caller, input.FunctionName)
      const tags = input.Tags
      return [
        functionPermission('lambda:CreateFunction', target, caller, lambda, {
          requestTags: tags,
          context: { ...vpcContext(input.VpcConfig, caller, lambda), ...layerContext(input.Layers) },
        }),
        ...passRolePermissions(input.Role, target),
        ...layerPermissions(input.Layers, caller, lambda),
        ...(tags && Object.keys(tags).length > 0
          ? [functionPermission('lambda:TagResource', target, caller, lambda, { requestTags: tags })]
          : []),
      ]
    },
    async handle(input, caller, lambda) {
      const target = ownTarget(caller, input.FunctionName)
      requireName(target.name)
      const archive = archiveOf(input)
      const settings = settingsForCreation(target.name, input, lambda.runtimeCommand)
      requireTags(input.Tags ?? {})
      requireExecutionRole(settings.roleArn, target, lambda)
      requireDeadLetterTarget(settings, target, lambda)
      requireTracing(settings, target, lambda)
      requireAbsent()
      const layers = layerReferences(input.Layers, 'CreateFunction', caller, lambda)
      const vpc = await vpcSettings(input.VpcConfig, settings.roleArn, caller, lambda)
      const code = await lambda.code.accept(archive)
      await requireUnzippedSize(code, layers, lambda)
      // Another request may have made the function while the package was being unpacked.
      requireAbsent()

      const fn: FunctionRecord = {
        account: target.account,
        region: target.region,
        name: target.name,
        latest: {
          account: target.account,
          region: target.region,
          functionName: target.name,
          version: LATEST,
          revisionId: lambda.ids.uuid(),
          deploymentId: lambda.ids.uuid(),
          settings: { ...settings, ...(layers && layers.length > 0 && { layers }), ...(vpc && { vpc }) },
          code,
          lastModifiedMs: lambda.clock.now(),
          state: 'Pending',
        },
        versionLast: lambda.store.versionLastOf(target),
        tags: { ...input.Tags },
      }
      lambda.store.put(fn)
      lambda.transitions.schedule(target)
      if (input.Publish !== true) return functionConfiguration(fn.latest, undefined)
      // AWS answers the version's number with the function's unqualified ARN here.
      return functionConfiguration(publish(fn, lambda, { pending: true }), undefined)

      function requireAbsent(): void {
        if (!lambda.store.find(target)) return
        throw new AwsError('ResourceConflictException', `Function already exist: ${target.name}`)
      }
    },
  },
}

/** Functions are made in the caller's own account only; AWS's refusal has no message. */
function ownTarget(caller: Caller, functionName: string): Target {
  const target = unqualifiedTarget(caller, functionName)
  if (target.account !== caller.account) throw new AwsError('AccessDeniedException', '', { status: 403 })
  return target
}

function requireName(name: string): void {
  if (name.length <= FUNCTION_NAME_CHARACTERS_MAX) return
  throw invalidParameter(
    `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to ${FUNCTION_NAME_CHARACTERS_MAX}`,
  )
}

function archiveOf(input: CreateFunctionRequest): Uint8Array {
  if (input.PackageType === 'Image') throw notHonoured('PackageType Image', 'CreateFunction')
  const code = input.Code ?? {}
  for (const parameter of [
    'S3Bucket',
    'S3Key',
    'S3ObjectVersion',
    'S3ObjectStorageMode',
    'ImageUri',
    'SourceKMSKeyArn',
  ] as const) {
    if (code[parameter] !== undefined) throw notHonoured(`Code.${parameter}`, 'CreateFunction')
  }
  if (code.ZipFile === undefined) throw invalidParameter('Please provide a source for function code.')
  return code.ZipFile
}
