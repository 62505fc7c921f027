/**
 * Put-, Update-, Get-, Delete- and ListFunctionEventInvokeConfig(s): retries, maximum age and destinations of asynchronous invocations.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
 */
import type { DestinationConfig, FunctionEventInvokeConfig } from '@aws-sdk/client-lambda'

import { parseArn } from '../../../core/arn.ts'
import { AwsError } from '../../../core/aws-error.ts'
import { callerAt, destinationOf, TELLING_NAMES, tellRecord } from './destinations.ts'
import { invalidParameter, notHonoured } from '../errors.ts'
import type { EventInvokeConfigRecord } from './event-invoke-config-store.ts'
import type { Resolved } from '../function-store.ts'
import { functionArn, LATEST, parseFunctionName } from '../function-name.ts'
import { pageOf } from '../listing.ts'
import { onFunction, onQualifier } from '../function-permissions.ts'
import type { LambdaOperations, LambdaService } from '../service.ts'
import { targetOf, targetOfArn, unqualifiedTarget, type Target } from '../target.ts'

export const eventInvokeConfigs: LambdaOperations = {
  PutFunctionEventInvokeConfig: {
    permissions: onQualifier('lambda:PutFunctionEventInvokeConfig'),
    handle(input, caller, lambda) {
      const target = targetOf(caller, input.FunctionName, input.Qualifier)
      return store(target, wanted(input), requireFunction(target, lambda), lambda)
    },
  },

  UpdateFunctionEventInvokeConfig: {
    permissions: onQualifier('lambda:UpdateFunctionEventInvokeConfig'),
    handle(input, caller, lambda) {
      const target = targetOf(caller, input.FunctionName, input.Qualifier)
      const changes = wanted(input)
      const resolved = requireFunction(target, lambda)
      return store(target, { ...requireConfig(target, lambda), ...changes }, resolved, lambda)
    },
  },

  GetFunctionEventInvokeConfig: {
    permissions: onQualifier('lambda:GetFunctionEventInvokeConfig'),
    handle(input, caller, lambda) {
      const target = targetOf(caller, input.FunctionName, input.Qualifier)
      return describe(target, requireConfig(target, lambda))
    },
  },

  DeleteFunctionEventInvokeConfig: {
    permissions: onQualifier('lambda:DeleteFunctionEventInvokeConfig'),
    handle(input, caller, lambda) {
      const target = targetOf(caller, input.FunctionName, input.Qualifier)
      requireConfig(target, lambda)
      lambda.eventInvokeConfigs.delete(placeOf(target), target.qualifier)
      return {}
    },
  },

  ListFunctionEventInvokeConfigs: {
    permissions: onFunction('lambda:ListFunctionEventInvokeConfigs'),
    handle(input, caller, lambda) {
      const target = unqualifiedTarget(caller, input.FunctionName)
      requireFunction(target, lambda)
      const keyOf = ({ qualifier }: EventInvokeConfigRecord) => qualifier
      const page = pageOf(lambda.eventInvokeConfigs.of(placeOf(target)), keyOf, input)
      return {
        FunctionEventInvokeConfigs: page.items.map((config) => describe(target, config)),
        NextMarker: page.NextMarker,
      }
    },
  },
}

type Settings = Partial<Pick<EventInvokeConfigRecord, 'retryAttempts' | 'eventAgeSeconds' | 'onSuccess' | 'onFailure'>>

interface Destinations {
  readonly onSuccess: string | undefined
  readonly onFailure: string | undefined
}

/** An empty destination takes one away. */
function wanted(input: {
  readonly MaximumRetryAttempts?: number | undefined
  readonly MaximumEventAgeInSeconds?: number | undefined
  readonly DestinationConfig?: DestinationConfig | undefined
}): Settings {
  const { MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: age, DestinationConfig: destinations } = input
  if (retries === undefined && age === undefined && destinations === undefined) {
    throw invalidParameter('You must specify at least one of error handling or destination setting.')
  }
  const onSuccess = destinations?.OnSuccess?.Destination
  const onFailure = destinations?.OnFailure?.Destination
  return {
    ...(retries !== undefined && { retryAttempts: retries }),
    ...(age !== undefined && { eventAgeSeconds: age }),
    ...(onSuccess !== undefined && { onSuccess }),
    ...(onFailure !== undefined && { onFailure }),
  }
}

function store(
  target: Target,
  settings: Settings,
  resolved: Resolved,
  lambda: LambdaService,
): FunctionEventInvokeConfig {
  const { onSuccess, onFailure, ...rest } = settings
  for (const destination of [onSuccess, onFailure]) {
    if (destination !== undefined && destination !== '') {
      requireDestination(destination, { onSuccess, onFailure }, target, resolved, lambda)
    }
  }
  const config: EventInvokeConfigRecord = {
    ...rest,
    ...(onSuccess !== undefined && onSuccess !== '' && { onSuccess }),
    ...(onFailure !== undefined && onFailure !== '' && { onFailure }),
    functionName: target.name,
    qualifier: target.qualifier ?? LATEST,
    modifiedAtMs: lambda.clock.now(),
  }
  lambda.eventInvokeConfigs.put(placeOf(target), config)
  return describe(target, config)
}

/** FIDELITY: AWS also finds out whether a queue, a topic or a bus exists; its words for one that does not have been seen for functions only. */
function requireDestination(
  destination: string,
  given: Destinations,
  target: Target,
  resolved: Resolved,
  lambda: LambdaService,
): void {
  if (parseArn(destination)?.service === 's3') {
    throw notHonoured('DestinationConfig.OnFailure.Destination of S3', 'PutFunctionEventInvokeConfig')
  }
  const arn = destinationOf(destination)
  if (!arn) throw invalidParameter(`The provided destination config ${printed(given)} is invalid.`)
  if (arn.service === 'lambda') {
    const address = parseFunctionName(destination)
    const isSelf = address?.name === target.name && arn.account === target.account && arn.region === target.region
    if (isSelf) throw invalidParameter("You can't specify the function as a destination for itself.")
    if (!address || !lambda.store.resolve(targetOfArn(destination))) {
      throw invalidParameter(`The destination ARN ${destination} is invalid.`)
    }
  }
  const { settings } = resolved.version
  const role = lambda.callerOf({ ...target, functionName: target.name, roleArn: settings.roleArn })
  const telling = tellRecord(destination, {}, { functionArn: functionArn(target), isSuccess: true })
  if (role && lambda.allows(callerAt(role, destination, ''), telling.service, telling.operation, telling.input)) return
  throw invalidParameter(
    `The function's execution role does not have permissions to call ${TELLING_NAMES[arn.service]} on ${destination}`,
  )
}

/** In the manner of Java's `toString`. */
function printed({ onSuccess, onFailure }: Destinations): string {
  const one = (type: string, destination: string | undefined) =>
    destination === undefined ? 'null' : `${type}(destination=${destination})`
  return `DestinationConfig(onSuccess=${one('OnSuccess', onSuccess)}, onFailure=${one('OnFailure', onFailure)})`
}

function describe(target: Target, config: EventInvokeConfigRecord): FunctionEventInvokeConfig {
  const { onSuccess, onFailure, retryAttempts, eventAgeSeconds } = config
  return {
    LastModified: new Date(config.modifiedAtMs),
    FunctionArn: functionArn({ ...target, qualifier: config.qualifier }),
    ...(retryAttempts !== undefined && { MaximumRetryAttempts: retryAttempts }),
    ...(eventAgeSeconds !== undefined && { MaximumEventAgeInSeconds: eventAgeSeconds }),
    DestinationConfig: {
      OnSuccess: onSuccess === undefined ? {} : { Destination: onSuccess },
      OnFailure: onFailure === undefined ? {} : { Destination: onFailure },
    },
  }
}

function requireFunction(target: Target, lambda: LambdaService): Resolved {
  const resolved = lambda.store.resolve(target)
  if (!resolved) throw new AwsError('ResourceNotFoundException', "The function doesn't exist.")
  return resolved
}

function requireConfig(target: Target, lambda: LambdaService): EventInvokeConfigRecord {
  const config = lambda.eventInvokeConfigs.get(placeOf(target), target.qualifier)
  if (config) return config
  const arn = functionArn({ ...target, qualifier: target.qualifier ?? LATEST })
  throw new AwsError('ResourceNotFoundException', `The function ${arn} doesn't have an EventInvokeConfig`)
}

function placeOf({ account, region, name }: Target) {
  return { account, region, functionName: name }
}
