/** Put-, Get-, Delete- and ListProvisionedConcurrencyConfig(s). https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html */
import { isoTime } from '../../../core/clock.ts'
import { AwsError } from '../../../core/aws-error.ts'
import { functionNotFound, invalidParameter, invalidParameterWithoutType } from '../errors.ts'
import { functionArn, isVersionNumber, LATEST } from '../function-name.ts'
import { UNRESERVED_CONCURRENCY_MIN } from '../limits.ts'
import { pageOf } from '../listing.ts'
import type { ProvisionedRecord } from './provisioned-store.ts'
import { onFunction, onQualifier } from '../function-permissions.ts'
import type { LambdaOperations, LambdaService } from '../service.ts'
import { targetOf, unqualifiedTarget, type Target } from '../target.ts'

type Qualified = Target & { readonly qualifier: string }

export const provisionedConcurrency: LambdaOperations = {
  PutProvisionedConcurrencyConfig: {
    permissions: onQualifier('lambda:PutProvisionedConcurrencyConfig'),
    handle(input, caller, lambda) {
      const target = qualified(targetOf(caller, input.FunctionName, input.Qualifier))
      const requested = input.ProvisionedConcurrentExecutions
      if (target.qualifier === LATEST) {
        throw invalidParameter('Provisioned Concurrency Configs cannot be applied to unpublished function versions.')
      }
      requireQualifier(target, lambda)
      requireUnshared(target, lambda)
      requireRoom(target, requested, lambda)
      const record: ProvisionedRecord = {
        account: target.account,
        region: target.region,
        functionName: target.name,
        qualifier: target.qualifier,
        requested,
        available: 0,
        status: 'IN_PROGRESS',
        modifiedAtMs: lambda.clock.now(),
      }
      lambda.provisioned.put(record)
      lambda.provisioning.apply(record)
      return describe(record)
    },
  },

  GetProvisionedConcurrencyConfig: {
    permissions: onQualifier('lambda:GetProvisionedConcurrencyConfig'),
    handle: (input, caller, lambda) =>
      describe(requireConfig(qualified(targetOf(caller, input.FunctionName, input.Qualifier)), lambda)),
  },

  DeleteProvisionedConcurrencyConfig: {
    permissions: onQualifier('lambda:DeleteProvisionedConcurrencyConfig'),
    handle(input, caller, lambda) {
      const target = qualified(targetOf(caller, input.FunctionName, input.Qualifier))
      requireNamed(target)
      requireQualifier(target, lambda)
      // Deleting what is not there succeeds.
      endProvisioning(target, target.qualifier, lambda)
      return {}
    },
  },

  ListProvisionedConcurrencyConfigs: {
    permissions: onFunction('lambda:ListProvisionedConcurrencyConfigs'),
    handle(input, caller, lambda) {
      const target = unqualifiedTarget(caller, input.FunctionName)
      lambda.store.require(target)
      const keyOf = ({ qualifier }: ProvisionedRecord) => qualifier
      const page = pageOf(lambda.provisioned.of(target, target.name), keyOf, input)
      return {
        ProvisionedConcurrencyConfigs: page.items.map((record) => ({
          FunctionArn: functionArn({ ...target, qualifier: record.qualifier }),
          ...describe(record),
        })),
        NextMarker: page.NextMarker,
      }
    },
  },
}

/** What an alias or a version had is given up with it. */
export function endProvisioning(target: Target, qualifier: string, lambda: LambdaService): void {
  const record = lambda.provisioned.get(target, target.name, qualifier)
  if (!record) return
  lambda.provisioned.delete(target, target.name, qualifier)
  lambda.provisioning.end(record)
}

/** An alias takes its provisioned concurrency along to the version it points to next. */
export function moveProvisioning(target: Target, alias: string, lambda: LambdaService): void {
  const before = lambda.provisioned.get(target, target.name, alias)
  if (!before) return
  const { statusReason: _, ...record } = before
  const moved: ProvisionedRecord = { ...record, available: 0, status: 'IN_PROGRESS', modifiedAtMs: lambda.clock.now() }
  lambda.provisioned.put(moved)
  lambda.provisioning.apply(moved)
}

/** Of the function's aliases and versions together. */
export function provisionedInAll(target: Target, lambda: LambdaService): number {
  return lambda.provisioned.of(target, target.name).reduce((sum, { requested }) => sum + requested, 0)
}

function describe(record: ProvisionedRecord) {
  return {
    RequestedProvisionedConcurrentExecutions: record.requested,
    AvailableProvisionedConcurrentExecutions: record.available,
    AllocatedProvisionedConcurrentExecutions: record.available,
    Status: record.status,
    ...(record.statusReason !== undefined && { StatusReason: record.statusReason }),
    LastModified: isoTime(record.modifiedAtMs).replace(/\.\d{3}Z$/, '+0000'),
  }
}

function qualified(target: Target): Qualified {
  return { ...target, qualifier: target.qualifier ?? LATEST }
}

function requireNamed({ qualifier }: Qualified): void {
  if (qualifier !== LATEST) return
  throw invalidParameter('The function resource provided must be an alias or a published version.')
}

function requireConfig(target: Qualified, lambda: LambdaService): ProvisionedRecord {
  requireNamed(target)
  requireQualifier(target, lambda)
  const record = lambda.provisioned.get(target, target.name, target.qualifier)
  if (record) return record
  throw new AwsError(
    'ProvisionedConcurrencyConfigNotFoundException',
    'No Provisioned Concurrency Config found for this function',
  )
}

function requireQualifier(target: Qualified, lambda: LambdaService): void {
  if (lambda.store.resolve(target)) return
  if (isVersionNumber(target.qualifier)) throw functionNotFound(target)
  throw new AwsError('ResourceNotFoundException', `Cannot find alias arn: ${functionArn(target)}`)
}

/** A version's environments belong to one configuration only. */
function requireUnshared(target: Qualified, lambda: LambdaService): void {
  const others = lambda.provisioned.of(target, target.name).filter(({ qualifier }) => qualifier !== target.qualifier)
  const version = lambda.store.resolve(target)?.version.version
  if (isVersionNumber(target.qualifier)) {
    const isTaken = others.some(({ qualifier }) => lambda.store.alias(target, qualifier)?.version === version)
    if (isTaken)
      throw new AwsError('ResourceConflictException', 'Version is pointed by a Provisioned Concurrency alias')
    return
  }
  if (!others.some(({ qualifier }) => lambda.store.resolve({ ...target, qualifier })?.version.version === version))
    return
  throw new AwsError(
    'ResourceConflictException',
    "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
  )
}

function requireRoom(target: Qualified, requested: number, lambda: LambdaService): void {
  const fn = lambda.store.require(target)
  const before = lambda.provisioned.get(target, target.name, target.qualifier)?.requested ?? 0
  if (fn.reservedConcurrency !== undefined) {
    if (provisionedInAll(target, lambda) - before + requested <= fn.reservedConcurrency) return
    throw invalidParameter(
      'Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function',
    )
  }
  const unreserved = lambda.accountConcurrency.unreserved(fn) + before
  if (requested > unreserved) {
    throw invalidParameterWithoutType(
      `Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [${unreserved}].`,
    )
  }
  if (unreserved - requested >= UNRESERVED_CONCURRENCY_MIN) return
  throw invalidParameterWithoutType(
    `Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED_CONCURRENCY_MIN}].`,
  )
}
