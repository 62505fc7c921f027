/** Lambda: the control plane of functions, and Invoke. See README.md. */
import type { Compute, ComputeHost, FunctionNetwork } from '../../compute/compute.ts'
import { AwsError } from '../../core/aws-error.ts'
import { createAdmission } from '../../core/lambda-admission.ts'
import { loadPackage } from '../../core/load-package.ts'
import type { Blobs } from '../../state/blobs.ts'
import { serviceDescriptions } from '../../wire/service-description.ts'
import type { AllowsAction, AllowsOperation, CallOperation, CloudService, Foundations } from '../cloud-service.ts'
import type { IdentityDirectory, OrganizationDirectory, QuotaDirectory, SessionDirectory } from '../directories.ts'
import type { MetricSink } from '../metrics.ts'
import type { Ec2Network } from '../ec2/index.ts'
import { bindOperations } from '../operation.ts'
import { createAccountConcurrency } from './concurrency/account-concurrency.ts'
import { accountSettings } from './account-settings.ts'
import { aliases } from './aliases.ts'
import { createAsyncInvocations } from './asynchronous/async-invocations.ts'
import { codeSigning } from './code/code-signing.ts'
import { createCodeStore } from './code/code.ts'
import { createComputeHost } from './compute-host.ts'
import { createFunction } from './create-function.ts'
import { createEventInvokeConfigs } from './asynchronous/event-invoke-config-store.ts'
import { eventInvokeConfigs } from './asynchronous/event-invoke-configs.ts'
import { createExecutionCaller } from './execution-caller.ts'
import { createTrustsLambda } from './execution-role.ts'
import { createFunctionStore } from './function-store.ts'
import { functionUpdates } from './function-updates.ts'
import { functions } from './functions.ts'
import { invoke } from './invocation/invoke.ts'
import { invokeWithResponseStream } from './invocation/invoke-with-response-stream.ts'
import { createInvoker } from './invocation/invoker.ts'
import { layerPermissions } from './layers/layer-permissions.ts'
import { createLayerStore } from './layers/layer-store.ts'
import { layers } from './layers/layers.ts'
import { ENVIRONMENT_IDLE_MS_MAX } from './limits.ts'
import { createOutcomes } from './asynchronous/outcomes.ts'
import { permissions } from './policies/permissions.ts'
import { provisionedConcurrency } from './concurrency/provisioned-concurrency.ts'
import { createProvisionedStore } from './concurrency/provisioned-store.ts'
import { createProvisioning } from './concurrency/provisioning.ts'
import { recursionConfig } from './invocation/recursion-config.ts'
import { resourcePolicies } from './policies/resource-policies.ts'
import { reservedConcurrency } from './concurrency/reserved-concurrency.ts'
import { createLambdaMetrics } from './metrics.ts'
import type { LambdaService } from './service.ts'
import { tags } from './tags.ts'
import { targetOfArn } from './target.ts'
import { createTraceSampler } from './invocation/tracing.ts'
import { createFunctionUrls, type FunctionUrls } from './urls/function-urls.ts'
import { functionUrlConfigs } from './urls/url-configs.ts'
import { createUrlStore } from './urls/url-store.ts'
import { createTransitions } from './transitions.ts'
import { createVpcConnections } from './vpc/vpc-connections.ts'
import { versions } from './versions.ts'

export interface LambdaOptions extends Foundations {
  readonly identities: IdentityDirectory
  readonly organizations: OrganizationDirectory
  readonly sessions: SessionDirectory
  readonly quotas: QuotaDirectory
  readonly ec2: Ec2Network
  /** Resolves when the data plane carries what EC2 has. */
  readonly networkSettled: () => Promise<void>
  readonly call: CallOperation
  readonly allows: AllowsOperation
  readonly allowsAction: AllowsAction
  readonly blobs: Blobs
  readonly metrics: MetricSink
  /** A private folder for unpacked packages; emptied on close. */
  readonly workDirectory: string
  readonly codeLocation: (sha256: string) => string
  readonly functionUrl: (id: string, region: string) => Promise<string>
  readonly createCompute: (host: ComputeHost) => Compute
  /** By how much the cloud's clock is ahead of the machine's. */
  readonly aheadMs: () => number
  /** Where functions that are in no place of the network find AWS. */
  readonly endpointUrl: (network: FunctionNetwork) => string
  /** The project's own interpreter for a runtime. */
  readonly runtimeExecutable: (runtime: string) => string | undefined
  readonly notice: (message: string) => void
}

export interface Lambda {
  readonly service: CloudService
  readonly functionUrls: FunctionUrls
  /** Takes up pending functions and undelivered events. */
  start(): void
  /** Puts everything down, so that the state can be replaced; `start` follows. */
  stop(): Promise<void>
  /** The clock was put forward: environments that were idle for so long would be gone. */
  timePassed(ms: number): void
  /** The interface by which a version in a VPC is attached; undefined of others. */
  networkInterfaceOf(functionArn: string, version: string): string | undefined
  /** Stops for good, with every execution environment. */
  close(): Promise<void>
}

export function createLambda(options: LambdaOptions): Lambda {
  const { state, clock, ids, identities, quotas, call, notice } = options
  const runtimeCommand = (runtime: string) => {
    const command = options.runtimeExecutable(runtime)
    return command === undefined ? undefined : { command, args: [] }
  }
  const onFailure = (error: unknown) => {
    notice(`Lambda could not finish what it had accepted: ${error instanceof Error ? error.message : String(error)}`)
  }
  const trustsLambda = createTrustsLambda(options)
  const callerOf = createExecutionCaller(options)
  const { host, logs } = createComputeHost({ ...options, callerOf, trustsLambda, runtimeCommand })
  const compute = options.createCompute(host)
  const store = createFunctionStore(state)
  const code = createCodeStore({ blobs: options.blobs, directory: options.workDirectory, ids })
  const provisioned = createProvisionedStore(state)
  const accountConcurrency = createAccountConcurrency({ store, provisioned, quotas })
  const vpcConnections = createVpcConnections({ ...options, store })
  const metrics = createLambdaMetrics({ sink: options.metrics, accountConcurrency, clock })
  const invoker = createInvoker({
    store,
    code,
    compute,
    admission: createAdmission(),
    accountConcurrency,
    vpcConnections,
    metrics,
    clock,
    ids,
    onIdleInvoked: (version) => transitions.restore(version),
  })
  const provisioning = createProvisioning({ store, provisioned, invoker, state, onFailure })
  const transitions = createTransitions({ store, invoker, vpcConnections, state, clock, ids, onFailure })
  const configs = createEventInvokeConfigs(state)
  const outcomes = createOutcomes({ configs, callerOf, call, metrics, clock, notice })
  const asyncInvocations = createAsyncInvocations({
    store,
    configs,
    invoker,
    outcomes,
    metrics,
    state,
    clock,
    onFailure,
  })

  const lambda: LambdaService = {
    store,
    identities,
    quotas,
    trustsLambda,
    layers: createLayerStore(state),
    urls: createUrlStore(state),
    organizations: options.organizations,
    code,
    transitions,
    vpcConnections,
    ec2: options.ec2,
    invoker,
    metrics,
    asyncInvocations,
    accountConcurrency,
    provisioned,
    provisioning,
    eventInvokeConfigs: configs,
    callerOf,
    allows: options.allows,
    allowsAction: options.allowsAction,
    traceSampler: createTraceSampler({ clock, ids }),
    call,
    clock,
    ids,
    runtimeCommand,
    codeLocation: options.codeLocation,
    functionUrl: options.functionUrl,
  }
  let passedMs = 0

  function retireAll(): void {
    for (const fn of store.all()) invoker.retire(fn.latest)
    for (const version of store.allVersions()) invoker.retire(version)
  }

  return {
    functionUrls: createFunctionUrls(lambda),
    service: {
      description: serviceDescriptions.lambda,
      operations: bindOperations(lambda, [
        createFunction,
        functions,
        functionUpdates,
        versions,
        aliases,
        permissions,
        resourcePolicies,
        invoke,
        invokeWithResponseStream,
        reservedConcurrency,
        provisionedConcurrency,
        eventInvokeConfigs,
        recursionConfig,
        tags,
        accountSettings,
        codeSigning,
        layers,
        layerPermissions,
        functionUrlConfigs,
      ]),
      loadSdk: () => loadPackage('@aws-sdk/client-lambda'),
      loadConstraints: async () => (await import('../../wire/constraints/lambda.ts')).constraints,
      accessDenied: (message) => new AwsError('AccessDeniedException', message, { status: 403 }),
    },
    start() {
      transitions.resume()
      asyncInvocations.resume()
      provisioning.resume()
      compute.warmUp()
    },
    async stop() {
      transitions.stop()
      asyncInvocations.stop()
      provisioning.stop()
      // Their functions go, or are others by the same name.
      retireAll()
      await logs.flush()
    },
    networkInterfaceOf(arn, qualifier) {
      const version = store.resolve({ ...targetOfArn(arn), qualifier })?.version
      return version && vpcConnections.interfacesOf(version)[0]
    },
    timePassed(ms) {
      // In steps, too: the sessions of environments end by the cloud's clock, and their idle time is measured by the machine's.
      passedMs += ms
      if (passedMs < ENVIRONMENT_IDLE_MS_MAX) return
      passedMs = 0
      retireAll()
      // Environments that are kept were replaced meanwhile.
      provisioning.resume()
    },
    async close() {
      transitions.stop()
      asyncInvocations.stop()
      await compute.close()
      await asyncInvocations.settled()
      await logs.flush()
      code.close()
    },
  }
}
