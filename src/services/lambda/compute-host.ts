/** What the data plane asks of Lambda: credentials of the execution role, a place for logs, the way back to AWS. */
import type { ComputeHost, FunctionImage, FunctionNetwork, RuntimeCommand } from '../../compute/compute.ts'
import { AwsError } from '../../core/aws-error.ts'
import { parseAccountId } from '../../core/account.ts'
import { parseRegion } from '../../core/region.ts'
import type { Clock } from '../../core/clock.ts'
import type { CallOperation } from '../cloud-service.ts'
import type { IdentityDirectory, RoleFacts, SessionDirectory } from '../directories.ts'
import { sessionName, type ExecutionCaller } from './execution-caller.ts'
import type { TrustsLambda } from './execution-role.ts'
import { createFunctionLogs, type FunctionLogs } from './function-logs.ts'
import { functionArn } from './function-name.ts'
import { ENVIRONMENT_SESSION_SECONDS } from './limits.ts'
import type { Target } from './target.ts'

export interface ComputeHostOptions {
  readonly identities: IdentityDirectory
  readonly callerOf: ExecutionCaller
  readonly trustsLambda: TrustsLambda
  readonly sessions: SessionDirectory
  readonly call: CallOperation
  readonly clock: Clock
  /** By how much the cloud's clock is ahead of the machine's, which functions run by. */
  readonly aheadMs: () => number
  readonly endpointUrl: (network: FunctionNetwork) => string
  readonly runtimeCommand: (runtime: string) => RuntimeCommand | undefined
  readonly notice: (message: string) => void
}

export function createComputeHost(options: ComputeHostOptions): {
  readonly host: ComputeHost
  readonly logs: FunctionLogs
} {
  const { identities, trustsLambda, sessions, clock, notice } = options

  function roleOf(image: FunctionImage): RoleFacts {
    const role = identities.role(image.roleArn)
    if (role && trustsLambda(role, targetOfImage(image))) return role
    throw new AwsError('AccessDeniedException', 'The role defined for the function cannot be assumed by Lambda.', {
      status: 403,
    })
  }

  const logs = createFunctionLogs({ call: options.call, clock, callerOf: options.callerOf, notice })
  const host: ComputeHost = {
    credentials(image) {
      const session = sessions.createServiceSession(roleOf(image), {
        sessionName: sessionName(image.functionName),
        durationSeconds: ENVIRONMENT_SESSION_SECONDS,
        sourceFunctionArn: functionArn(targetOfImage(image)),
      })
      const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs } = session
      return { accessKeyId, secretAccessKey, sessionToken, expiration: new Date(expiresAtMs - options.aheadMs()) }
    },
    // FIDELITY: when the cloud's clock is put forward, a function's own clock stays the machine's; its log events get the cloud's time.
    log: (image, stream, events) => {
      const aheadMs = options.aheadMs()
      const dated =
        aheadMs === 0 ? events : events.map((event) => ({ ...event, timestampMs: event.timestampMs + aheadMs }))
      logs.write(image, stream, dated)
    },
    awsEndpointUrl: ({ network }) => options.endpointUrl(network),
    runtimeCommand: options.runtimeCommand,
    notice,
  }
  return { host, logs }
}

function targetOfImage({ account, region, functionName }: FunctionImage): Target {
  return { account: parseAccountId(account), region: parseRegion(region), name: functionName }
}
