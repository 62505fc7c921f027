/** The functions that recorded errors are about, as the recordings had them. */
import {
  AddLayerVersionPermissionCommand,
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutProvisionedConcurrencyConfigCommand,
  UpdateFunctionConfigurationCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda'

import { ACCOUNTS, type TestCloud } from '../../cloud.ts'
import { arnOf, createRole, deploy, iamOf, lambdaOf, untilUpdated, zipOf } from '../support.ts'

export const ACCOUNT = ACCOUNTS.target
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/execution`
export const ARN = (name: string, qualifier?: string) => arnOf('target', name, qualifier)

/** The ARN without a version. */
export const LAYER = `arn:aws:lambda:us-east-1:${ACCOUNT}:layer:layer`
/** Of a version each. */
export const LAYERS = [1, 2, 3, 4, 5, 6].map((number) => `${LAYER}-${number}:1`)

/** What the account's limit of 1000 leaves beside the reservations and the provisioned environments below. */
export const UNRESERVED = 1000 - 1 - 0 - 2

/**
 * - `fn`: versions 1 and 2, aliases `custom` and `eventinvokealias`, a policy with the statement `s3`, a URL of its own
 * - `bare`: neither version nor policy
 * - `provisioned`: version 1 and alias `other` → 2 have an environment each; alias `same` → 1
 * - `reserved`: version 1, one execution reserved
 * - `stopped`: none reserved
 * - `deleted`: is gone, and `provisioned:gone` is, too
 * - the layer `layer`: versions 1, with the statement `s1` in its policy, 2 and 3; the layers `layer-1` to `layer-6`: version 1
 */
export async function populate(cloud: TestCloud): Promise<LambdaClient> {
  const lambda = lambdaOf(cloud, 'target')
  await createRole(iamOf(cloud, 'target'), 'execution', { allow: { Action: 'lambda:InvokeFunction', Resource: '*' } })
  await Promise.all([
    deploy(lambda, 'bare', { Role: ROLE }),
    twoVersions(lambda, 'fn').then(() => fill(lambda)),
    twoVersions(lambda, 'provisioned').then(() => provision(lambda)),
    deploy(lambda, 'reserved', { Role: ROLE }).then(() => reserve(lambda)),
    deploy(lambda, 'stopped', { Role: ROLE }).then(() => stop(lambda)),
    deploy(lambda, 'deleted', { Role: ROLE }).then(() =>
      lambda.send(new DeleteFunctionCommand({ FunctionName: 'deleted' })),
    ),
    deploy(lambda, 'busy', { Role: ROLE }),
    publishLayers(lambda),
  ])
  return lambda
}

async function twoVersions(lambda: LambdaClient, FunctionName: string): Promise<void> {
  await deploy(lambda, FunctionName, { Role: ROLE })
  await lambda.send(new PublishVersionCommand({ FunctionName }))
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Description: 'second' }))
  await untilUpdated(lambda, FunctionName)
  await lambda.send(new PublishVersionCommand({ FunctionName }))
}

async function fill(lambda: LambdaClient): Promise<void> {
  const FunctionName = 'fn'
  for (const Name of ['custom', 'eventinvokealias']) {
    await lambda.send(new CreateAliasCommand({ FunctionName, Name, FunctionVersion: '1' }))
  }
  await lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: 's3',
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
    }),
  )
  await lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }))
}

async function provision(lambda: LambdaClient): Promise<void> {
  const FunctionName = 'provisioned'
  for (const [Name, FunctionVersion] of [
    ['same', '1'],
    ['other', '2'],
    ['gone', '2'],
  ] as const) {
    await lambda.send(new CreateAliasCommand({ FunctionName, Name, FunctionVersion }))
  }
  await lambda.send(new DeleteAliasCommand({ FunctionName, Name: 'gone' }))
  for (const Qualifier of ['1', 'other']) {
    await lambda.send(
      new PutProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier, ProvisionedConcurrentExecutions: 1 }),
    )
  }
}

async function reserve(lambda: LambdaClient): Promise<void> {
  await lambda.send(new PublishVersionCommand({ FunctionName: 'reserved' }))
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'reserved', ReservedConcurrentExecutions: 1 }))
}

async function stop(lambda: LambdaClient): Promise<void> {
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'stopped', ReservedConcurrentExecutions: 0 }))
}

async function publishLayers(lambda: LambdaClient): Promise<void> {
  const ZipFile = await zipOf({ 'layer.txt': 'layer' })
  const publish = (LayerName: string) =>
    lambda.send(new PublishLayerVersionCommand({ LayerName, Content: { ZipFile } }))
  for (let version = 1; version <= 3; version++) await publish('layer')
  await Promise.all(LAYERS.map((_, index) => publish(`layer-${index + 1}`)))
  await lambda.send(
    new AddLayerVersionPermissionCommand({
      LayerName: 'layer',
      VersionNumber: 1,
      StatementId: 's1',
      Action: 'lambda:GetLayerVersion',
      Principal: '*',
    }),
  )
}
