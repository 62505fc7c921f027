/** GetFunction, GetFunctionConfiguration, ListFunctions and DeleteFunction. */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda'

import { AwsError } from '../../core/aws-error.ts'
import type { Caller } from '../caller.ts'
import { functionNotFound, invalidParameter } from './errors.ts'
import { functionConfiguration, listedConfiguration } from './function-configuration.ts'
import type { Resolved } from './function-store.ts'
import { functionArn, isVersionNumber, LATEST } from './function-name.ts'
import { pageOf, versionOrder } from './listing.ts'
import { endProvisioning } from './concurrency/provisioned-concurrency.ts'
import type { FunctionRecord, VersionRecord } from './records.ts'
import { onQualifier } from './function-permissions.ts'
import type { LambdaOperations, LambdaService } from './service.ts'
import { targetOf, withoutQualifier, type Target } from './target.ts'

export const functions: LambdaOperations = {
  GetFunction: {
    permissions: onQualifier('lambda:GetFunction'),
    async handle(input, caller, lambda) {
      const target = targetOf(caller, input.FunctionName, input.Qualifier)
      const { fn, version } = requireQualified(target, lambda)
      const tags = await tagsVisibleTo(caller, fn, lambda)
      return {
        Configuration: functionConfiguration(version, target.qualifier),
        Code: { RepositoryType: 'S3', Location: lambda.codeLocation(version.code.sha256) },
        ...(tags && { Tags: tags }),
        ...(fn.reservedConcurrency !== undefined && {
          Concurrency: { ReservedConcurrentExecutions: fn.reservedConcurrency },
        }),
      }
    },
  },

  GetFunctionConfiguration: {
    permissions: onQualifier('lambda:GetFunctionConfiguration'),
    handle(input, caller, lambda) {
      const target = targetOf(caller, input.FunctionName, input.Qualifier)
      return functionConfiguration(requireQualified(target, lambda).version, target.qualifier)
    },
  },

  ListFunctions: {
    refuses: ['MasterRegion'],
    permissions: () => [{ action: 'lambda:ListFunctions', resource: '*' }],
    handle(input, caller, lambda) {
      const functions = lambda.store.functionsIn(caller)
      const entries =
        input.FunctionVersion === 'ALL'
          ? functions.flatMap((fn) => [entry(fn.latest, true), ...versionEntries(fn, lambda)])
          : functions.map((fn) => entry(fn.latest, false))
      const page = pageOf(entries, ({ key }) => key, input)
      return {
        Functions: page.items.map(({ configuration }) => configuration),
        NextMarker: page.NextMarker,
      }
    },
  },

  DeleteFunction: {
    permissions: onQualifier('lambda:DeleteFunction'),
    async handle(input, caller, lambda) {
      const target = targetOf(caller, input.FunctionName, input.Qualifier)
      if (target.qualifier === undefined) deleteFunction(lambda.store.require(target), lambda)
      else deleteVersion(target, target.qualifier, lambda)
      // FIDELITY: AWS removes the network interfaces within 20 minutes; here they are gone at once.
      await lambda.vpcConnections.reclaim(target)
      return { StatusCode: 204 }
    },
  },
}

/** Throws ResourceNotFoundException, with the qualifier if one was given. */
function requireQualified(target: Target, lambda: LambdaService): Resolved {
  const resolved = lambda.store.resolve(target)
  if (!resolved) throw functionNotFound(target)
  return resolved
}

/** Since July 2024 GetFunction shows tags only to those who may call ListTags, and leaves them out for others. */
async function tagsVisibleTo(
  caller: Caller,
  fn: FunctionRecord,
  lambda: LambdaService,
): Promise<Record<string, string> | undefined> {
  if (Object.keys(fn.tags).length === 0) return undefined
  try {
    const request = { ...caller, requestId: lambda.ids.uuid() }
    await lambda.call(request, 'lambda', 'ListTags', { Resource: functionArn(fn) })
    return { ...fn.tags }
  } catch (error) {
    if (error instanceof AwsError && error.name === 'AccessDeniedException') return undefined
    throw error
  }
}

function deleteFunction(fn: FunctionRecord, lambda: LambdaService): void {
  for (const version of [fn.latest, fn.serving, ...lambda.store.versionsOf(fn)]) {
    if (version) lambda.invoker.retire(version)
  }
  const place = { ...withoutQualifier(fn), functionName: fn.name }
  for (const { qualifier } of lambda.provisioned.of(fn, fn.name)) endProvisioning(fn, qualifier, lambda)
  for (const { qualifier } of lambda.eventInvokeConfigs.of(place)) lambda.eventInvokeConfigs.delete(place, qualifier)
  for (const url of lambda.urls.of(fn)) lambda.urls.delete(url)
  lambda.store.delete(withoutQualifier(fn))
}

function deleteVersion(target: Target, qualifier: string, lambda: LambdaService): void {
  if (qualifier === LATEST) {
    throw invalidParameter('$LATEST version cannot be deleted without deleting the function.')
  }
  lambda.store.require(target)
  if (!isVersionNumber(qualifier)) throw invalidParameter('Deletion of aliases is not currently supported.')
  const referring = lambda.store
    .aliasesOf(target)
    .filter(({ version, additional }) => version === qualifier || additional?.version === qualifier)
  if (referring.length > 0) {
    throw new AwsError(
      'ResourceConflictException',
      `Unable to delete version because the following aliases reference it: [${referring.map(({ name }) => name).join(', ')}]`,
    )
  }
  const version = lambda.store.version(target, qualifier)
  // Deleting a version that is not there succeeds.
  if (!version) return
  endProvisioning(target, qualifier, lambda)
  lambda.invoker.retire(version)
  lambda.store.deleteVersion(target, qualifier)
  lambda.eventInvokeConfigs.delete({ ...target, functionName: target.name }, qualifier)
}

interface Entry {
  readonly key: string
  readonly configuration: FunctionConfiguration
}

function entry(version: VersionRecord, qualified: boolean): Entry {
  return {
    key: `${version.functionName}:${versionOrder(version.version)}`,
    configuration: listedConfiguration(version, qualified ? version.version : undefined),
  }
}

function versionEntries(fn: FunctionRecord, lambda: LambdaService): readonly Entry[] {
  return lambda.store.versionsOf(fn).map((version) => entry(version, true))
}
