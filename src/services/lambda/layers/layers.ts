/** Publishing, reading and deleting layer versions. https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html */
import type { GetLayerVersionResponse, LayerVersionsListItem, PublishLayerVersionRequest } from '@aws-sdk/client-lambda'

import { AwsError } from '../../../core/aws-error.ts'
import type { Caller } from '../../caller.ts'
import type { Permission } from '../../operation.ts'
import { invalidParameter, notHonoured } from '../errors.ts'
import { base64FromHex, timestampText } from '../function-configuration.ts'
import { pageOf } from '../listing.ts'
import type { LambdaOperations, LambdaService } from '../service.ts'
import {
  layerArn,
  layerTarget,
  layerVersionTarget,
  parseLayerVersionArn,
  type LayerTarget,
  type LayerVersionTarget,
} from './layer-name.ts'
import type { LayerVersionRecord } from './layer-store.ts'

export const layers: LambdaOperations = {
  PublishLayerVersion: {
    permissions: (input, caller, lambda) => [
      layerPermission('lambda:PublishLayerVersion', layerTarget(caller, input.LayerName), caller, lambda),
    ],
    async handle(input, caller, lambda) {
      const layer = layerTarget(caller, input.LayerName)
      const code = await lambda.code.accept(archiveOf(input))
      const target = { ...layer, version: lambda.layers.takeNumber(layer) }
      const record: LayerVersionRecord = {
        name: layer.name,
        version: target.version,
        description: input.Description ?? '',
        ...(input.LicenseInfo !== undefined && { licenseInfo: input.LicenseInfo }),
        ...(input.CompatibleRuntimes && { compatibleRuntimes: input.CompatibleRuntimes }),
        ...(input.CompatibleArchitectures && { compatibleArchitectures: input.CompatibleArchitectures }),
        createdMs: lambda.clock.now(),
        code,
      }
      lambda.layers.put(target, record)
      return withContent(target, record, lambda)
    },
  },

  GetLayerVersion: {
    permissions: (input, caller, lambda) => versionPermissions('GetLayerVersion', input, caller, lambda),
    handle: (input, caller, lambda) =>
      got(layerVersionTarget(caller, input.LayerName, input.VersionNumber), caller, lambda),
  },

  GetLayerVersionByArn: {
    permissions(input, caller, lambda) {
      const target = parseLayerVersionArn(input.Arn)
      return target
        ? [layerPermission('lambda:GetLayerVersion', target, caller, lambda)]
        : [{ action: 'lambda:GetLayerVersion', resource: input.Arn }]
    },
    handle(input, caller, lambda) {
      const target = parseLayerVersionArn(input.Arn)
      if (!target) throw absent()
      return got(target, caller, lambda)
    },
  },

  ListLayers: {
    permissions: () => [{ action: 'lambda:ListLayers', resource: '*' }],
    handle(input, { account, region }, lambda) {
      const newest = new Map<string, LayerVersionRecord>()
      for (const record of lambda.layers.versionsIn({ account, region }).filter((one) => isCompatible(one, input))) {
        if (record.version > (newest.get(record.name)?.version ?? 0)) newest.set(record.name, record)
      }
      const page = pageOf([...newest.values()], ({ name }) => name, input)
      return {
        Layers: page.items.map((record) => ({
          LayerName: record.name,
          LayerArn: layerArn({ account, region, name: record.name }),
          LatestMatchingVersion: listed({ account, region, ...record }, record),
        })),
        NextMarker: page.NextMarker,
      }
    },
  },

  ListLayerVersions: {
    // IAM knows no resource for the action: only one's own account may be asked.
    permissions: (input, caller) => [
      {
        action: 'lambda:ListLayerVersions',
        resource: '*',
        resourceAccount: layerTarget(caller, input.LayerName).account,
      },
    ],
    handle(input, caller, lambda) {
      const target = layerTarget(caller, input.LayerName)
      const versions = isReachable(target, caller) ? lambda.layers.versionsOf(target) : []
      const page = pageOf(
        versions.filter((one) => isCompatible(one, input)),
        ({ version }) => String(NUMBERS_END - version),
        input,
      )
      return {
        LayerVersions: page.items.map((record) => listed({ ...target, version: record.version }, record)),
        NextMarker: page.NextMarker,
      }
    },
  },

  DeleteLayerVersion: {
    permissions: (input, caller, lambda) => versionPermissions('DeleteLayerVersion', input, caller, lambda),
    handle(input, caller, lambda) {
      const target = layerVersionTarget(caller, input.LayerName, input.VersionNumber)
      requireNumber(target)
      // Deleting a version that is not there succeeds.
      if (isReachable(target, caller)) lambda.layers.delete(target)
      return {}
    },
  },
}

/** So that the newest comes first where keys ascend. */
const NUMBERS_END = 999_999_999_999

/** A layer's policy can grant `lambda:GetLayerVersion` only, so everything else stays in the account. */
export function layerPermission(
  action: string,
  target: LayerTarget,
  caller: Caller,
  lambda: LambdaService,
): Permission {
  return {
    action,
    resource: layerArn(target),
    resourceAccount: target.account,
    resourcePolicy: isReachable(target, caller) ? lambda.layers.compiledPolicy(target) : undefined,
  }
}

export interface NamedVersion {
  readonly LayerName: string
  readonly VersionNumber: number
}

export function versionPermissions(
  action: string,
  { LayerName, VersionNumber }: NamedVersion,
  caller: Caller,
  lambda: LambdaService,
): readonly Permission[] {
  return [layerPermission(`lambda:${action}`, layerVersionTarget(caller, LayerName, VersionNumber), caller, lambda)]
}

/** Throws InvalidParameterValueException for a number that no version has; undefined for a version that is not there. */
export function findVersion(
  target: LayerVersionTarget,
  caller: Caller,
  lambda: LambdaService,
): LayerVersionRecord | undefined {
  requireNumber(target)
  return isReachable(target, caller) ? lambda.layers.find(target) : undefined
}

/** FIDELITY: AWS's words for a layer of another Region are not established; here it is as if there were none. */
export function isReachable(target: LayerTarget, caller: Caller): boolean {
  return target.region === caller.region
}

function requireNumber({ version }: LayerVersionTarget): void {
  if (version < 1) throw invalidParameter('Layer Version Cannot be less than 1')
}

function got(target: LayerVersionTarget, caller: Caller, lambda: LambdaService): GetLayerVersionResponse {
  const record = findVersion(target, caller, lambda)
  if (!record) throw absent()
  return withContent(target, record, lambda)
}

function absent(): AwsError {
  return new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.')
}

/**
 * FIDELITY: a version that names no runtimes or architectures is left out of a list that is asked for one; what AWS does with it is not
 * documented.
 */
function isCompatible(
  { compatibleRuntimes, compatibleArchitectures }: LayerVersionRecord,
  wanted: { readonly CompatibleRuntime?: string | undefined; readonly CompatibleArchitecture?: string | undefined },
): boolean {
  const { CompatibleRuntime: runtime, CompatibleArchitecture: architecture } = wanted
  return (
    (runtime === undefined || (compatibleRuntimes?.includes(runtime) ?? false)) &&
    (architecture === undefined || (compatibleArchitectures?.includes(architecture) ?? false))
  )
}

function listed(target: LayerVersionTarget, record: LayerVersionRecord): LayerVersionsListItem {
  return {
    LayerVersionArn: layerArn(target),
    Version: record.version,
    Description: record.description,
    CreatedDate: timestampText(record.createdMs),
    ...(record.compatibleRuntimes && {
      CompatibleRuntimes: [...record.compatibleRuntimes] as NonNullable<LayerVersionsListItem['CompatibleRuntimes']>,
    }),
    ...(record.compatibleArchitectures && {
      CompatibleArchitectures: [...record.compatibleArchitectures] as NonNullable<
        LayerVersionsListItem['CompatibleArchitectures']
      >,
    }),
    ...(record.licenseInfo !== undefined && { LicenseInfo: record.licenseInfo }),
  }
}

function withContent(
  target: LayerVersionTarget,
  record: LayerVersionRecord,
  lambda: LambdaService,
): GetLayerVersionResponse {
  const { account, region, name } = target
  return {
    ...listed(target, record),
    LayerArn: layerArn({ account, region, name }),
    Content: {
      Location: lambda.codeLocation(record.code.sha256),
      CodeSha256: base64FromHex(record.code.sha256),
      CodeSize: record.code.sizeBytes,
    },
  }
}

function archiveOf({ Content: content = {} }: PublishLayerVersionRequest): Uint8Array {
  for (const parameter of ['S3Bucket', 'S3Key', 'S3ObjectVersion', 'S3ObjectStorageMode'] as const) {
    if (content[parameter] !== undefined) throw notHonoured(`Content.${parameter}`, 'PublishLayerVersion')
  }
  // FIDELITY: AWS's words for a layer without content are not established; these are those for a function.
  if (content.ZipFile === undefined) throw invalidParameter('Please provide a source for function code.')
  return content.ZipFile
}
