/** A version as AWS shows it: the FunctionConfiguration of most answers. */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda'

import { runtimeVersionArn } from '../../compute/runtimes/catalogue.ts'
import { isoTime } from '../../core/clock.ts'
import { functionArn } from './function-name.ts'
import type { VersionRecord } from './records.ts'
import { IDLE, RESTORING } from './vpc/vpc-connection.ts'

const CREATING = 'The function is being created.'

/** `qualifier` is what the shown ARN ends with: AWS echoes the alias or `$LATEST` that was asked for. */
export function functionConfiguration(version: VersionRecord, qualifier: string | undefined): FunctionConfiguration {
  return {
    ...listedConfiguration(version, qualifier),
    RuntimeVersionConfig: { RuntimeVersionArn: runtimeVersionArn(version.region, version.settings.runtime) },
    State: version.state,
    ...stateReason(version),
    ...(version.lastUpdate !== undefined && { LastUpdateStatus: version.lastUpdate }),
    ...(version.lastUpdate === 'Failed' &&
      version.failure && {
        LastUpdateStatusReason: version.failure.reason,
        LastUpdateStatusReasonCode: version.failure.code,
      }),
    // AWS gives the reason of a creation for updates, too.
    ...(version.lastUpdate === 'InProgress' && {
      LastUpdateStatusReason: CREATING,
      LastUpdateStatusReasonCode: 'Creating' as unknown as NonNullable<
        FunctionConfiguration['LastUpdateStatusReasonCode']
      >,
    }),
  }
}

function stateReason({ state, failure, restoring, lastUpdate }: VersionRecord): Partial<FunctionConfiguration> {
  switch (state) {
    case 'Active':
      return {}
    case 'Pending':
      return restoring ? RESTORING : { StateReason: CREATING, StateReasonCode: 'Creating' }
    case 'Inactive':
    case 'Failed':
      return failure && lastUpdate !== 'Failed' ? { StateReason: failure.reason, StateReasonCode: failure.code } : IDLE
  }
}

/** The members that lists carry: AWS leaves states and the runtime's version out there. */
export function listedConfiguration(version: VersionRecord, qualifier: string | undefined): FunctionConfiguration {
  const { settings } = version
  return {
    FunctionName: version.functionName,
    FunctionArn: functionArn({ ...version, name: version.functionName, qualifier }),
    Runtime: settings.runtime as NonNullable<FunctionConfiguration['Runtime']>,
    Role: settings.roleArn,
    Handler: settings.handler,
    CodeSize: version.code.sizeBytes,
    Description: settings.description,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memoryMb,
    LastModified: timestampText(version.lastModifiedMs),
    CodeSha256: codeSha256(version),
    Version: version.version,
    ...(settings.vpc && {
      VpcConfig: {
        SubnetIds: [...settings.vpc.subnetIds],
        SecurityGroupIds: [...settings.vpc.securityGroupIds],
        VpcId: settings.vpc.vpcId,
        Ipv6AllowedForDualStack: false,
      },
    }),
    ...(settings.environment && { Environment: { Variables: { ...settings.environment } } }),
    ...(settings.deadLetterArn !== undefined && { DeadLetterConfig: { TargetArn: settings.deadLetterArn } }),
    TracingConfig: { Mode: settings.tracing ?? 'PassThrough' },
    ...(settings.layers && {
      Layers: settings.layers.map(({ arn, code }) => ({ Arn: arn, CodeSize: code.sizeBytes })),
    }),
    RevisionId: version.revisionId,
    PackageType: 'Zip',
    Architectures: [settings.architecture],
    EphemeralStorage: { Size: settings.ephemeralStorageMb },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: loggingConfig(version),
  }
}

export function codeSha256(version: VersionRecord): string {
  return base64FromHex(version.code.sha256)
}

export function base64FromHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}

function loggingConfig({ settings }: VersionRecord): NonNullable<FunctionConfiguration['LoggingConfig']> {
  const { format, group, applicationLevel = 'INFO', systemLevel = 'INFO' } = settings.logging
  return format === 'Text'
    ? { LogFormat: format, LogGroup: group }
    : { LogFormat: format, ApplicationLogLevel: applicationLevel, SystemLogLevel: systemLevel, LogGroup: group }
}

/** `2026-01-12T15:37:12.000+0000` */
export function timestampText(epochMs: number): string {
  return isoTime(epochMs).replace('Z', '+0000')
}
