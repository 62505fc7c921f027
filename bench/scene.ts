/** What the benchmarks call: a function in `target` and a role in `source` that may invoke it. */
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import { type AccountName, ACCOUNTS, clientSettings, type Isthmus, type Keys, REGION } from './isthmus.ts'

export const FUNCTION_NAME = 'callee'
export const FUNCTION_ARN = `arn:aws:lambda:${REGION}:${ACCOUNTS.target}:function:${FUNCTION_NAME}`
export const ROLE_NAME = 'callee-role'
const CODE = 'exports.handler = async () => null'
const ACTIVE_WAIT = { maxWaitTime: 10, minDelay: 0.02, maxDelay: 0.05 }

/** Creates the function and its role in `target`. */
export async function createCallee(
  isthmus: Isthmus,
  { code = CODE, timeoutS = 3 }: { readonly code?: string; readonly timeoutS?: number } = {},
): Promise<LambdaClient> {
  const target = clientSettings(isthmus, isthmus.administrator('target'))
  await createRole(isthmus, 'target', {
    name: ROLE_NAME,
    trusts: { Service: 'lambda.amazonaws.com' },
    allows: { Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' },
  })
  const lambda = new LambdaClient(target)
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: FUNCTION_NAME,
      Role: `arn:aws:iam::${ACCOUNTS.target}:role/${ROLE_NAME}`,
      Runtime: 'nodejs20.x',
      Handler: 'index.handler',
      Timeout: timeoutS,
      Code: { ZipFile: await zipOf('index.js', code) },
    }),
  )
  await waitUntilFunctionActiveV2({ client: lambda, ...ACTIVE_WAIT }, { FunctionName: FUNCTION_NAME })
  return lambda
}

/** Keys of a role session in `source` that both sides let invoke the function. */
export async function createCaller(isthmus: Isthmus, lambda: LambdaClient): Promise<Keys> {
  const roleArn = await createRole(isthmus, 'source', {
    name: 'caller',
    trusts: { AWS: `arn:aws:iam::${ACCOUNTS.source}:root` },
    allows: { Action: 'lambda:InvokeFunction', Resource: FUNCTION_ARN },
  })
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: FUNCTION_NAME,
      StatementId: 'caller',
      Action: 'lambda:InvokeFunction',
      Principal: roleArn,
    }),
  )
  const sts = new STSClient(clientSettings(isthmus, isthmus.administrator('source')))
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'bench' }))
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  }
}

async function createRole(
  isthmus: Isthmus,
  account: AccountName,
  { name, trusts, allows }: { readonly name: string; readonly trusts: object; readonly allows: object },
): Promise<string> {
  const iam = new IAMClient(clientSettings(isthmus, isthmus.administrator(account)))
  const trust = statement({ Action: 'sts:AssumeRole', Principal: trusts })
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }))
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'inline', PolicyDocument: statement(allows) }))
  return Role?.Arn ?? ''
}

function statement(members: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...members }] })
}

async function zipOf(name: string, text: string): Promise<Buffer> {
  const zip = new ZipFile()
  zip.addBuffer(Buffer.from(text), name, { mode: 0o100644 })
  zip.end()
  return buffer(zip.outputStream)
}
