/**
 * Operations that run no code: reading one resource, and changing one durably, which waits for the disk. Beside a bare node:http that answers
 * `{}`, and the disk's own pace. Run directly: `npx tsx bench/control-plane.ts`.
 */
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { AddPermissionCommand, GetFunctionCommand, LambdaClient, RemovePermissionCommand } from '@aws-sdk/client-lambda'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { pathToFileURL } from 'node:url'
import { formatTable } from '../src/cli/terminal/table.ts'
import { startBareExchange } from './bare/bare-exchange.ts'
import { ACCOUNTS, startIsthmus } from './isthmus.ts'
import { type LoadFigures, startLoadGenerator } from './load/load.ts'
import { createCallee, FUNCTION_NAME, ROLE_NAME } from './scene.ts'
import { signedRequest } from './signed-request.ts'

export interface OperationMeasurement extends LoadFigures {
  readonly name: string
}

const CONNECTIONS = 16
const MEASURE_MS = 2000
const WARM_UP_MS = 1000
const ONE_HOP = 'GET /one-hop HTTP/1.1\r\nHost: bare\r\n\r\n'

export async function run(): Promise<readonly OperationMeasurement[]> {
  const isthmus = await startIsthmus({ durable: true })
  const bare = await startBareExchange({ children: 0 })
  const load = startLoadGenerator()
  try {
    await createCallee(isthmus)
    const keys = isthmus.administrator('target')
    const lambda = (command: object) => signedRequest(isthmus, keys, LambdaClient, command)
    const change = async (connection: number) => {
      const permission = { FunctionName: FUNCTION_NAME, StatementId: `statement-${connection}` }
      const grant = { ...permission, Action: 'lambda:InvokeFunction', Principal: ACCOUNTS.source }
      return [await lambda(new AddPermissionCommand(grant)), await lambda(new RemovePermissionCommand(permission))]
    }
    const always = (request: string) => Array.from({ length: CONNECTIONS }, () => [request])
    const measure = async (name: string, server: typeof isthmus | typeof bare, connections: readonly string[][]) => {
      const order = { port: server.port, connections, warmUpMs: WARM_UP_MS, measureMs: MEASURE_MS }
      return { name, ...(await load.run(order, server.pid)) }
    }
    const getRole = await signedRequest(isthmus, keys, IAMClient, new GetRoleCommand({ RoleName: ROLE_NAME }))
    const getCallerIdentity = await signedRequest(isthmus, keys, STSClient, new GetCallerIdentityCommand({}))
    const changes = await Promise.all(Array.from({ length: CONNECTIONS }, (_, connection) => change(connection)))
    return [
      await measure('bare node:http, no AWS', bare, always(ONE_HOP)),
      await measure('sts:GetCallerIdentity', isthmus, always(getCallerIdentity)),
      await measure('iam:GetRole', isthmus, always(getRole)),
      await measure(
        'lambda:GetFunction',
        isthmus,
        always(await lambda(new GetFunctionCommand({ FunctionName: FUNCTION_NAME }))),
      ),
      await measure('lambda:AddPermission and RemovePermission, durable', isthmus, changes),
    ]
  } finally {
    await Promise.all([load.close(), isthmus.close(), bare.close()])
  }
}

export function tableOf(measurements: readonly OperationMeasurement[]): string[] {
  return formatTable(
    [
      { title: `OPERATION, ${CONNECTIONS} CONNECTIONS` },
      { title: 'REQ/S', align: 'right' },
      { title: 'P50 MS', align: 'right' },
      { title: 'P99 MS', align: 'right' },
      { title: 'SERVER CPU US', align: 'right' },
    ],
    measurements.map(({ name, perSecond, p50Ms, p99Ms, serverCpuUs }) => [
      name,
      perSecond.toFixed(0),
      p50Ms.toFixed(2),
      p99Ms.toFixed(2),
      serverCpuUs.toFixed(0),
    ]),
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(tableOf(await run()).join('\n'))
