/**
 * Writes the flows that the data plane reports to the log groups of the flow logs they concern, as each log's role: a role that may not, or that
 * the flow logs service may not assume, has no records, and the log says so.
 */
import { AwsError } from '../../../core/aws-error.ts'
import type { Caller } from '../../caller.ts'
import { isAwsError, unlessExists } from '../../call-errors.ts'
import type { CallOperation } from '../../cloud-service.ts'
import type { IdentityDirectory, SessionDirectory } from '../../directories.ts'
import type { TrustsService } from '../../service-trust.ts'
import { resourceArn } from '../access.ts'
import { flowLine, type Flow } from './flow-log-format.ts'
import { FLOW_LOGS_SERVICE } from './flow-logs.ts'
import type { FlowLogRecord, NetworkInterfaceRecord } from '../records.ts'
import type { Ec2Service } from '../service.ts'

export type { Flow } from './flow-log-format.ts'

export interface FlowLogDelivery {
  /** Returns at once. Flows at interfaces that are gone, or that no log is about, are dropped. */
  record(flows: readonly Flow[]): void
  /** Resolves when everything recorded so far has been written or dropped. */
  settled(): Promise<void>
}

export interface FlowLogDeliveryOptions {
  readonly identities: IdentityDirectory
  readonly sessions: SessionDirectory
  readonly trustsService: TrustsService
  readonly call: CallOperation
}

/** Of one call of PutLogEvents. */
const BATCH_EVENTS_MAX = 1000
/** Of one log and stream, waiting to be written; what comes on top is dropped. */
const WAITING_EVENTS_MAX = 10_000

interface LogEvent {
  readonly timestamp: number
  readonly message: string
}

interface Stream {
  readonly logId: string
  readonly name: string
  waiting: LogEvent[]
  writing: Promise<void> | undefined
}

export function createFlowLogDelivery(ec2: Ec2Service, options: FlowLogDeliveryOptions): FlowLogDelivery {
  /** By log and stream. */
  const streams = new Map<string, Stream>()

  function add(log: FlowLogRecord, at: NetworkInterfaceRecord, flow: Flow): void {
    const name = `${at.id}-${log.trafficType.toLowerCase()}`
    const key = `${log.id}/${name}`
    let stream = streams.get(key)
    if (!stream) streams.set(key, (stream = { logId: log.id, name, waiting: [], writing: undefined }))
    if (stream.waiting.length < WAITING_EVENTS_MAX) {
      // FIDELITY: AWS gathers the flows of a minute or ten into one record; here every flow that is reported has its own, at once.
      stream.waiting.push({ timestamp: flow.endMs, message: flowLine(log.format, flow, at) })
    }
    stream.writing ??= write(stream).finally(() => streams.delete(key))
  }

  async function write(stream: Stream): Promise<void> {
    // What is reported in the same turn goes out together.
    await Promise.resolve()
    while (stream.waiting.length > 0) {
      const events = stream.waiting.splice(0, BATCH_EVENTS_MAX).sort((a, b) => a.timestamp - b.timestamp)
      const log = ec2.findAnywhere('vpc-flow-log', stream.logId)
      if (!log) return
      try {
        await put(log, stream.name, events)
        noteDelivery(log, undefined)
      } catch (error) {
        stream.waiting = []
        noteDelivery(log, error instanceof AwsError ? 'Access error' : 'Unknown error')
      }
    }
  }

  /** Makes the group and the stream where they are missing. */
  async function put(log: FlowLogRecord, logStreamName: string, logEvents: readonly LogEvent[]): Promise<void> {
    const caller = callerOf(log)
    const { logGroupName } = log
    const ask = (operation: string, input: object) => options.call(caller, 'logs', operation, input)
    const write = () => ask('PutLogEvents', { logGroupName, logStreamName, logEvents })
    try {
      await write()
    } catch (error) {
      if (!isAwsError(error, 'ResourceNotFoundException')) throw error
      await unlessExists(ask('CreateLogGroup', { logGroupName }))
      await unlessExists(ask('CreateLogStream', { logGroupName, logStreamName }))
      await write()
    }
  }

  function callerOf(log: FlowLogRecord): Caller {
    const { account, region, roleArn, id } = log
    const role = options.identities.role(roleArn)
    const source = { arn: resourceArn('vpc-flow-log', log, id), account }
    if (!role || !options.trustsService(FLOW_LOGS_SERVICE, role, { region, source })) {
      throw new AwsError('AccessDenied', `The role ${roleArn} cannot be assumed by ${FLOW_LOGS_SERVICE}`)
    }
    return {
      principal: options.sessions.rolePrincipal(role, id),
      account: role.account,
      region,
      requestId: ec2.ids.uuid(),
    }
  }

  function noteDelivery({ id }: FlowLogRecord, problem: string | undefined): void {
    const log = ec2.findAnywhere('vpc-flow-log', id)
    if (!log || log.deliveryError === problem) return
    const { deliveryError: _before, ...rest } = log
    ec2.put('vpc-flow-log', { ...rest, ...(problem !== undefined && { deliveryError: problem }) })
    // Nobody waits for this; what fails here fails again, and is told, at the next request.
    ec2.state.commit().catch(() => undefined)
  }

  return {
    record(flows) {
      for (const flow of flows) {
        const at = ec2.findAnywhere('network-interface', flow.networkInterfaceId)
        if (!at) continue
        const observed = [at.id, at.subnetId, at.vpcId]
        for (const log of ec2.list('vpc-flow-log', at)) {
          const isMeant = log.trafficType === 'ALL' || log.trafficType === flow.action
          if (isMeant && observed.includes(log.resourceId)) add(log, at, flow)
        }
      }
    },
    async settled() {
      await Promise.all([...streams.values()].map(({ writing }) => writing ?? Promise.resolve()))
    },
  }
}
