/** AWS::Lambda::Function. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html */
import type * as lambda from '@aws-sdk/client-lambda'

import { formatArn } from '../../../../core/arn.ts'
import type { JsonObject } from '../../template/json.ts'
import { HandlerError, unlessMissing } from '../handler-error.ts'
import { packageInlineCode } from './inline-code.ts'
import { functionSchema } from './function-schema.ts'
import { changedProperties, numberOf, objectOf, textOf } from '../property-values.ts'
import type { CallService, Resource, ResourceContext, ResourceProvider } from '../provider.ts'
import { isEmpty, mergedTags, tagChanges } from '../tags.ts'

const FUNCTION_NAME_LENGTH_MAX = 64

/** How long a function may stay Pending or InProgress before the resource has failed. */
const STABILIZATION_MS_MAX = 300_000
const POLL_MS_MIN = 15
const POLL_MS_MAX = 500

export const lambdaFunction: ResourceProvider = {
  type: 'AWS::Lambda::Function',
  schema: functionSchema,
  replacedBy: new Set(['FunctionName', 'PackageType', 'TenancyConfig']),
  nameProperty: 'FunctionName',
  attributes: ['Arn', 'SnapStartResponse.ApplyOn', 'SnapStartResponse.OptimizationStatus'],
  taggable: true,

  async create(properties, context, initiated) {
    const { call, generateName, stackTags } = context
    const FunctionName = textOf(properties, 'FunctionName') ?? generateName(FUNCTION_NAME_LENGTH_MAX)
    const allTags = mergedTags(properties, stackTags)
    await call('lambda', 'CreateFunction', {
      ...configurationOf(properties),
      ...serviceMembers(properties, ['CodeSigningConfigArn', 'PackageType', 'TenancyConfig', 'Architectures']),
      FunctionName,
      Role: textOf(properties, 'Role') ?? '',
      Code: await codeOf(properties),
      Tags: isEmpty(allTags) ? undefined : allTags,
    })
    initiated(FunctionName)
    const configuration = await stabilized(FunctionName, context)
    const reserved = numberOf(properties, 'ReservedConcurrentExecutions')
    if (reserved !== undefined) {
      await call('lambda', 'PutFunctionConcurrency', { FunctionName, ReservedConcurrentExecutions: reserved })
    }
    return {
      physicalId: FunctionName,
      attributes: {
        Arn: configuration.FunctionArn ?? '',
        'SnapStartResponse.ApplyOn': configuration.SnapStart?.ApplyOn ?? 'None',
        'SnapStartResponse.OptimizationStatus': configuration.SnapStart?.OptimizationStatus ?? 'Off',
      },
    }
  },

  async update(next, previous, resource, context) {
    const before = previous.properties
    const changed = new Set(changedProperties(before, next))
    if (changed.has('Code') || changed.has('Architectures')) await updateCode(next, resource, context)
    if ([...changed].some((name) => CONFIGURATION.includes(name))) {
      await updateConfiguration(changed, next, resource, context)
    }
    if (changed.has('ReservedConcurrentExecutions')) await updateConcurrency(next, resource, context.call)
    await updateTags(mergedTags(before, previous.stackTags), mergedTags(next, context.stackTags), resource, context)
    return resource
  },

  async delete(_properties, { physicalId: FunctionName }, { call }) {
    await unlessMissing(call('lambda', 'DeleteFunction', { FunctionName }))
  },
}

/** Members of UpdateFunctionConfiguration, as the template names them. */
const CONFIGURATION = [
  'CapacityProviderConfig',
  'DeadLetterConfig',
  'Description',
  'DurableConfig',
  'Environment',
  'EphemeralStorage',
  'FileSystemConfigs',
  'Handler',
  'ImageConfig',
  'KmsKeyArn',
  'Layers',
  'LoggingConfig',
  'MemorySize',
  'Role',
  'Runtime',
  'SnapStart',
  'Timeout',
  'TracingConfig',
  'VpcConfig',
]

/** What a property goes back to when the template no longer has it. */
const DEFAULTS: JsonObject = {
  DeadLetterConfig: { TargetArn: '' },
  Description: '',
  Environment: { Variables: {} },
  EphemeralStorage: { Size: 512 },
  FileSystemConfigs: [],
  KmsKeyArn: '',
  Layers: [],
  LoggingConfig: { LogFormat: 'Text' },
  MemorySize: 128,
  SnapStart: { ApplyOn: 'None' },
  Timeout: 3,
  TracingConfig: { Mode: 'PassThrough' },
  VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
}

/** INVARIANT: the schema has checked the members' types; Lambda itself refuses what it does not honour, by name. */
function serviceMembers(properties: JsonObject, names: readonly string[]): Partial<lambda.CreateFunctionRequest> {
  const members = names
    .filter((name) => properties[name] !== undefined)
    .map((name) => [name === 'KmsKeyArn' ? 'KMSKeyArn' : name, properties[name]] as const)
  return Object.fromEntries(members)
}

function configurationOf(properties: JsonObject): Partial<lambda.CreateFunctionRequest> {
  return serviceMembers(properties, CONFIGURATION)
}

async function codeOf(properties: JsonObject): Promise<lambda.FunctionCode> {
  const { ZipFile: source, ...location } = objectOf(properties, 'Code') ?? {}
  const members = location as Partial<lambda.FunctionCode>
  if (typeof source !== 'string') return members
  return { ...members, ZipFile: await packageInlineCode(source, textOf(properties, 'Runtime')) }
}

async function updateCode(next: JsonObject, resource: Resource, context: ResourceContext): Promise<void> {
  const FunctionName = resource.physicalId
  await context.call('lambda', 'UpdateFunctionCode', {
    ...(await codeOf(next)),
    ...serviceMembers(next, ['Architectures']),
    FunctionName,
  })
  await stabilized(FunctionName, context)
}

async function updateConfiguration(
  changed: ReadonlySet<string>,
  next: JsonObject,
  resource: Resource,
  context: ResourceContext,
): Promise<void> {
  const FunctionName = resource.physicalId
  const wanted = serviceMembers(
    { ...DEFAULTS, ...next },
    CONFIGURATION.filter((name) => changed.has(name)),
  )
  await context.call('lambda', 'UpdateFunctionConfiguration', { ...wanted, FunctionName })
  await stabilized(FunctionName, context)
}

async function updateConcurrency(next: JsonObject, { physicalId }: Resource, call: CallService): Promise<void> {
  const reserved = numberOf(next, 'ReservedConcurrentExecutions')
  if (reserved === undefined) await call('lambda', 'DeleteFunctionConcurrency', { FunctionName: physicalId })
  else {
    await call('lambda', 'PutFunctionConcurrency', { FunctionName: physicalId, ReservedConcurrentExecutions: reserved })
  }
}

async function updateTags(
  before: Readonly<Record<string, string>>,
  next: Readonly<Record<string, string>>,
  { physicalId }: Resource,
  { account, region, call }: ResourceContext,
): Promise<void> {
  const { set, removed } = tagChanges(before, next)
  const Resource = formatArn({ service: 'lambda', region, account, resource: `function:${physicalId}` })
  if (!isEmpty(set)) await call('lambda', 'TagResource', { Resource, Tags: set })
  if (removed.length > 0) await call('lambda', 'UntagResource', { Resource, TagKeys: removed })
}

/** Waits until the function is Active and its last update has succeeded. */
async function stabilized(FunctionName: string, context: ResourceContext): Promise<lambda.FunctionConfiguration> {
  const deadline = context.now() + STABILIZATION_MS_MAX
  for (let pauseMs = POLL_MS_MIN; ; pauseMs = Math.min(pauseMs * 2, POLL_MS_MAX)) {
    const { Configuration: configuration = {} } = await context.call('lambda', 'GetFunction', { FunctionName })
    const { State: state, LastUpdateStatus: status } = configuration
    if (state === 'Failed' || status === 'Failed') {
      const reason = state === 'Failed' ? configuration.StateReason : configuration.LastUpdateStatusReason
      throw new HandlerError('NotStabilized', reason ?? 'The function could not be brought to the Active state')
    }
    if (state !== 'Pending' && status !== 'InProgress') return configuration
    if (context.now() > deadline) throw new HandlerError('NotStabilized', 'Exceeded attempts to wait')
    await context.pause(pauseMs)
  }
}
