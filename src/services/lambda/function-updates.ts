/**
 * UpdateFunctionCode and UpdateFunctionConfiguration. Invocations go on with what was there before until the update is complete.
 * https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html#functions-states-updating
 */
import type { UpdateFunctionCodeRequest } from '@aws-sdk/client-lambda'

import { requireDeadLetterTarget } from './asynchronous/dead-letters.ts'
import { invalidParameter, revisionMismatch } from './errors.ts'
import { passRolePermissions, requireExecutionRole } from './execution-role.ts'
import { functionConfiguration } from './function-configuration.ts'
import { layerContext, layerPermissions, layerReferences, requireUnzippedSize } from './layers/function-layers.ts'
import { publish, requireSettled } from './publishing.ts'
import type { FunctionRecord, FunctionSettings, LayerReference, VersionRecord } from './records.ts'
import { onFunction } from './function-permissions.ts'
import { functionPermission, type LambdaOperations, type LambdaService } from './service.ts'
import { settingsForUpdate } from './settings.ts'
import { requireTracing } from './invocation/tracing.ts'
import { unqualifiedTarget, type Target } from './target.ts'
import { vpcContext, vpcSettings } from './vpc/vpc-config.ts'

export const functionUpdates: LambdaOperations = {
  UpdateFunctionCode: {
    refuses: ['S3Bucket', 'S3Key', 'S3ObjectVersion', 'S3ObjectStorageMode', 'SourceKMSKeyArn', 'PublishTo'],
    permissions: onFunction('lambda:UpdateFunctionCode'),
    async handle(input, caller, lambda) {
      const target = unqualifiedTarget(caller, input.FunctionName)
      updatable(target, input.RevisionId, lambda)
      const code = await lambda.code.accept(archiveOf(input))
      await requireUnzippedSize(code, lambda.store.find(target)?.latest.settings.layers, lambda)
      // Another request may have changed the function while the package was being unpacked.
      const fn = updatable(target, input.RevisionId, lambda)
      const change = {
        code,
        settings: { ...fn.latest.settings, architecture: input.Architectures?.[0] ?? fn.latest.settings.architecture },
      }
      if (input.DryRun === true) return functionConfiguration({ ...fn.latest, ...change }, undefined)
      const updated = startUpdate(fn, change, lambda)
      if (input.Publish !== true) return functionConfiguration(updated.latest, undefined)
      const version = publish(updated, lambda, { pending: true })
      return functionConfiguration(version, version.version)
    },
  },

  UpdateFunctionConfiguration: {
    refuses: ['ImageConfig', 'CapacityProviderConfig', 'DurableConfig'],
    permissions(input, caller, lambda) {
      const target = unqualifiedTarget(caller, input.FunctionName)
      return [
        functionPermission('lambda:UpdateFunctionConfiguration', target, caller, lambda, {
          grantable: false,
          context: { ...vpcContext(input.VpcConfig, caller, lambda), ...layerContext(input.Layers) },
        }),
        ...passRolePermissions(input.Role, target),
        ...layerPermissions(input.Layers, caller, lambda),
      ]
    },
    async handle(input, caller, lambda) {
      const target = unqualifiedTarget(caller, input.FunctionName)
      const before = updatable(target, input.RevisionId, lambda)
      const { roleArn } = settingsForUpdate(before.latest.settings, input, lambda.runtimeCommand)
      if (input.Role !== undefined) requireExecutionRole(input.Role, target, lambda)
      const layers = layerReferences(input.Layers, 'UpdateFunctionConfiguration', caller, lambda)
      await requireUnzippedSize(before.latest.code, layers, lambda)
      const vpc = await vpcSettings(input.VpcConfig, roleArn, caller, lambda)
      // Another request may have changed the function while EC2 and the packages were being asked.
      const fn = vpc || layers ? updatable(target, input.RevisionId, lambda) : before
      const settings = settingsForUpdate(fn.latest.settings, input, lambda.runtimeCommand)
      if (input.DeadLetterConfig) requireDeadLetterTarget(settings, target, lambda)
      if (input.TracingConfig) requireTracing(settings, target, lambda)
      const updated = startUpdate(fn, { settings: { ...withLayers(settings, layers), ...(vpc && { vpc }) } }, lambda)
      return functionConfiguration(updated.latest, undefined)
    },
  },
}

/** Throws `AwsError` when the function is absent, busy, or at another revision. */
function updatable(target: Target, revisionId: string | undefined, lambda: LambdaService): FunctionRecord {
  const fn = lambda.store.require(target)
  requireSettled(fn)
  if (revisionId !== undefined && revisionId !== fn.latest.revisionId) throw revisionMismatch('GetFunction/GetAlias')
  return fn
}

/** An empty list takes the layers away; what is not asked for stays, also a version that has been deleted since. */
function withLayers(settings: FunctionSettings, layers: readonly LayerReference[] | undefined): FunctionSettings {
  if (layers === undefined) return settings
  const { layers: _, ...rest } = settings
  return layers.length === 0 ? rest : { ...rest, layers }
}

function startUpdate(
  fn: FunctionRecord,
  change: Partial<Pick<VersionRecord, 'code' | 'settings'>>,
  lambda: LambdaService,
): FunctionRecord {
  const { failure: _, ...latest } = fn.latest
  const updated: FunctionRecord = {
    ...fn,
    // After an update that failed, the one before it still runs.
    serving: fn.serving ?? fn.latest,
    latest: {
      ...latest,
      ...change,
      revisionId: lambda.ids.uuid(),
      deploymentId: lambda.ids.uuid(),
      lastModifiedMs: lambda.clock.now(),
      lastUpdate: 'InProgress',
    },
  }
  lambda.store.put(updated)
  lambda.transitions.schedule(fn)
  return updated
}

function archiveOf(input: UpdateFunctionCodeRequest): Uint8Array {
  if (input.ImageUri !== undefined) {
    throw invalidParameter("Please don't provide ImageUri when updating a function with packageType Zip.")
  }
  if (input.ZipFile === undefined) throw invalidParameter('Please provide a source for function code.')
  return input.ZipFile
}
