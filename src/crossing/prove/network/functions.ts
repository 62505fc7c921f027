/** Functions in a proof's networks: moving the caller into one, and a function of the proof's own beside the callee. */
import type { FunctionConfiguration, LambdaClient } from '@aws-sdk/client-lambda'
import { buffer } from 'node:stream/consumers'

import { loadPackage } from '../../../core/load-package.ts'
import type { Clients } from '../../access.ts'
import { eventually } from '../eventually.ts'
import type { Undo } from '../changes.ts'

const lambdaSdk = loadPackage('@aws-sdk/client-lambda')
const iamSdk = loadPackage('@aws-sdk/client-iam')

/** AWS may take minutes for the first function with a subnet and its security groups. */
const CONNECT_MS_MAX = 600_000
/** How long AWS may take to let Lambda assume a role that was just made. */
const ROLE_MS_MAX = 60_000

/** What an execution role needs to be connected to a VPC. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html */
export const VPC_PERMISSIONS = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: [
        'ec2:CreateNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:DeleteNetworkInterface',
        'ec2:AssignPrivateIpAddresses',
        'ec2:UnassignPrivateIpAddresses',
      ],
      Resource: '*',
    },
  ],
}

const LOGS_PERMISSION = {
  Effect: 'Allow',
  Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: '*',
}

export interface Placement {
  readonly SubnetIds: string[]
  readonly SecurityGroupIds: string[]
}

/** Puts a function into a VPC, and says how it comes back to where it was. */
export async function moveFunction(lambda: LambdaClient, FunctionName: string, VpcConfig: Placement): Promise<Undo> {
  const before = await lambda.send(new lambdaSdk.GetFunctionConfigurationCommand({ FunctionName }))
  const found = {
    SubnetIds: before.VpcConfig?.SubnetIds ?? [],
    SecurityGroupIds: before.VpcConfig?.SecurityGroupIds ?? [],
  }
  await place(lambda, FunctionName, VpcConfig)
  return () => place(lambda, FunctionName, found)
}

async function place(lambda: LambdaClient, FunctionName: string, VpcConfig: Placement): Promise<void> {
  await lambda.send(new lambdaSdk.UpdateFunctionConfigurationCommand({ FunctionName, VpcConfig }))
  await eventually(async () => {
    const { LastUpdateStatus, LastUpdateStatusReason } = await lambda.send(
      new lambdaSdk.GetFunctionConfigurationCommand({ FunctionName }),
    )
    if (LastUpdateStatus === 'Failed') throw new Error(`${FunctionName} could not be moved: ${LastUpdateStatusReason}`)
    return LastUpdateStatus !== 'InProgress'
  }, CONNECT_MS_MAX)
}

/** A role for functions of the proof: it may manage network interfaces and write logs. Answers its ARN. */
export async function createVpcRole({ iam }: Clients, RoleName: string, undos: Undo[]): Promise<string> {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  }
  const { Role } = await iam.send(
    new iamSdk.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }),
  )
  undos.push(async () => {
    await iam.send(new iamSdk.DeleteRoleCommand({ RoleName }))
  })
  const document = { ...VPC_PERMISSIONS, Statement: [...VPC_PERMISSIONS.Statement, LOGS_PERMISSION] }
  const policy = { RoleName, PolicyName: 'vpc' }
  await iam.send(new iamSdk.PutRolePolicyCommand({ ...policy, PolicyDocument: JSON.stringify(document) }))
  undos.push(async () => {
    await iam.send(new iamSdk.DeleteRolePolicyCommand(policy))
  })
  return Role?.Arn ?? ''
}

/** Asks a web page for the address it is seen from, and gives up after a second and a half. */
const ASKING = `
const { request } = require('node:http')
exports.handler = ({ url, timeoutMs }) => new Promise((resolve) => {
  const asked = request(url, { timeout: timeoutMs }, async (response) => {
    let text = ''
    for await (const chunk of response) text += chunk
    resolve({ text })
  })
  asked.on('timeout', () => asked.destroy(new Error('Timeout: no answer within ' + timeoutMs + ' ms')))
  asked.on('error', ({ message }) => resolve({ error: message }))
  asked.end()
})
`

export interface NewFunction {
  readonly name: string
  readonly roleArn: string
  readonly vpc: Placement
}

/** A function of the proof's own in a VPC. Answers its state, and the reason where that is Failed. */
export async function createFunction(
  { lambda, logs }: Clients,
  { name: FunctionName, roleArn, vpc }: NewFunction,
  undos: Undo[],
): Promise<FunctionConfiguration> {
  const create = new lambdaSdk.CreateFunctionCommand({
    FunctionName,
    Role: roleArn,
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Timeout: 15,
    Code: { ZipFile: await zipOf('index.js', ASKING) },
    VpcConfig: vpc,
  })
  await eventually(async () => {
    try {
      await lambda.send(create)
      return true
    } catch (error) {
      if (error instanceof Error && error.message.includes('cannot be assumed by Lambda')) return false
      throw error
    }
  }, ROLE_MS_MAX)
  undos.push(async () => {
    await lambda.send(new lambdaSdk.DeleteFunctionCommand({ FunctionName }))
    await removeLogs(logs, `/aws/lambda/${FunctionName}`)
  })
  let configuration: FunctionConfiguration = {}
  await eventually(async () => {
    configuration = await lambda.send(new lambdaSdk.GetFunctionConfigurationCommand({ FunctionName }))
    return configuration.State !== 'Pending'
  }, CONNECT_MS_MAX)
  return configuration
}

/** There is none of a function that was never invoked. */
async function removeLogs(logs: Clients['logs'], logGroupName: string): Promise<void> {
  const { DeleteLogGroupCommand, ResourceNotFoundException } = loadPackage('@aws-sdk/client-cloudwatch-logs')
  try {
    await logs.send(new DeleteLogGroupCommand({ logGroupName }))
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error
  }
}

async function zipOf(name: string, text: string): Promise<Buffer> {
  const zip = new (loadPackage('yazl').ZipFile)()
  zip.addBuffer(Buffer.from(text), name, { mode: 0o100644 })
  zip.end()
  return buffer(zip.outputStream)
}

export interface Asked {
  readonly text?: string
  readonly error?: string
  readonly requestId: string
  readonly durationMs: number
}

/** Has the function ask the page at `url`. */
export async function ask({ lambda }: Clients, FunctionName: string, url: string, timeoutMs: number): Promise<Asked> {
  const started = performance.now()
  const { Payload, FunctionError, $metadata } = await lambda.send(
    new lambdaSdk.InvokeCommand({ FunctionName, Payload: JSON.stringify({ url, timeoutMs }) }),
  )
  const text = Payload?.transformToString() ?? '{}'
  if (FunctionError !== undefined) throw new Error(`${FunctionName} failed instead of answering: ${text}`)
  const answer = JSON.parse(text) as { readonly text?: string; readonly error?: string }
  return { ...answer, requestId: $metadata.requestId ?? '', durationMs: performance.now() - started }
}
