/** Runs one invocation of a resolved function: chooses the version, admits it, and hands the image to the data plane. */
import { AwsError } from '../../../core/aws-error.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Ids } from '../../../core/ids.ts'
import type {
  Compute,
  FunctionImage,
  Invocation,
  InvocationResult,
  ProvisionStatus,
  ResponseSink,
} from '../../../compute/compute.ts'
import { HostCapacityError } from '../../../compute/host-capacity-error.ts'
import type { Admission, Verdict } from '../../../core/lambda-admission.ts'
import { scopeOf } from '../../../state/state.ts'
import type { CodeStore } from '../code/code.ts'
import type { AccountConcurrency } from '../concurrency/account-concurrency.ts'
import type { FunctionStore, Resolved } from '../function-store.ts'
import { LATEST } from '../function-name.ts'
import type { LambdaMetrics } from '../metrics.ts'
import type { Target } from '../target.ts'
import { traced } from './tracing.ts'
import type { VersionRecord } from '../records.ts'
import { invokeRefusal, notReady } from '../vpc/vpc-connection.ts'
import type { VpcConnections } from '../vpc/vpc-connections.ts'

export interface HowToRun {
  readonly type: 'synchronous' | 'asynchronous'
  /** The response goes there while the function writes it. */
  readonly sink?: ResponseSink
  /** It is not throttled: told before `run` returns its promise. */
  readonly onAdmitted?: () => void
}

export interface Invoker {
  /**
   * The version that this invocation runs: a weighted alias draws. Throws ResourceConflictException while it cannot be invoked, and what
   * Invoke answers for a function without its connection to the VPC; one that is idle is then being restored.
   */
  choose(target: Target, resolved: Resolved): VersionRecord
  /**
   * Throws TooManyRequestsException, and ServiceException when this machine has no room for another environment.
   */
  run(
    target: Target,
    resolved: Resolved,
    version: VersionRecord,
    invocation: Invocation,
    how: HowToRun,
  ): Promise<InvocationResult>
  /** Keeps so many environments of the version initialised; 0 gives them up. `changed` is told of each step. */
  provision(version: VersionRecord, count: number, changed: (status: ProvisionStatus) => void): Promise<void>
  /** No new invocation will run as this version. */
  retire(version: VersionRecord): void
  /** Of a version in a VPC; when the cloud started, where it has not been invoked since. */
  lastInvokedMs(version: VersionRecord): number
}

export function createInvoker(options: {
  readonly store: FunctionStore
  readonly code: CodeStore
  readonly compute: Compute
  readonly admission: Admission
  readonly accountConcurrency: AccountConcurrency
  readonly vpcConnections: VpcConnections
  readonly metrics: LambdaMetrics
  readonly clock: Clock
  readonly ids: Ids
  /** An idle version was invoked. */
  readonly onIdleInvoked: (version: VersionRecord) => void
}): Invoker {
  const { store, code, compute, admission, accountConcurrency, vpcConnections, metrics, clock, ids } = options
  const startedMs = clock.now()
  /** By deployment, of versions in a VPC. */
  const lastInvoked = new Map<string, number>()
  const images = new WeakMap<VersionRecord, FunctionImage>()
  /** By deployment: environments that were initialised ahead and are there. */
  const provisioned = new Map<string, number>()

  async function imageOf(version: VersionRecord): Promise<FunctionImage> {
    const [codeDirectory, ...layerDirectories] = await Promise.all([
      code.unpack(version.code.sha256),
      ...(version.settings.layers ?? []).map((layer) => code.unpack(layer.code.sha256)),
    ])
    const image = functionImage(version, { codeDirectory, layerDirectories }, vpcConnections.interfacesOf(version))
    images.set(version, image)
    return image
  }

  return {
    choose(target, { fn, version, alias }) {
      const additional = alias?.additional
      const drawn =
        additional && ids.fraction() < additional.weight
          ? (store.version(target, additional.version) ?? version)
          : version
      // Until an update is complete, invocations run what was there before.
      const chosen = drawn.version === LATEST ? (fn.serving ?? drawn) : drawn
      if (chosen.state === 'Pending') {
        throw new AwsError(
          'ResourceConflictException',
          'The operation cannot be performed at this time. The function is currently in the following state: Pending',
        )
      }
      if (chosen.state === 'Active') return chosen
      if (chosen.state === 'Inactive') options.onIdleInvoked(chosen)
      throw chosen.failure ? invokeRefusal(chosen.failure) : notReady()
    },

    async run(target, { fn, alias }, version, invocation, { type, sink, onAdmitted }) {
      const measured = { ...target, executed: { version: version.version, isOfAlias: alias !== undefined } }
      const provisionedCount = provisioned.get(version.deploymentId) ?? 0
      const verdict = admission.arrive(
        {
          scope: scopeOf(fn.account, fn.region),
          functionName: fn.name,
          version: version.deploymentId,
          isSynchronous: type === 'synchronous',
          accountLimit: accountConcurrency.limit(fn),
          reserved: fn.reservedConcurrency,
          provisioned: provisionedCount,
          unreserved: {
            floor: accountConcurrency.unreservedFloor(fn),
            count: () => accountConcurrency.unreserved(fn),
          },
          environmentsPerInterval: accountConcurrency.environmentsPerInterval(fn),
        },
        clock.now(),
      )
      if ('reason' in verdict) {
        metrics.throttled(measured)
        throw throttled(verdict)
      }
      onAdmitted?.()
      const ended = metrics.began(measured, { runsIn: verdict.ticket.runsIn, provisioned: provisionedCount })
      if (version.settings.vpc) lastInvoked.set(version.deploymentId, clock.now())
      const leave = (result?: InvocationResult) => {
        admission.leave(verdict.ticket, clock.now())
        ended(result && { durationMs: result.durationMs, isError: result.functionError !== undefined })
      }
      try {
        const image = images.get(version) ?? (await imageOf(version))
        const sent = traced(invocation, version, ids)
        const result = await (sink ? compute.invokeStream(image, sent, sink) : compute.invoke(image, sent))
        if (result.ended === undefined) leave(result)
        else void result.ended.then(() => leave(result))
        return result
      } catch (error) {
        leave()
        // FIDELITY: AWS has no such limit; the nearest answer is its own internal failure.
        if (error instanceof HostCapacityError) throw new AwsError('ServiceException', error.message, { cause: error })
        throw error
      }
    },

    async provision(version, count, changed) {
      const { deploymentId } = version
      if (count === 0) provisioned.delete(deploymentId)
      const image = images.get(version) ?? (await imageOf(version))
      compute.provision(image, count, (status) => {
        provisioned.set(deploymentId, status.available)
        changed(status)
      })
    },

    retire(version) {
      compute.retire(version.deploymentId)
      provisioned.delete(version.deploymentId)
      lastInvoked.delete(version.deploymentId)
    },

    lastInvokedMs: ({ deploymentId, lastModifiedMs }) =>
      lastInvoked.get(deploymentId) ?? Math.max(startedMs, lastModifiedMs),
  }
}

function throttled({ reason, retryAfterSeconds }: Extract<Verdict, { reason: unknown }>): AwsError {
  return new AwsError('TooManyRequestsException', 'Rate Exceeded.', { fields: { Reason: reason, retryAfterSeconds } })
}

function functionImage(
  version: VersionRecord,
  directories: Pick<FunctionImage, 'codeDirectory' | 'layerDirectories'>,
  networkInterfaceIds: readonly string[],
): FunctionImage {
  const { settings } = version
  return {
    key: version.deploymentId,
    account: version.account,
    region: version.region,
    functionName: version.functionName,
    version: version.version,
    runtime: settings.runtime,
    handler: settings.handler,
    ...directories,
    memoryMb: settings.memoryMb,
    timeoutMs: settings.timeoutSeconds * 1000,
    ephemeralStorageMb: settings.ephemeralStorageMb,
    environment: settings.environment ?? {},
    roleArn: settings.roleArn,
    logGroup: settings.logging.group,
    logFormat: settings.logging.format,
    ...(settings.logging.applicationLevel && { applicationLogLevel: settings.logging.applicationLevel }),
    ...(settings.logging.systemLevel && { systemLogLevel: settings.logging.systemLevel }),
    initializationType: 'on-demand',
    network: networkInterfaceIds.length > 0 ? { kind: 'vpc', networkInterfaceIds } : { kind: 'lambda-service' },
  }
}
