/** Making a version of `$LATEST`. https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html */
import { AwsError } from '../../core/aws-error.ts'
import { functionArn } from './function-name.ts'
import type { FunctionRecord, VersionRecord } from './records.ts'
import type { LambdaService } from './service.ts'

/**
 * Stores the version and the function's new version counter. `pending`: the code it freezes is being installed. A `description` overrides
 * the function's own.
 */
export function publish(
  fn: FunctionRecord,
  lambda: LambdaService,
  options: { readonly description?: string | undefined; readonly pending: boolean },
): VersionRecord {
  const { lastUpdate, failure: _, ...latest } = fn.latest
  // What an update could not connect has to be tried for the version, too.
  const pending = options.pending || lastUpdate === 'Failed'
  const number = fn.versionLast + 1
  const version: VersionRecord = {
    ...latest,
    version: String(number),
    revisionId: lambda.ids.uuid(),
    deploymentId: lambda.ids.uuid(),
    publishedFrom: latest.deploymentId,
    settings: { ...latest.settings, description: options.description ?? latest.settings.description },
    lastModifiedMs: lambda.clock.now(),
    ...(pending ? { state: 'Pending' } : { state: 'Active', lastUpdate: 'Successful' }),
  }
  lambda.store.putVersion(version)
  if (pending && !options.pending) lambda.transitions.schedule(fn)
  lambda.store.put({ ...fn, versionLast: number })
  return version
}

/**
 * The newest version, while the function has not been updated since: publishing again answers it. An update with the very same code or
 * settings counts, which AWS's page does not tell; moto's authors found it on AWS: https://github.com/getmoto/moto/pull/8379
 */
export function unchangedVersion(fn: FunctionRecord, lambda: LambdaService): VersionRecord | undefined {
  const newest = lambda.store.version(fn, String(fn.versionLast))
  return newest?.publishedFrom === fn.latest.deploymentId ? newest : undefined
}

/** Throws ResourceConflictException while the function is being created or updated. */
export function requireSettled(fn: FunctionRecord): void {
  const { state } = fn.latest
  if (state === 'Pending' || state === 'Failed') {
    throw new AwsError(
      'ResourceConflictException',
      `The operation cannot be performed at this time. The function is currently in the following state: ${state}`,
    )
  }
  if (fn.latest.lastUpdate === 'InProgress') {
    throw new AwsError(
      'ResourceConflictException',
      `The operation cannot be performed at this time. An update is in progress for resource: ${functionArn(fn)}`,
    )
  }
}
