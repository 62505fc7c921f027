/**
 * From the parameters of CreateFunction and UpdateFunctionConfiguration to the settings a version freezes; refuses what AWS refuses. The VPC
 * has a file of its own.
 */
import type { CreateFunctionRequest, UpdateFunctionConfigurationRequest } from '@aws-sdk/client-lambda'

import type { RuntimeCommand } from '../../compute/compute.ts'
import { AwsError } from '../../core/aws-error.ts'
import { requireEnvironment } from './environment-variables.ts'
import { invalidParameter, notHonoured } from './errors.ts'
import {
  EPHEMERAL_STORAGE_MB_DEFAULT,
  MEMORY_MB_DEFAULT,
  MEMORY_MB_MAX,
  TIMEOUT_SECONDS_DEFAULT,
  TIMEOUT_SECONDS_MAX,
} from './limits.ts'
import type { FunctionSettings, LoggingSettings } from './records.ts'
import { requireRuntime } from './runtimes.ts'

type RuntimeCommands = (runtime: string) => RuntimeCommand | undefined

/** The members that both operations share. */
type SettingsInput = Omit<UpdateFunctionConfigurationRequest, 'FunctionName' | 'RevisionId'>

export function settingsForCreation(
  functionName: string,
  input: CreateFunctionRequest,
  runtimeCommand: RuntimeCommands,
): FunctionSettings {
  refuseUnhonoured(input, 'CreateFunction')
  if (input.Runtime === undefined || input.Handler === undefined) {
    throw invalidParameter(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    )
  }
  const defaults: FunctionSettings = {
    runtime: input.Runtime,
    handler: input.Handler,
    roleArn: input.Role ?? '',
    description: '',
    timeoutSeconds: TIMEOUT_SECONDS_DEFAULT,
    memoryMb: MEMORY_MB_DEFAULT,
    ephemeralStorageMb: EPHEMERAL_STORAGE_MB_DEFAULT,
    architecture: input.Architectures?.[0] ?? 'x86_64',
    logging: { format: 'Text', group: `/aws/lambda/${functionName}` },
  }
  requireRuntime(input.Runtime, runtimeCommand)
  return merged(defaults, input)
}

export function settingsForUpdate(
  current: FunctionSettings,
  input: SettingsInput,
  runtimeCommand: RuntimeCommands,
): FunctionSettings {
  refuseUnhonoured(input, 'UpdateFunctionConfiguration')
  if (input.Runtime !== undefined) requireRuntime(input.Runtime, runtimeCommand)
  return merged(current, input)
}

function merged(current: FunctionSettings, input: SettingsInput): FunctionSettings {
  const timeoutSeconds = input.Timeout ?? current.timeoutSeconds
  if (timeoutSeconds > TIMEOUT_SECONDS_MAX) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${timeoutSeconds}' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to ${TIMEOUT_SECONDS_MAX}`,
    )
  }
  const memoryMb = input.MemorySize ?? current.memoryMb
  if (memoryMb > MEMORY_MB_MAX) {
    throw invalidParameter(
      `'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to ${MEMORY_MB_MAX}`,
    )
  }
  const { deadLetterArn: before, tracing: tracingBefore, ...rest } = current
  const deadLetterArn = input.DeadLetterConfig ? (input.DeadLetterConfig.TargetArn ?? '') : (before ?? '')
  const environment = input.Environment === undefined ? current.environment : (input.Environment.Variables ?? {})
  if (environment) requireEnvironment(environment)
  const tracing = input.TracingConfig?.Mode ?? tracingBefore
  return {
    ...rest,
    ...(tracing === 'Active' && { tracing }),
    ...(deadLetterArn !== '' && { deadLetterArn }),
    runtime: input.Runtime ?? current.runtime,
    handler: input.Handler ?? current.handler,
    roleArn: input.Role ?? current.roleArn,
    description: input.Description ?? current.description,
    timeoutSeconds,
    memoryMb,
    ephemeralStorageMb: input.EphemeralStorage?.Size ?? current.ephemeralStorageMb,
    logging: mergedLogging(current.logging, input.LoggingConfig),
    ...(environment && { environment }),
  }
}

function mergedLogging(current: LoggingSettings, input: SettingsInput['LoggingConfig']): LoggingSettings {
  const format = input?.LogFormat ?? current.format
  const group = input?.LogGroup ?? current.group
  const levels = { application: input?.ApplicationLogLevel, system: input?.SystemLogLevel }
  if (format === 'Text') {
    if (levels.application !== undefined || levels.system !== undefined) throw invalidParameter(LEVEL_OF_TEXT)
    return { format, group }
  }
  const { application = current.applicationLevel, system = current.systemLevel } = levels
  return {
    format,
    group,
    ...(application !== undefined && { applicationLevel: application }),
    ...(system !== undefined && { systemLevel: system }),
  }
}

const LEVEL_OF_TEXT =
  'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the LogFormat to "JSON" and try again.'

/** What both operations can be given and we do not do. A value that asks for nothing passes, since tools send it. */
function refuseUnhonoured(input: CreateFunctionRequest | SettingsInput, operation: string): void {
  const refused: Readonly<Record<string, boolean>> = {
    'VpcConfig.Ipv6AllowedForDualStack': input.VpcConfig?.Ipv6AllowedForDualStack === true,
    KMSKeyArn: (input.KMSKeyArn ?? '') !== '',
    FileSystemConfigs: (input.FileSystemConfigs?.length ?? 0) > 0,
    'SnapStart.ApplyOn PublishedVersions': input.SnapStart?.ApplyOn === 'PublishedVersions',
  }
  for (const [parameter, isRefused] of Object.entries(refused)) {
    if (isRefused) throw notHonoured(parameter, operation)
  }
}
