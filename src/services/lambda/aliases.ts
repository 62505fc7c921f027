/** CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases. https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html */
import type { AliasConfiguration, AliasRoutingConfiguration } from '@aws-sdk/client-lambda'

import { AwsError } from '../../core/aws-error.ts'
import { functionNotFound, invalidParameter, invalidParameterWithoutType, revisionMismatch } from './errors.ts'
import { functionArn, LATEST } from './function-name.ts'
import { pageOf } from './listing.ts'
import type { AliasRecord } from './records.ts'
import { endProvisioning, moveProvisioning } from './concurrency/provisioned-concurrency.ts'
import { onFunction } from './function-permissions.ts'
import type { LambdaOperations, LambdaService } from './service.ts'
import { unqualifiedTarget, type Target } from './target.ts'

export const aliases: LambdaOperations = {
  CreateAlias: {
    permissions: onFunction('lambda:CreateAlias'),
    handle(input, caller, lambda) {
      const target = unqualifiedTarget(caller, input.FunctionName)
      const additional = additionalVersion(input.FunctionVersion, input.RoutingConfig)
      requireVersion(target, input.FunctionVersion, lambda)
      if (additional) requireVersion(target, additional.version, lambda)
      if (lambda.store.alias(target, input.Name)) {
        throw new AwsError(
          'ResourceConflictException',
          `Alias already exists: ${functionArn({ ...target, qualifier: input.Name })}`,
        )
      }
      const alias: AliasRecord = {
        functionName: target.name,
        name: input.Name,
        version: input.FunctionVersion,
        description: input.Description ?? '',
        ...(additional && { additional }),
        revisionId: lambda.ids.uuid(),
      }
      lambda.store.putAlias(target, alias)
      return aliasConfiguration(target, alias)
    },
  },

  GetAlias: {
    permissions: onFunction('lambda:GetAlias'),
    handle(input, caller, lambda) {
      const target = unqualifiedTarget(caller, input.FunctionName)
      lambda.store.require(target)
      return aliasConfiguration(target, requireAlias(target, input.Name, lambda, 'Cannot find alias arn'))
    },
  },

  UpdateAlias: {
    permissions: onFunction('lambda:UpdateAlias'),
    handle(input, caller, lambda) {
      const target = unqualifiedTarget(caller, input.FunctionName)
      lambda.store.require(target)
      const { additional: before, ...current } = requireAlias(target, input.Name, lambda, 'Alias not found')
      if (input.RevisionId !== undefined && input.RevisionId !== current.revisionId) {
        throw revisionMismatch('GetFunction/GetAlias')
      }
      const version = input.FunctionVersion ?? current.version
      const routing =
        input.RoutingConfig ?? (before && { AdditionalVersionWeights: { [before.version]: before.weight } })
      const additional = additionalVersion(version, routing)
      requireVersion(target, version, lambda)
      if (additional) requireVersion(target, additional.version, lambda)
      const alias: AliasRecord = {
        ...current,
        version,
        description: input.Description ?? current.description,
        ...(additional && { additional }),
        revisionId: lambda.ids.uuid(),
      }
      lambda.store.putAlias(target, alias)
      if (version !== current.version) moveProvisioning(target, input.Name, lambda)
      return aliasConfiguration(target, alias)
    },
  },

  DeleteAlias: {
    permissions: onFunction('lambda:DeleteAlias'),
    handle(input, caller, lambda) {
      const target = unqualifiedTarget(caller, input.FunctionName)
      lambda.store.require(target)
      // Deleting an alias that is not there succeeds.
      endProvisioning(target, input.Name, lambda)
      lambda.store.deleteAlias(target, input.Name)
      const url = lambda.urls.find({ ...target, qualifier: input.Name })
      if (url) lambda.urls.delete(url)
      lambda.eventInvokeConfigs.delete({ ...target, functionName: target.name }, input.Name)
      return {}
    },
  },

  ListAliases: {
    permissions: onFunction('lambda:ListAliases'),
    handle(input, caller, lambda) {
      const target = unqualifiedTarget(caller, input.FunctionName)
      lambda.store.require(target)
      const all = lambda.store
        .aliasesOf(target)
        .filter(({ version }) => input.FunctionVersion === undefined || version === input.FunctionVersion)
      const page = pageOf(all, ({ name }) => name, input)
      return {
        Aliases: page.items.map((alias) => aliasConfiguration(target, alias)),
        NextMarker: page.NextMarker,
      }
    },
  },
}

function aliasConfiguration(target: Target, alias: AliasRecord): AliasConfiguration {
  return {
    AliasArn: functionArn({ ...target, qualifier: alias.name }),
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description,
    ...(alias.additional && {
      RoutingConfig: { AdditionalVersionWeights: { [alias.additional.version]: alias.additional.weight } },
    }),
    RevisionId: alias.revisionId,
  }
}

/** The second version of a routing configuration, if it names one. */
function additionalVersion(
  version: string,
  routing: AliasRoutingConfiguration | undefined,
): AliasRecord['additional'] | undefined {
  const weights = Object.entries(routing?.AdditionalVersionWeights ?? {})
  if (weights.length > 1) {
    throw invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1')
  }
  const [only] = weights
  if (!only) return undefined
  const [additional, weight] = only
  if (version === LATEST) {
    throw invalidParameterWithoutType('$LATEST is not supported for an alias pointing to more than 1 version')
  }
  if (additional === version) {
    throw invalidParameter(
      `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
    )
  }
  return { version: additional, weight }
}

/** Throws ResourceNotFoundException naming the version, also when it is the function that does not exist. */
function requireVersion(target: Target, version: string, lambda: LambdaService): void {
  const exists = version === LATEST ? lambda.store.find(target) : lambda.store.version(target, version)
  if (!exists) throw functionNotFound({ ...target, qualifier: version })
}

function requireAlias(target: Target, name: string, lambda: LambdaService, problem: string): AliasRecord {
  const alias = lambda.store.alias(target, name)
  if (alias) return alias
  throw new AwsError('ResourceNotFoundException', `${problem}: ${functionArn({ ...target, qualifier: name })}`)
}
