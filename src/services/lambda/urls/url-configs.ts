/** CreateFunctionUrlConfig and its siblings. https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html */
import type { Cors, FunctionUrlConfig } from '@aws-sdk/client-lambda'

import { AwsError } from '../../../core/aws-error.ts'
import { isoTime } from '../../../core/clock.ts'
import type { Caller } from '../../caller.ts'
import type { Permission } from '../../operation.ts'
import { invalidParameter } from '../errors.ts'
import { functionArn } from '../function-name.ts'
import { pageOf } from '../listing.ts'
import { onFunction } from '../function-permissions.ts'
import { functionPermission, type LambdaOperations, type LambdaService } from '../service.ts'
import { targetOf, unqualifiedTarget, type Target } from '../target.ts'
import type { CorsSettings, FunctionUrlRecord } from './url-store.ts'

export const functionUrlConfigs: LambdaOperations = {
  CreateFunctionUrlConfig: {
    permissions: (input, caller, lambda) => needed('CreateFunctionUrlConfig', input, caller, lambda),
    async handle(input, caller, lambda) {
      const target = targetOf(caller, input.FunctionName, input.Qualifier)
      requireFunction(target, lambda)
      if (lambda.urls.find(target)) {
        throw new AwsError(
          'ResourceConflictException',
          `Failed to create function url config for [functionArn = ${functionArn(target)}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
        )
      }
      const { account, region, name, qualifier } = target
      const nowMs = lambda.clock.now()
      const record: FunctionUrlRecord = {
        id: lambda.ids.base36(URL_ID_CHARACTERS),
        account,
        region,
        functionName: name,
        ...(qualifier !== undefined && { alias: qualifier }),
        authType: input.AuthType,
        invokeMode: input.InvokeMode ?? 'BUFFERED',
        ...corsGiven(input.Cors),
        createdMs: nowMs,
        modifiedMs: nowMs,
      }
      lambda.urls.put(record)
      const { LastModifiedTime: _, ...created } = await described(record, lambda)
      return created
    },
  },

  GetFunctionUrlConfig: {
    permissions: (input, caller, lambda) => needed('GetFunctionUrlConfig', input, caller, lambda),
    handle: (input, caller, lambda) =>
      described(requireUrl(targetOf(caller, input.FunctionName, input.Qualifier), lambda), lambda),
  },

  UpdateFunctionUrlConfig: {
    permissions: (input, caller, lambda) => needed('UpdateFunctionUrlConfig', input, caller, lambda),
    handle(input, caller, lambda) {
      const target = targetOf(caller, input.FunctionName, input.Qualifier)
      requireFunction(target, lambda)
      const record = requireUrl(target, lambda)
      const { cors, ...rest } = record
      const updated: FunctionUrlRecord = {
        ...rest,
        authType: input.AuthType ?? record.authType,
        invokeMode: input.InvokeMode ?? record.invokeMode,
        ...(input.Cors ? corsGiven(input.Cors) : cors && { cors }),
        modifiedMs: lambda.clock.now(),
      }
      lambda.urls.put(updated)
      return described(updated, lambda)
    },
  },

  DeleteFunctionUrlConfig: {
    permissions: (input, caller, lambda) => needed('DeleteFunctionUrlConfig', input, caller, lambda),
    handle(input, caller, lambda) {
      lambda.urls.delete(requireUrl(targetOf(caller, input.FunctionName, input.Qualifier), lambda))
      return {}
    },
  },

  ListFunctionUrlConfigs: {
    permissions: onFunction('lambda:ListFunctionUrlConfigs'),
    async handle(input, caller, lambda) {
      const target = unqualifiedTarget(caller, input.FunctionName)
      requireFunction(target, lambda)
      const page = pageOf(lambda.urls.of(target), ({ alias = '' }) => alias, input)
      return {
        FunctionUrlConfigs: await Promise.all(page.items.map((record) => described(record, lambda))),
        NextMarker: page.NextMarker,
      }
    },
  },
}

const URL_ID_CHARACTERS = 32

interface Named {
  readonly FunctionName: string
  readonly Qualifier?: string | undefined
  readonly AuthType?: 'AWS_IAM' | 'NONE' | undefined
}

function needed(action: string, input: Named, caller: Caller, lambda: LambdaService): readonly Permission[] {
  const target = targetOf(caller, input.FunctionName, input.Qualifier)
  const authType = input.AuthType ?? lambda.urls.find(target)?.authType
  return [
    functionPermission(`lambda:${action}`, target, caller, lambda, {
      context: {
        'lambda:functionarn': functionArn(target),
        ...(authType !== undefined && { 'lambda:functionurlauthtype': authType }),
      },
    }),
  ]
}

/** The function and, where one is named, the alias. */
function requireFunction(target: Target, lambda: LambdaService): void {
  const { qualifier } = target
  const isThere = lambda.store.find(target) && (qualifier === undefined || lambda.store.alias(target, qualifier))
  if (!isThere) throw new AwsError('ResourceNotFoundException', 'Function does not exist')
}

function requireUrl(target: Target, lambda: LambdaService): FunctionUrlRecord {
  const record = lambda.urls.find(target)
  if (!record) throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.')
  return record
}

async function described(record: FunctionUrlRecord, lambda: LambdaService): Promise<FunctionUrlConfig> {
  const { account, region, functionName: name, alias: qualifier } = record
  return {
    FunctionUrl: await lambda.functionUrl(record.id, record.region),
    FunctionArn: functionArn({ account, region, name, qualifier }),
    AuthType: record.authType,
    ...(record.cors && { Cors: corsShown(record.cors) }),
    CreationTime: microseconds(record.createdMs),
    LastModifiedTime: microseconds(record.modifiedMs),
    InvokeMode: record.invokeMode,
  }
}

/** `2026-01-12T15:37:12.000000Z` */
function microseconds(epochMs: number): string {
  return isoTime(epochMs).replace('Z', '000Z')
}

/** What a header's value may be made of. */
const HEADER_TEXT = /^[\x20-\x7e]*$/

/**
 * Throws InvalidParameterValueException. FIDELITY: the model lets every text through; AWS's words for what no header can carry have not been seen.
 */
function requireSendable(cors: Cors): void {
  for (const name of ['AllowHeaders', 'AllowMethods', 'AllowOrigins', 'ExposeHeaders'] as const) {
    const wrong = cors[name]?.find((text) => !HEADER_TEXT.test(text))
    if (wrong !== undefined) throw invalidParameter(`The value ${wrong} of ${name} cannot be sent in a header.`)
  }
}

/** FIDELITY: settings that allow nothing are none; what AWS makes of them is not documented. */
function corsGiven(cors: Cors = {}): { readonly cors?: CorsSettings } {
  requireSendable(cors)
  const settings = {
    ...(cors.AllowCredentials !== undefined && { allowCredentials: cors.AllowCredentials }),
    ...(cors.AllowHeaders && { allowHeaders: cors.AllowHeaders }),
    ...(cors.AllowMethods && { allowMethods: cors.AllowMethods }),
    ...(cors.AllowOrigins && { allowOrigins: cors.AllowOrigins }),
    ...(cors.ExposeHeaders && { exposeHeaders: cors.ExposeHeaders }),
    ...(cors.MaxAge !== undefined && { maxAgeSeconds: cors.MaxAge }),
  }
  return Object.keys(settings).length > 0 ? { cors: settings } : {}
}

function corsShown(cors: CorsSettings): Cors {
  return {
    ...(cors.allowCredentials !== undefined && { AllowCredentials: cors.allowCredentials }),
    ...(cors.allowHeaders && { AllowHeaders: [...cors.allowHeaders] }),
    ...(cors.allowMethods && { AllowMethods: [...cors.allowMethods] }),
    ...(cors.allowOrigins && { AllowOrigins: [...cors.allowOrigins] }),
    ...(cors.exposeHeaders && { ExposeHeaders: [...cors.exposeHeaders] }),
    ...(cors.maxAgeSeconds !== undefined && { MaxAge: cors.maxAgeSeconds }),
  }
}
