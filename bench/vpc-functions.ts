/**
 * What a VPC costs a function: cold and warm invocations of one in a private subnet beside the same outside, through the whole cloud and the
 * SDK, and a bare Node.js between them. Run directly: `npx tsx bench/vpc-functions.ts`.
 */
import { pathToFileURL } from 'node:url'

import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import { AttachRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import {
  InvokeCommand,
  type LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda'

import { formatTable } from '../src/cli/terminal/table.ts'
import { detect } from '../src/network/linux/detect.ts'
import { clientSettings, type Isthmus, startIsthmus } from './isthmus.ts'
import { bareNodeMs } from './bare-node.ts'
import { median } from './median.ts'
import { createCallee, FUNCTION_NAME, ROLE_NAME } from './scene.ts'

export interface VpcFunctionMeasurements {
  readonly bareNodeMs: number
  readonly coldOutsideMs: number
  readonly coldInsideMs: number
  readonly warmOutsideMs: number
  readonly warmInsideMs: number
}

type Placement = { readonly SubnetIds: string[]; readonly SecurityGroupIds: string[] }

const COLD_ROUNDS = 15
const WARM_ROUNDS = 400
const OUTSIDE: Placement = { SubnetIds: [], SecurityGroupIds: [] }
const VPC_ACCESS = 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole'
/** The pool boots the next runtime meanwhile. */
const PAUSE_MS = 400

/** Undefined where the machine has no namespaces for us. All are p50. */
export async function run(): Promise<VpcFunctionMeasurements | undefined> {
  if ((await detect(process.env['PATH'] ?? '')) !== undefined) return undefined
  const isthmus = await startIsthmus()
  try {
    const lambda = await createCallee(isthmus)
    const inside = await createPrivateSubnet(isthmus)
    const bareMsEach: number[] = []
    const cold = { outside: [] as number[], inside: [] as number[] }
    const warm = { outside: [] as number[], inside: [] as number[] }
    for (let round = 0; round < COLD_ROUNDS; round++) {
      bareMsEach.push(await bareNodeMs())
      for (const [where, placement] of [
        ['outside', OUTSIDE],
        ['inside', inside],
      ] as const) {
        await move(lambda, placement)
        cold[where].push(await timed(() => invoke(lambda)))
        for (let call = 0; call < WARM_ROUNDS / COLD_ROUNDS; call++) {
          warm[where].push(await timed(() => invoke(lambda)))
        }
      }
    }
    return {
      bareNodeMs: median(bareMsEach),
      coldOutsideMs: median(cold.outside),
      coldInsideMs: median(cold.inside),
      warmOutsideMs: median(warm.outside),
      warmInsideMs: median(warm.inside),
    }
  } finally {
    await isthmus.close()
  }
}

async function createPrivateSubnet(isthmus: Isthmus): Promise<Placement> {
  const target = clientSettings(isthmus, isthmus.administrator('target'))
  const ec2 = new EC2Client(target)
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: '10.0.1.0/24' }))
  const { GroupId = '' } = await ec2.send(
    new CreateSecurityGroupCommand({ VpcId: Vpc?.VpcId, GroupName: 'functions', Description: 'functions' }),
  )
  const rule = { GroupId, IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '10.0.0.0/16' }
  await ec2.send(new AuthorizeSecurityGroupIngressCommand(rule))
  await new IAMClient(target).send(new AttachRolePolicyCommand({ RoleName: ROLE_NAME, PolicyArn: VPC_ACCESS }))
  return { SubnetIds: [Subnet?.SubnetId ?? ''], SecurityGroupIds: [GroupId] }
}

/** The next invocation is a cold one. */
async function move(client: LambdaClient, VpcConfig: Placement): Promise<void> {
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: FUNCTION_NAME, VpcConfig }))
  const wait = { client, maxWaitTime: 30, minDelay: 0.05, maxDelay: 0.1 }
  await waitUntilFunctionUpdatedV2(wait, { FunctionName: FUNCTION_NAME })
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
}

async function invoke(lambda: LambdaClient): Promise<void> {
  const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: FUNCTION_NAME }))
  if (FunctionError !== undefined) throw new Error(`the function failed: ${FunctionError}`)
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const begunMs = performance.now()
  await action()
  return performance.now() - begunMs
}

export function tableOf(measured: VpcFunctionMeasurements | undefined): string[] {
  if (measured === undefined) return ['FUNCTIONS IN A VPC: not measured, this machine has no namespaces for us']
  const { bareNodeMs, coldOutsideMs, coldInsideMs, warmOutsideMs, warmInsideMs } = measured
  return formatTable(
    [{ title: 'FUNCTIONS IN A VPC' }, { title: 'MS', align: 'right' }, { title: 'TO BARE NODE', align: 'right' }],
    [
      ['bare node, start to end, p50', bareNodeMs.toFixed(1), '1.00 ×'],
      ['cold Invoke outside, p50', coldOutsideMs.toFixed(1), `${(coldOutsideMs / bareNodeMs).toFixed(2)} ×`],
      ['cold Invoke inside, p50', coldInsideMs.toFixed(1), `${(coldInsideMs / bareNodeMs).toFixed(2)} ×`],
      ['warm Invoke outside, p50', warmOutsideMs.toFixed(2), ''],
      ['warm Invoke inside, p50', warmInsideMs.toFixed(2), ''],
    ],
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(tableOf(await run()).join('\n'))
